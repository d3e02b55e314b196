"""The ways in which what was made is taken down, whatever goes wrong."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator

__all__ = ["removing", "run_all"]


@contextlib.contextmanager
def removing(remove: Callable[[], None], *, keep: bool = False) -> Iterator[None]:
    """Call ``remove`` when the block ends, however it ends.

    ``remove`` must be able to run at any point of the block, also before
    anything was made, and again after it was cut short: a signal can arrive
    anywhere, and `gen3bed._signals.interruptible` lets one through.

    Parameters
    ----------
    remove : `~collections.abc.Callable`
        Takes down what the block brings up and strikes it from the ledger.
    keep : `bool`, optional
        Whether to leave things running if the block ends well.
    """
    try:
        yield
    except BaseException as err:
        # The block's own error is what the reader needs; what could not be
        # removed stays in the ledger for the next reaping.
        try:
            _to_the_end(remove)
        except Exception as again:  # noqa: BLE001
            err.add_note(f"While cleaning up: {again}")
        raise
    if not keep:
        _to_the_end(remove)


def _to_the_end(remove: Callable[[], None]) -> None:
    """Remove again if Ctrl-C cuts it short, and only then give way to it."""
    try:
        remove()
    except Exception:
        raise
    except BaseException:
        remove()
        raise


def run_all(steps: Iterable[Callable[[], object]]) -> None:
    """Call every step in order, also after one that fails.

    Parameters
    ----------
    steps : `~collections.abc.Iterable` [`~collections.abc.Callable`]
        Removals that do not depend on each other: what can go must go, even
        if the ledger or another thing refuses.

    Raises
    ------
    BaseException
        Whatever the first step that failed raised, after the last step; the
        errors of later steps are notes on it.
    """
    first: BaseException | None = None
    for step in steps:
        try:
            step()
        except BaseException as err:  # noqa: BLE001 - it is raised below
            if first is None:
                first = err
            else:
                first.add_note(f"While cleaning up: {err}")
    if first is not None:
        raise first
