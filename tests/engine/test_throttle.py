"""Progress is thinned out, but neither its newest report nor a new stage gets lost."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.context import Progress
from engine.throttle import REPORTS_PER_S, ProgressThrottle


class Clock:
    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


@given(st.lists(st.floats(0, 0.2), min_size=1, max_size=200))
def test_one_stage_never_exceeds_the_rate_and_the_last_report_arrives(steps_s: list[float]) -> None:
    clock, sent_s, sent = Clock(), list[float](), list[Progress]()

    def send(progress: Progress) -> None:
        sent_s.append(clock.now_s)
        sent.append(progress)

    throttle = ProgressThrottle(send, clock)
    for done, step_s in enumerate(steps_s):
        clock.now_s += step_s
        throttle.report(Progress("stage", done, len(steps_s)))
    throttled = len(sent_s)
    throttle.flush()
    gaps_s = [b - a for a, b in pairwise(sent_s[:throttled])]
    assert all(gap_s >= 1 / REPORTS_PER_S - 1e-9 for gap_s in gaps_s)
    assert sent[0].done == 0
    assert sent[-1].done == len(steps_s) - 1
    assert [p.done for p in sent] == sorted({p.done for p in sent})


def test_a_new_stage_is_seen_at_once() -> None:
    sent: list[Progress] = []
    throttle = ProgressThrottle(sent.append, Clock())
    for stage in ("decode", "separator", "speech"):
        throttle.report(Progress(stage, 0, 10))
        throttle.report(Progress(stage, 1, 10))
    assert [(p.stage, p.done) for p in sent] == [("decode", 0), ("separator", 0), ("speech", 0)]


@pytest.mark.parametrize(("later_s", "expected"), [(0.01, [0]), (0.06, [0, 1])])
def test_a_held_report_goes_out_when_it_is_due(later_s: float, expected: list[int]) -> None:
    clock, sent = Clock(), list[Progress]()
    throttle = ProgressThrottle(sent.append, clock)
    throttle.report(Progress("stage", 0, 10))
    throttle.report(Progress("stage", 1, 10))
    clock.now_s += later_s
    throttle.flush_due()
    throttle.flush_due()
    assert [p.done for p in sent] == expected
