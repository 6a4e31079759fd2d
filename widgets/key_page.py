"""The page of the settings on which keys are chosen."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from engine.translation import tr
from widgets.accessibility import announce, describe
from widgets.control_manners import mind_manners
from widgets.key_field import KeyField
from widgets.key_sets import (
    KEY_SET_TITLES,
    KeyCommand,
    KeySetName,
    key_commands,
    key_map,
    menu_keys,
    native,
    owner,
)
from widgets.styling import button, label

_COLUMNS = (tr("Command"), tr("Menu"), tr("Keys"), "")
_NAME_ROLE = Qt.ItemDataRole.UserRole
_HINT = tr("Choose a command and press Enter, then press its new key.")


@dataclass(frozen=True, slots=True)
class KeysView:
    """The keys as they are.

    Attributes:
        set_name: The set.
        own: What the user has instead, by command.
    """

    set_name: KeySetName = KeySetName.REPRISE
    own: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def keys(self) -> dict[str, tuple[str, ...]]:
        """The keys of every command."""
        return key_map(self.set_name, self.own)


class KeyPage(QWidget):
    """Lists all commands with their keys; whoever listens changes them and shows the new view.

    Signals:
        set_chosen: Name of a set.
        key_chosen: A command, and the key that it gets instead of what it had.
        keys_removed: A command that shall have no key.
        reset_requested: A command that shall have the keys of the set again.
        reset_all_requested: All commands shall.
    """

    set_chosen = Signal(str)
    key_chosen = Signal(str, str)
    keys_removed = Signal(str)
    reset_requested = Signal(str)
    reset_all_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._view = KeysView()
        self._commands = {command.name: command for command in key_commands()}
        self._items = [_item(command) for command in self._commands.values()]
        self._wanted = ("", "")
        self._sets = QComboBox()
        mind_manners(self._sets)
        for name, title in KEY_SET_TITLES.items():
            self._sets.addItem(title, name.value)
        self._filter = QLineEdit()
        self._filter.setProperty("kind", "find")
        self._filter.setPlaceholderText(tr("Find a command or a key"))
        self._filter.setClearButtonEnabled(True)
        self._list = self._make_list()
        self._field = KeyField()
        self._remove = button(
            tr("No key"), name=tr("No key"), description=tr("Take its keys away.")
        )
        self._reset = button(
            tr("Reset"), name=tr("Reset the key"), description=tr("As the set has it.")
        )
        self._reset_all = button(
            tr("Reset all"), name=tr("Reset all keys"), description=tr("As in the set.")
        )
        self._words = label(_HINT, "dim", wrap=True)
        self._take = button(tr("Take it"), description=tr("Give the key to the chosen command."))
        self._leave = button(tr("Leave it"), description=tr("Everything stays as it is."))
        describe(self._sets, tr("Key set"), tr("Which program the keys are like."))
        describe(self._filter, tr("Find a command or a key"))
        self._arrange()
        self._connect()
        self._ask("")
        self.show_view(self._view)

    @property
    def view(self) -> KeysView:
        """What is shown."""
        return self._view

    def show_view(self, view: KeysView) -> None:
        """Show these keys."""
        self._view = view
        self._sets.setCurrentIndex(self._sets.findData(view.set_name.value))
        keys = view.keys
        for item in self._items:
            name = item.data(0, _NAME_ROLE)
            item.setText(2, ", ".join(native(key) for key in keys[name]) or tr("none"))
            item.setText(3, "changed" if name in view.own else "")
        self._reset_all.setEnabled(bool(view.own))
        self._on_current()

    def _make_list(self) -> QTreeWidget:
        result = QTreeWidget()
        result.setRootIsDecorated(False)
        result.setUniformRowHeights(True)
        result.setHeaderLabels(list(_COLUMNS))
        result.header().setSectionsMovable(False)
        result.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        result.header().setStretchLastSection(False)
        result.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        result.setTabKeyNavigation(False)
        result.addTopLevelItems(self._items)
        result.setCurrentItem(self._items[0])
        for column in (1, 2, 3):
            result.header().setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        describe(
            result, tr("Commands and their keys"), tr("Enter changes the key of the chosen one.")
        )
        return result

    def _arrange(self) -> None:
        top, bottom, question = QHBoxLayout(), QHBoxLayout(), QHBoxLayout()
        top.addWidget(label(tr("Keys as in")))
        top.addWidget(self._sets)
        top.addWidget(self._filter, 1)
        for control in (self._field, self._remove, self._reset):
            bottom.addWidget(control)
        bottom.addStretch(1)
        bottom.addWidget(self._reset_all)
        question.addWidget(self._words, 1)
        question.addWidget(self._take)
        question.addWidget(self._leave)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addLayout(top)
        layout.addWidget(self._list, 1)
        layout.addLayout(bottom)
        layout.addLayout(question)

    def _connect(self) -> None:
        self._sets.activated.connect(lambda: self.set_chosen.emit(self._sets.currentData()))
        self._filter.textChanged.connect(self._show_found)
        self._filter.returnPressed.connect(self._go_to_found)
        self._list.itemActivated.connect(lambda: self._field.wait())
        self._list.currentItemChanged.connect(lambda: self._on_current())
        self._field.key_pressed.connect(self._on_key)
        self._remove.clicked.connect(lambda: self.keys_removed.emit(self._chosen.name))
        self._reset.clicked.connect(self._on_reset)
        self._reset_all.clicked.connect(self.reset_all_requested)
        self._take.clicked.connect(self._on_take)
        self._leave.clicked.connect(lambda: self._ask(""))

    @property
    def _chosen(self) -> KeyCommand:
        item = self._list.currentItem() or self._items[0]
        return self._commands[item.data(0, _NAME_ROLE)]

    def _show_found(self, text: str) -> None:
        wanted = text.casefold()
        for item in self._items:
            words = " ".join(item.text(column) for column in range(3)).casefold()
            item.setHidden(wanted not in words)
        shown = self._shown
        if shown and self._list.currentItem() not in shown:
            self._list.setCurrentItem(shown[0])
        self._on_current()

    def _go_to_found(self) -> None:
        """Have the keyboard on the first command that was found."""
        if shown := self._shown:
            self._list.setCurrentItem(shown[0])
            self._list.setFocus()

    @property
    def _shown(self) -> list[QTreeWidgetItem]:
        return [item for item in self._items if not item.isHidden()]

    def _on_current(self) -> None:
        self._ask("")
        name, is_any = self._chosen.name, bool(self._shown)
        self._field.setEnabled(is_any)
        self._reset.setEnabled(is_any and name in self._view.own)
        self._remove.setEnabled(is_any and bool(self._view.keys[name]))

    def _on_key(self, key: str) -> None:
        """Take a key that is free; ask for one that is not."""
        command, has_it = self._chosen, owner(self._view.keys, key)
        menu = menu_keys().get(key)
        if menu is not None:
            self._ask(
                "",
                tr("{key} opens the menu {menu}; choose another key.", key=native(key), menu=menu),
            )
        elif has_it in (None, command.name):
            self.key_chosen.emit(command.name, key)
            self._ask("", f"{native(key)}: {command.text}.")
        else:
            self._wanted = (command.name, key)
            self._ask(
                tr(
                    "{key} is the key of “{command}”.",
                    key=native(key),
                    command=self._commands[has_it or ""].text,
                )
            )

    def _on_take(self) -> None:
        command, key = self._wanted
        loser = owner(self._view.keys, key) or ""
        self.key_chosen.emit(command, key)
        left = self._view.keys[loser]
        words = ", ".join(native(each) for each in left) if left else tr("no key")
        self._ask(
            "", tr("“{command}” has {keys} now.", command=self._commands[loser].text, keys=words)
        )
        self._list.setFocus()

    def _on_reset(self) -> None:
        command = self._chosen
        self.reset_requested.emit(command.name)
        if not self._view.keys[command.name]:
            self._ask(
                "",
                tr(
                    "“{command}” has no key: other commands have those of the set.",
                    command=command.text,
                ),
            )

    def _ask(self, question: str, words: str = _HINT) -> None:
        """Ask whether a key is to be taken from another command, or say something."""
        self._words.setText(question or words)
        for control in (self._take, self._leave):
            control.setVisible(bool(question))
        if question:
            self._take.setFocus()
        if question or words != _HINT:
            announce(self, question or words)


def _item(command: KeyCommand) -> QTreeWidgetItem:
    item = QTreeWidgetItem([command.text, command.menu, "", ""])
    item.setData(0, _NAME_ROLE, command.name)
    return item
