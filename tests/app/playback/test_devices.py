"""Devices are found by name, and one that asks for nothing any more is gone."""

from collections.abc import Callable

import msgspec
import pytest

from app.playback import devices
from app.playback.devices import PortAudio, find_output, look_for_outputs, main, output_names
from app.playback.sound import BLOCK_S, CEASED_S, STEADY_BLOCKS, has_ceased

try:
    import sounddevice
except OSError:
    pytest.skip("PortAudio is not installed", allow_module_level=True)

SetDevices = Callable[..., None]


@pytest.fixture
def set_devices(monkeypatch: pytest.MonkeyPatch) -> SetDevices:
    """Have PortAudio see outputs by these names; a name in capitals does not open."""

    def apply(*names: str, channels: int = 2) -> None:
        seen = [
            {"name": name, "index": 3 + n, "hostapi": 1, "max_output_channels": channels}
            for n, name in enumerate(names)
        ]
        other_kind = {"name": "other", "index": 1, "hostapi": 0, "max_output_channels": 2}
        monkeypatch.setattr(sounddevice, "query_devices", lambda: [other_kind, *seen])

    class Default:
        hostapi = 1

    class Stream:
        def __init__(self, *, device: int, channels: int, dtype: str) -> None:
            found = next(d for d in sounddevice.query_devices() if d["index"] == device)
            if found["name"].isupper():
                raise sounddevice.PortAudioError("busy")

        def close(self) -> None:
            pass

    monkeypatch.setattr(sounddevice, "default", Default())
    monkeypatch.setattr(sounddevice, "OutputStream", Stream)
    return apply


def test_outputs_are_those_of_one_kind_without_the_default(set_devices: SetDevices) -> None:
    set_devices("usb", "default", "tv", "usb")
    assert output_names() == ("usb", "tv")
    set_devices("microphone", channels=0)
    assert output_names() == ()


@pytest.mark.parametrize(
    ("name", "number"),
    [("usb (hw:1,0)", 3), ("usb (hw:7,0)", 3), ("card (hw:2,0)", 4), ("card (hw:9,0)", None)],
)
def test_a_card_is_known_by_its_name_not_its_number(
    set_devices: SetDevices, name: str, number: int | None
) -> None:
    set_devices("usb (hw:1,0)", "card (hw:2,0)", "card (hw:3,0)")
    assert find_output(name) == number


def test_what_is_wanted_is_named_as_it_was_and_only_if_it_opens(set_devices: SetDevices) -> None:
    set_devices("usb (hw:1,0)", "tv", "BUSY")
    assert output_names("usb (hw:4,0)") == ("usb (hw:4,0)", "tv", "BUSY")
    assert output_names("BUSY") == ("usb (hw:1,0)", "tv")
    assert output_names("gone") == ("usb (hw:1,0)", "tv", "BUSY")


def test_a_process_of_its_own_writes_them(
    set_devices: SetDevices, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    set_devices('a "quoted" tv', "küche")
    main()
    names = msgspec.json.decode(capfdbinary.readouterr().out, type=list[str])
    assert names == ['a "quoted" tv', "küche"]


def test_looking_works_here_whatever_there_is() -> None:
    assert isinstance(look_for_outputs(), tuple)


@pytest.mark.parametrize("command", [("false",), ("echo", "nonsense"), ("/does/not/exist",)])
def test_looking_in_vain_finds_nothing(
    monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    monkeypatch.setattr(devices, "_LOOK_COMMAND", command)
    assert look_for_outputs() == ()


def test_port_audio_begins_anew_only_with_no_stream_open(monkeypatch: pytest.MonkeyPatch) -> None:
    began: list[str] = []
    monkeypatch.setattr(sounddevice, "_terminate", lambda: began.append("end"))
    monkeypatch.setattr(sounddevice, "_initialize", lambda: began.append("begin"))
    monkeypatch.setattr(devices, "_FRESH_S", -1.0)
    port_audio, stream = PortAudio(), object.__new__(sounddevice.OutputStream)
    port_audio.renew()
    assert began == []
    port_audio.keep(stream)
    port_audio.renew()
    assert began == []
    port_audio.let_go(stream)
    port_audio.renew()
    assert began == ["end", "begin"]
    monkeypatch.setattr(devices, "_FRESH_S", 100.0)
    port_audio.renew()
    assert began == ["end", "begin"]


def test_a_device_has_ceased_when_it_ran_steadily_and_asks_no_more() -> None:
    steady = [n * BLOCK_S for n in range(STEADY_BLOCKS)]
    assert not has_ceased(steady, steady[-1] + 0.9 * CEASED_S)
    assert has_ceased(steady, steady[-1] + 1.1 * CEASED_S)
    assert not has_ceased(steady[1:], steady[-1] + 10)
    assert not has_ceased([], 10.0)
