"""The interpreter pauses for less than a frame."""

import gc
import sys

from app.pauses import collect_only_what_is_new, hand_over_often


def test_work_lets_painting_go_on_within_a_millisecond() -> None:
    before_s = sys.getswitchinterval()
    try:
        hand_over_often()
        assert sys.getswitchinterval() <= 0.001
    finally:
        sys.setswitchinterval(before_s)


def test_what_the_program_is_made_of_is_not_collected_again_and_again() -> None:
    lasting: list[list[int]] = [[]]
    try:
        collect_only_what_is_new()
        looked_at = {id(each) for each in gc.get_objects()}
        assert id(lasting) not in looked_at
        assert len(looked_at) < 1000
    finally:
        gc.unfreeze()
