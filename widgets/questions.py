"""Questions to the user; nothing is done here. Tab, arrows, Enter and Esc answer them."""

from enum import StrEnum

from PySide6.QtWidgets import QInputDialog, QMessageBox, QWidget

from engine.translation import tr


class Unfinished(StrEnum):
    """What is to become of unfinished work."""

    KEEP = "keep"
    SAVE = "save"
    DISCARD = "discard"


class Recovery(StrEnum):
    """What is to become of work that was left behind."""

    BRING_BACK = "back"
    ASK_LATER = "later"
    START_EMPTY = "empty"


def ask_unfinished(parent: QWidget, reasons: str, *, can_save: bool) -> Unfinished:
    """Ask whether unfinished work may go; Esc keeps it, S saves it first, D lets it go.

    Enter saves where there is something to save, else it keeps.

    Args:
        parent: The window.
        reasons: Sentences that say what would be lost.
        can_save: There are changes that a project file would keep.
    """
    box = QMessageBox(parent)
    # A system's own box may not be answered by keys alone.
    box.setOption(QMessageBox.Option.DontUseNativeDialog)
    box.setIcon(QMessageBox.Icon.Warning)
    box.setWindowTitle("Reprise")
    box.setText(tr("Leave unfinished work?"))
    box.setInformativeText(reasons)
    discard = box.addButton(tr("&Discard"), QMessageBox.ButtonRole.DestructiveRole)
    cancel = box.addButton(tr("Cancel"), QMessageBox.ButtonRole.RejectRole)
    save = box.addButton(tr("&Save"), QMessageBox.ButtonRole.AcceptRole) if can_save else None
    box.setDefaultButton(save or cancel)
    box.setEscapeButton(cancel)
    box.exec()
    box.deleteLater()
    clicked = box.clickedButton()
    if clicked == discard:
        return Unfinished.DISCARD
    return Unfinished.SAVE if save is not None and clicked == save else Unfinished.KEEP


def ask_recover(parent: QWidget, name: str, left: str) -> Recovery:
    """Ask whether to bring unsaved work back; Enter brings it back, Esc leaves the question open.

    Args:
        parent: The window.
        name: Of what was worked on.
        left: When it was left, in words.
    """
    box = QMessageBox(parent)
    box.setOption(QMessageBox.Option.DontUseNativeDialog)
    box.setIcon(QMessageBox.Icon.Question)
    box.setWindowTitle("Reprise")
    box.setText(tr("Bring unsaved work back?"))
    box.setInformativeText(
        tr(
            "Reprise did not end as it should. {name} was last worked on {left}.",
            name=name,
            left=left,
        )
    )
    back = box.addButton(tr("&Bring back"), QMessageBox.ButtonRole.AcceptRole)
    later = box.addButton(tr("Ask &later"), QMessageBox.ButtonRole.RejectRole)
    empty = box.addButton(tr("Start &empty"), QMessageBox.ButtonRole.DestructiveRole)
    box.setDefaultButton(back)
    box.setEscapeButton(later)
    box.exec()
    box.deleteLater()
    clicked = box.clickedButton()
    if clicked == back:
        return Recovery.BRING_BACK
    return Recovery.START_EMPTY if clicked == empty else Recovery.ASK_LATER


def ask_marker_text(parent: QWidget, question: str, text: str) -> str | None:
    """Ask for the words of a marker or a note; None when the user thinks better of it.

    Args:
        parent: The window.
        question: What is asked for.
        text: What it is now.
    """
    dialog = QInputDialog(parent)
    dialog.setWindowTitle("Reprise")
    dialog.setLabelText(question)
    dialog.setTextValue(text)
    is_given = bool(dialog.exec())
    dialog.deleteLater()
    return dialog.textValue().strip() or None if is_given else None
