"""Programs that are run to their end."""

from __future__ import annotations

import sys

from gen3bed.services._command import run_command


def test_signals_of_the_terminal_do_not_reach_the_program() -> None:
    """A program is in a session of its own, so that Ctrl-C does not cut it short before we see to it."""
    program = "import os; print(os.getsid(0) == os.getpid())"
    assert run_command([sys.executable, "-c", program]) == "True\n"
