"""on_each: the same results on any number of cores, without gradients, and errors come through."""

import threading
from collections.abc import Iterator

import pytest
import torch

from engine.models.tile_threads import on_each, undivided


@pytest.fixture
def three_threads() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    yield
    torch.set_num_threads(before)


def thread_and_its_cores(_: int) -> tuple[int, int]:
    return threading.get_ident(), torch.get_num_threads()


@pytest.mark.usefixtures("three_threads")
def test_each_piece_gets_one_core_and_the_caller_keeps_all() -> None:
    everyone = threading.Barrier(3)

    def meet(number: int) -> tuple[int, int]:
        everyone.wait(10)  # Only three at once get past this.
        return thread_and_its_cores(number)

    found = on_each(meet, range(6))
    assert len({thread for thread, _ in found}) == 3
    assert {cores for _, cores in found} == {1}
    assert torch.get_num_threads() == 3


@pytest.mark.usefixtures("three_threads")
def test_a_new_number_of_threads_is_heeded() -> None:
    on_each(thread_and_its_cores, range(6))
    torch.set_num_threads(2)
    threads = {thread for thread, _ in on_each(thread_and_its_cores, range(50))}
    assert len(threads) <= 2
    assert torch.get_num_threads() == 2


@pytest.mark.usefixtures("three_threads")
def test_results_are_in_order_and_errors_come_through() -> None:
    assert on_each(lambda x: x * x, range(20)) == [x * x for x in range(20)]
    with pytest.raises(ZeroDivisionError):
        on_each(lambda x: 1 // x, range(3))


@pytest.mark.usefixtures("three_threads")
@pytest.mark.parametrize("inference", [True, False])
def test_the_mode_of_the_caller_goes_along_and_gradients_never(inference: bool) -> None:
    weight = torch.ones(2, requires_grad=True)
    with torch.inference_mode(inference), torch.no_grad():
        results = on_each(lambda x: weight * x, range(4))
    assert [x.requires_grad for x in results] == [False] * 4
    assert [x.is_inference() for x in results] == [inference] * 4


@pytest.mark.usefixtures("three_threads")
def test_undivided_work_stays_in_the_calling_thread() -> None:
    here = threading.get_ident()
    with undivided():
        assert on_each(thread_and_its_cores, range(3)) == [(here, 3)] * 3
    assert {thread for thread, _ in on_each(thread_and_its_cores, range(3))} != {here}
