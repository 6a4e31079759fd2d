"""Settings survive a restart, and a broken file costs nothing but the preferences in it."""

from pathlib import Path

import msgspec
import pytest

from app.settings import Settings, SettingsChange, SettingsStore
from engine.types import Quality


def test_every_change_is_found_again(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "settings.json"
    store = SettingsStore(path)
    assert (store.current, store.problem) == (Settings(), "")
    store.change(theme="light", last_folder=tmp_path / "ä ö")
    store.change(quality=Quality.BEST)
    again = SettingsStore(path).current
    assert again == Settings(theme="light", last_folder=tmp_path / "ä ö", quality=Quality.BEST)
    assert [p.name for p in path.parent.iterdir()] == ["settings.json"]


def test_who_listens_hears_of_what_is_another_one_now(tmp_path: Path) -> None:
    store, heard = SettingsStore(tmp_path / "settings.json"), list[SettingsChange]()
    store.listen(heard.append)
    store.change(quality=Quality.BEST, theme="dark")
    store.change(quality=Quality.BEST)
    store.remember(tmp_path / "a.mp4")
    assert [(change.before.quality, change.after.quality) for change in heard] == [
        (Quality.STANDARD, Quality.BEST),
        (Quality.BEST, Quality.BEST),
    ]
    assert heard[-1].after is store.current
    assert heard[-1].after.recent_files == (tmp_path / "a.mp4",)


def test_a_file_may_name_only_some(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text('{"engine_command": ["python3", "-m", "engine.worker"], "unknown": 1}')
    assert SettingsStore(path).current.engine_command == ("python3", "-m", "engine.worker")


@pytest.mark.parametrize(
    "content",
    [
        *("", "{", "[]", '{"theme": "pink"}', '{"version": 2}', '{"last_folder": 3}'),
        *('{"key_set": "vim"}', '{"own_keys": {"reprise": 3}}', '{"sound_device": null}'),
        *('{"sound_offsets_ms": {"": "late"}}', '{"sound_offsets_ms": {"": 1e400}}'),
    ],
)
def test_what_cannot_be_read_is_said_and_kept_beside(tmp_path: Path, content: str) -> None:
    path = tmp_path / "settings.json"
    path.write_text(content)
    store = SettingsStore(path)
    assert store.current == Settings()
    assert str(path) in store.problem
    store.change(theme="light")
    assert SettingsStore(path).current.theme == "light"
    assert (tmp_path / "settings.unreadable.json").read_text() == content


def test_nonsense_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    store = SettingsStore(tmp_path / "settings.json")
    with pytest.raises(msgspec.ValidationError):
        store.change(theme="pink")
    assert store.current == Settings()


def test_a_folder_that_cannot_be_written_does_not_stop_the_program(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("")
    store = SettingsStore(tmp_path / "file" / "settings.json")
    store.change(theme="light")
    assert store.current.theme == "light"
    assert "cannot write" in caplog.text
