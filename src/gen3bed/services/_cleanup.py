"""The one way in which providers take down what they brought up."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

__all__ = ["removing"]


@contextlib.contextmanager
def removing(remove: Callable[[], None], *, keep: bool = False) -> Iterator[None]:
    """Call ``remove`` when the block ends, however it ends.

    ``remove`` must be able to run at any point of the block, also before
    anything was made: a signal can arrive anywhere.

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
            remove()
        except Exception as again:  # noqa: BLE001
            err.add_note(f"While cleaning up: {again}")
        raise
    if not keep:
        remove()
