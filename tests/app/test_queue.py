"""The queue as a value: whatever happens to its files, none is lost or counted twice."""

from collections.abc import Callable
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from app.queue import FileState, Queue

VIDEOS = [Path(f"/films/{letter}.mp4") for letter in "abcd"]
CHANGES: dict[str, Callable[[Queue, int], Queue]] = {
    "add": lambda queue, number: queue.added([VIDEOS[number]]),
    "run": lambda queue, number: queue.changed(number, FileState.RUNNING),
    "do": lambda queue, number: queue.changed(number, FileState.DONE),
    "fail": lambda queue, number: queue.changed(number, FileState.FAILED),
    "retry": lambda queue, number: queue.retried(number),
    "remove": lambda queue, number: queue.removed(number),
    "clear": lambda queue, _: queue.cleared(),
}


def states(queue: Queue) -> list[FileState]:
    return [file.state for file in queue.files]


@given(st.lists(st.tuples(st.sampled_from(sorted(CHANGES)), st.integers(0, 3))))
def test_each_video_is_there_once_under_a_name_of_its_own(steps: list[tuple[str, int]]) -> None:
    queue, seen = Queue(), dict[int, Path]()
    for name, number in steps:
        before = queue
        queue = CHANGES[name](queue, number)
        videos = [file.video for file in queue.files]
        assert len(set(videos)) == len(videos)
        for file in queue.files:
            assert seen.setdefault(file.file_id, file.video) == file.video
        if name in {"remove", "clear"} and before.running is not None:
            assert queue.running == before.running


def test_files_wait_in_the_order_in_which_they_came() -> None:
    queue = Queue().added(VIDEOS)
    turns = []
    while (file := queue.next_waiting) is not None:
        queue = queue.changed(file.file_id, FileState.RUNNING)
        assert queue.running is not None
        turns.append(queue.running.video)
        queue = queue.changed(file.file_id, FileState.DONE)
    assert turns == VIDEOS
    assert queue.num_left == 0


def test_what_is_named_again_waits_again_unless_it_has_its_turn() -> None:
    queue = Queue().added(VIDEOS[:3])
    queue = queue.changed(1, FileState.DONE).changed(2, FileState.RUNNING)
    again = queue.added(VIDEOS[:3])
    assert states(again) == [FileState.WAITING, FileState.RUNNING, FileState.WAITING]


def test_only_what_is_over_is_retried() -> None:
    queue = Queue().added(VIDEOS[:2]).changed(1, FileState.RUNNING)
    assert queue.retried(1) is queue
    assert queue.retried(9) is queue
    assert states(queue.changed(1, FileState.CANCELLED).retried(1)) == [FileState.WAITING] * 2
