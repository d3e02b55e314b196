"""What the pytest process reports, also when it is killed while it writes."""

from __future__ import annotations

import pytest
from rich.console import Console

from gen3bed.runner._progress import CellProgress, RunProgress

FAILURE = '{"done": true, "failed": true, "test": "t"}\n'
RERUN = '{"rerun": "t", "error": "server went away"}\n'
CRASH = '{"crashed": "t"}\n'


@pytest.fixture
def progress() -> CellProgress:
    """Return the progress of a cell that nobody looks at."""
    return RunProgress(Console(quiet=True)).cell("SQLite")


def test_failures_reruns_and_crashes_are_counted(progress: CellProgress) -> None:
    """Each message is counted, over all processes of the cell."""
    progress.follow(['{"total": 3}\n', FAILURE, RERUN])
    progress.follow([FAILURE, CRASH])
    assert (progress.failed, progress.reruns, progress.crashed) == (2, [("t", "server went away")], ["t"])
    assert progress.unread == []


@pytest.mark.parametrize("end", range(1, len(FAILURE) - 1))
def test_torn_last_message_is_kept_and_the_others_count(progress: CellProgress, end: int) -> None:
    """Wherever a message is torn, it is not lost silently, and those before and after it are counted."""
    progress.follow([FAILURE, FAILURE[:end]])
    progress.follow([FAILURE])
    assert progress.failed == 2
    assert progress.unread == [FAILURE[:end]]


def test_message_without_its_line_end_is_whole(progress: CellProgress) -> None:
    """A message that lacks nothing but its line end is counted."""
    progress.follow([FAILURE.rstrip()])
    assert (progress.failed, progress.unread) == (1, [])
