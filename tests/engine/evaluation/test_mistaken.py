"""The benchmark of songs that sound alike: what is alike, and what it counts."""

import numpy as np
import pytest

from engine.evaluation import mistaken
from engine.evaluation.lookalikes import BANDS, song

SYNTHESISER = BANDS["synthesiser"]


def test_songs_of_a_band_share_their_drums_and_nothing_else() -> None:
    one, other, again = (song(SYNTHESISER, 4.0, seed) for seed in (1, 2, 1))
    assert one.shape == (2, 4 * 44_100)
    assert np.array_equal(one, again)
    alike = float(np.corrcoef(one.mean(0), other.mean(0))[0, 1])
    assert 0.2 < alike < 0.98


@pytest.mark.long
def test_the_report_counts_what_is_named() -> None:
    *lines, wrong = mistaken.report(mistaken.measure((-6.0,), ["synthesiser"]))
    assert lines == [
        "| band | nothing laid | -6 dB |\n",
        "| --- | --- | --- |\n",
        "| synthesiser | 0/2 named | 2/2 |\n",
        "| **all** | 0/2 named | 2/2 |\n",
    ]
    assert wrong.endswith("laid: 0\n")
