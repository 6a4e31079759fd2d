"""What stops a training stops the parent, and the parent its loaders."""

import os

import pytest
from torch.utils.data import DataLoader, Dataset

from engine.training.trainer import _leave_group


class Groups(Dataset[int]):
    """Tells which group of processes reads it."""

    def __getitem__(self, index: int) -> int:
        return os.getpgrp()

    def __len__(self) -> int:
        return 1


@pytest.mark.skipif(os.name != "posix", reason="groups of processes of POSIX")
def test_a_signal_for_the_group_does_not_reach_the_loaders() -> None:
    (group,) = DataLoader(Groups(), num_workers=1, worker_init_fn=_leave_group)
    assert int(group) != os.getpgrp()
