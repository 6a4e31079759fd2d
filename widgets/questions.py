"""Questions to the user; nothing is done here. Tab, arrows, Enter and Esc answer them."""

from PySide6.QtWidgets import QMessageBox, QWidget


def ask_discard(parent: QWidget, reasons: str) -> bool:
    """Ask whether unfinished work may go; Enter and Esc keep it, D lets it go.

    Args:
        parent: The window.
        reasons: Sentences that say what would be lost.
    """
    box = QMessageBox(parent)
    # A system's own box may not be answered by keys alone.
    box.setOption(QMessageBox.Option.DontUseNativeDialog)
    box.setIcon(QMessageBox.Icon.Warning)
    box.setWindowTitle("Reprise")
    box.setText("Discard unfinished work?")
    box.setInformativeText(reasons)
    discard = box.addButton("&Discard", QMessageBox.ButtonRole.DestructiveRole)
    cancel = box.addButton("Cancel", QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(cancel)
    box.setEscapeButton(cancel)
    box.exec()
    box.deleteLater()
    return box.clickedButton() == discard
