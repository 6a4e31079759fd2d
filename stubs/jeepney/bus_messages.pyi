from jeepney import Message

class DBus:
    def RequestName(self, name: str, flags: int = 0) -> Message: ...
    def AddMatch(self, rule: str) -> Message: ...

message_bus: DBus
