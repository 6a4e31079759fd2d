"""Which stage a network serves, told by the names of its stems."""

import pytest

from engine.errors import BadCheckpointError
from engine.stems import leaves_voice, ost_and_bgm, service, voice_stem


@pytest.mark.parametrize(
    ("stems", "remainder", "stage"),
    [
        (("drums", "bass", "other", "vocals"), "", "separator"),
        (("Vocals",), "", "separator"),
        (("dialog", "music"), "", "separator"),
        (("other",), "vocals", "separator"),
        (("Instrumental",), "", "separator"),
        (("music1", "music2"), "", "mixed_music"),
        (("drums", "other"), "vocals", "separator"),
    ],
)
def test_stems_decide(stems: tuple[str, ...], remainder: str, stage: str) -> None:
    assert service(stems, remainder).stage == stage


@pytest.mark.parametrize(
    ("stems", "wanted", "words"),
    [
        (("kick", "snare", "toms"), "", "no voice, and not two musics"),
        (("other",), "", "no voice"),
        (("music1", "music2"), "separator", "no voice"),
        (("vocals",), "mixed_music", "two pieces of music"),
        (("vocals", "other"), "speech", "cannot serve the stage speech"),
    ],
)
def test_what_cannot_serve_is_refused(stems: tuple[str, ...], wanted: str, words: str) -> None:
    with pytest.raises(BadCheckpointError, match=words) as caught:
        service(stems, wanted=wanted)
    assert "--stems" in caught.value.hint


def test_a_voice_is_found_or_left_never_both() -> None:
    assert voice_stem(("music", "Speech ", "vocals")) == "Speech "
    assert not leaves_voice(("vocals",), "vocals")
    assert not leaves_voice(("drums", "instrumental"), "")


@pytest.mark.parametrize(
    ("stems", "told"),
    [
        (("ost", "bgm"), ("ost", "bgm")),
        (("BGM", " Ost"), (" Ost", "BGM")),
        (("music1", "music2"), ()),
        (("ost", "music"), ()),
        (("ost", "OST"), ()),
        (("ost", "bgm", "bgm"), ()),
    ],
)
def test_only_both_names_tell_which_music_is_which(
    stems: tuple[str, ...], told: tuple[str, ...]
) -> None:
    assert ost_and_bgm(stems) == told
    assert bool(told) == (len(stems) == 2 and "original music" in service(stems[:2]).words)
