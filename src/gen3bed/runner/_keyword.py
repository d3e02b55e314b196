"""The expression of ``-k``, checked by pytest before anything is started."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile

from gen3bed.errors import UsageError
from gen3bed.runner._pytest import PytestCode

__all__ = ["check_keyword"]


def check_keyword(expression: str) -> None:
    """Refuse an expression that pytest cannot read.

    In the xdist controller of a run it would be an internal error, after the
    server was started.  pytest's parser is private, so pytest is asked to
    collect nothing with it, which takes 0.2 s.

    Parameters
    ----------
    expression : `str`
        As given to ``-k``; an empty one is not checked.

    Raises
    ------
    gen3bed.errors.UsageError
        Raised if it is not an expression.
    """
    if not expression:
        return
    # What the person's own settings add is not part of the question.
    environment = {k: v for k, v in os.environ.items() if k not in {"PYTEST_ADDOPTS", "PYTEST_PLUGINS"}}
    with tempfile.TemporaryDirectory(prefix="gen3bed-keyword-") as nothing:
        # Not by run_command: code 5, for no test collected, is the good end.
        done = subprocess.run(  # noqa: S603
            [
                sys.executable, "-m", "pytest", "--collect-only", "-q", "--noconftest",
                "-p", "no:cacheprovider", "-c", os.devnull, "--rootdir", nothing, "-k", expression, nothing,
            ],
            env=environment | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
            cwd=nothing,
            capture_output=True,
            text=True,
            check=False,
        )  # fmt: skip
    if done.returncode == PytestCode.USAGE_ERROR:
        # Its own lines, below a usage message of argparse's if that refused.
        said = re.findall("^.*error: (.+)$", done.stderr, re.MULTILINE | re.IGNORECASE)
        reason = said[-1].removeprefix(f"Wrong expression passed to '-k': {expression}: ") if said else ""
        raise UsageError(
            f"-k {expression}",
            reason=f"pytest cannot read it{f': {reason}' if reason else ''}",
            hint="Write it like -k 'Timespan or (testSync and not testUpdate)'.",
        )
