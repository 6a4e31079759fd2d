"""What this is, what is in it and under which licences, and where its source lies."""

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from engine.translation import tr
from widgets.accessibility import describe
from widgets.sheet import Sheet
from widgets.styling import button, label

_WHAT = tr("Gives a video its own sound back: takes added background music out.")
_READING = tr("The licences of what is inside are being read.")
_COLUMNS = (tr("Part"), tr("Version"), tr("Licence"), tr("Where it comes from"))


@dataclass(frozen=True, slots=True)
class PartView:
    """Something that is inside.

    Attributes:
        name: What it is called.
        version: Which one.
        licence: Its name, or names.
        home: Where it comes from; may be empty.
    """

    name: str
    version: str
    licence: str
    home: str = ""


@dataclass(frozen=True, slots=True)
class AboutView:
    """What the dialog says.

    Attributes:
        version: Of the program.
        licence: Of the program itself.
        source: Folder that holds its source.
        notes: Sentences about licences that bind more than the others.
        parts: What is inside; empty while it is read.
    """

    version: str
    licence: str
    source: Path
    notes: tuple[str, ...] = ()
    parts: tuple[PartView, ...] = ()


class AboutDialog(Sheet):
    """Shows it until it is closed; Esc closes it.

    Signals:
        folder_requested: pathlib.Path of the folder that holds the source.
    """

    folder_requested = Signal(Path)

    def __init__(self, view: AboutView, parent: QWidget) -> None:
        super().__init__(tr("About Reprise"), parent)
        self._notes = label(_READING, wrap=True)
        self._list = QTreeWidget()
        self._list.setRootIsDecorated(False)
        self._list.setUniformRowHeights(True)
        self._list.setHeaderLabels(list(_COLUMNS))
        self._list.header().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        describe(
            self._list, tr("What is inside"), tr("Part, version, licence, where it comes from.")
        )
        close = button(tr("Close"))
        close.clicked.connect(self.accept)
        show = button(tr("Open folder"), name=tr("Open folder of the source"))
        show.clicked.connect(lambda: self.folder_requested.emit(self._view.source))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 16)
        layout.setSpacing(12)
        layout.addWidget(label(tr("Reprise {version}", version=view.version), "title"))
        layout.addWidget(label(_WHAT, wrap=True))
        source = tr(
            "Its own licence is {licence}. Its source lies in {source}.",
            licence=view.licence,
            source=view.source,
        )
        layout.addWidget(label(source, wrap=True))
        layout.addWidget(self._notes)
        layout.addWidget(self._list, 1)
        buttons = QHBoxLayout()
        buttons.addWidget(show)
        buttons.addStretch(1)
        buttons.addWidget(close, 0, Qt.AlignmentFlag.AlignRight)
        layout.addLayout(buttons)
        self.resize(760, 560)
        self.show_view(view)

    def show_view(self, view: AboutView) -> None:
        """Show what has been read."""
        self._view = view
        self._list.clear()
        if not view.parts:
            return
        self._notes.setText("\n".join(view.notes))
        self._notes.setVisible(bool(view.notes))
        items = [QTreeWidgetItem([p.name, p.version, p.licence, p.home]) for p in view.parts]
        self._list.addTopLevelItems(items)
        self._list.setCurrentItem(items[0])
