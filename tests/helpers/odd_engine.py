"""Programs that are no engine, or not ours: started as the engine's command, first word the way."""

import os
import sys
import time

from engine.protocol import PROTOCOL_VERSION, Hello, Leaving, PipeEnd, Started, encode


def main(way: str, handle: int) -> None:
    """Misbehave in one way."""
    pipe = PipeEnd(handle)
    if way == "exit":
        sys.exit(3)
    if way == "silence":
        time.sleep(600)
    version = PROTOCOL_VERSION + (way == "other version")
    pipe.send_bytes(b"hi there" if way == "no greeting" else encode(Hello(version, os.getpid())))
    if way == "garbage":
        pipe.send_bytes(bytes(range(256)))
    if way == "leaving":
        pipe.send_bytes(encode(Started(1)))
        pipe.send_bytes(encode(Leaving("tired")))
        return
    if way == "no frame":
        os.write(handle, b"\x7f\xff\xff\xff" + bytes(1000))
    time.sleep(600)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[sys.argv.index("--pipe") + 1]))
