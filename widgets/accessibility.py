"""Help for people who hear the window instead of seeing it."""

from PySide6.QtCore import QObject
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QWidget


def describe(widget: QWidget, name: str, description: str = "") -> None:
    """Give a control the name and the description that a screen reader speaks."""
    widget.setAccessibleName(name)
    widget.setAccessibleDescription(description)


def announce(source: QObject, text: str) -> None:
    """Have a screen reader speak now, without moving the focus; silent when none runs."""
    if QAccessible.isActive():
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(source, text))
