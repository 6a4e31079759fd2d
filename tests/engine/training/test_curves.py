"""The log of a run, its picture and its events."""

import math
from pathlib import Path

import cv2
import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from engine.errors import OutputError
from engine.training.curves import EVENTS, LOG, PICTURE, LogLine, RunLog, draw_curves, read_log

LINES = [LogLine(10 * n, n / 10, 2.0 - n / 10, n / 2, n / 2 + 0.5, 1e-3) for n in range(1, 6)]


def test_what_is_written_is_read_and_what_is_no_number_is_a_gap(tmp_path: Path) -> None:
    log = RunLog(tmp_path)
    for line in (*LINES, LogLine(60, 0.6, math.nan, math.nan, math.nan, skipped=7)):
        log.write(line)
    *plain, last = read_log(tmp_path)
    assert plain == LINES
    assert last == LogLine(60, 0.6, None, None, None, skipped=7)
    draw_curves([last], tmp_path)
    assert (tmp_path / PICTURE).is_file()


@pytest.mark.parametrize("lost", [1, 2, 50])
def test_a_line_that_was_cut_off_is_left_out(tmp_path: Path, lost: int) -> None:
    for line in LINES[:2]:
        RunLog(tmp_path).write(line)
    whole = (tmp_path / LOG).read_bytes()
    (tmp_path / LOG).write_bytes(whole[:-lost])
    # If nothing but its end is lost, it is whole.
    kept = LINES[: 2 if lost == 1 else 1]
    assert read_log(tmp_path) == kept
    RunLog(tmp_path).write(LINES[2])
    assert read_log(tmp_path) == [*kept, LINES[2]]


def test_a_log_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / LOG).mkdir()
    with pytest.raises(OutputError, match=LOG):
        RunLog(tmp_path).write(LINES[0])


def test_lines_of_older_runs_are_read(tmp_path: Path) -> None:
    old = '{"step":250,"hours":0.1,"loss":0.5,"si_sdr_db":0.1,"gain_db":1.5}\n'
    (tmp_path / LOG).write_text(old)
    assert read_log(tmp_path) == [LogLine(250, 0.1, 0.5, 0.1, 1.5)]


def test_tensorboard_reads_the_events_of_all_lines(tmp_path: Path) -> None:
    log = RunLog(tmp_path)
    for line in LINES:
        log.write(line)
    events = EventAccumulator(str(tmp_path / EVENTS))
    events.Reload()
    assert {"loss", "gain_db", "si_sdr_db", "learning_rate"} <= set(events.Tags()["scalars"])
    found = [(event.step, round(event.value, 3)) for event in events.Scalars("gain_db")]
    assert found == [(line.step, line.gain_db) for line in LINES]


def test_the_curves_are_a_picture_that_is_not_empty(tmp_path: Path) -> None:
    draw_curves([*LINES, LogLine(60, 0.6, None, 1.0, 1.0)], tmp_path)
    picture = cv2.imread(str(tmp_path / PICTURE))
    assert picture is not None
    assert picture.shape == (600, 800, 3)
    assert (picture < 128).mean() > 0.005
    draw_curves(LINES[:1], tmp_path)
