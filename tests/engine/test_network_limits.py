"""Sizes that make no sense are refused by the name of their field."""

import pytest

from engine.errors import BadCheckpointError
from engine.network_limits import (
    require_chunk,
    require_demucs_sizes,
    require_plain_names,
    require_rate,
    require_sizes,
)

PUBLISHED: dict[str, object] = {
    "dim": 512,
    "depth": 12,
    "time_transformer_depth": 1,
    "freq_transformer_depth": 1,
    "heads": 8,
    "dim_head": 64,
    "num_stems": 6,
    "freqs_per_bands": [2] * 24 + [1001],
    "stft_n_fft": 2048,
    "stft_win_length": 2048,
    "stft_hop_length": 441,
}


def test_what_is_published_makes_sense() -> None:
    require_sizes(PUBLISHED)
    require_sizes({})
    require_demucs_sizes({"channels": 48, "depth": 4, "t_layers": 5, "lstm_layers": 0})
    require_rate(44_100)
    require_chunk(485_100, 44_100)
    require_plain_names(["vocals", "Drum-Bass", "no_reverb", "M&E", "music 2", "a+b", "b\u00e4sse"])


@pytest.mark.parametrize(
    "wrong", [0, -441, 10**12, pytest.param(10**5000, id="endless"), "8", 2.5, None, True]
)
@pytest.mark.parametrize(
    "field", [key for key in PUBLISHED if key != "freqs_per_bands"] + ["num_bands", "sample_rate"]
)
def test_every_size_is_looked_at(field: str, wrong: object) -> None:
    with pytest.raises(BadCheckpointError, match=field) as caught:
        require_sizes({**PUBLISHED, field: wrong})
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize("bands", [5, [2, 0], [2, -1], ["2"], [1] * 5000])
def test_bands_are_a_list_of_widths(bands: object) -> None:
    with pytest.raises(BadCheckpointError, match="freqs_per_bands"):
        require_sizes({"freqs_per_bands": bands})


def test_frames_follow_each_other_within_the_window() -> None:
    with pytest.raises(BadCheckpointError, match="stft_hop_length is 4096, more than stft_win"):
        require_sizes({**PUBLISHED, "stft_hop_length": 4096})


@pytest.mark.parametrize("field", ["depth", "t_layers", "channels", "nfft"])
@pytest.mark.parametrize("wrong", [-1, 10**9, float("nan")])
def test_sizes_of_a_demucs(field: str, wrong: float) -> None:
    with pytest.raises(BadCheckpointError, match=field):
        require_demucs_sizes({field: wrong})


@pytest.mark.parametrize("rate_hz", [0, 100, 99_999_999_999, "x"])
def test_rates_that_no_sound_has(rate_hz: object) -> None:
    with pytest.raises(BadCheckpointError, match="sample_rate"):
        require_rate(rate_hz)


@pytest.mark.parametrize("chunk_samples", [0, -1, 99_999_999_999_999])
def test_chunks_that_nobody_takes(chunk_samples: int) -> None:
    with pytest.raises(BadCheckpointError, match="chunk_size"):
        require_chunk(chunk_samples, 44_100)


@pytest.mark.parametrize(
    "name", ["../../x", "a/b", "a\\b", "..", "", " a", "a\n", "\x1b[2J", "x" * 99]
)
def test_names_that_are_no_names(name: str) -> None:
    with pytest.raises(BadCheckpointError, match="no plain name"):
        require_plain_names(["vocals", name])
