"""The one seam through which gen3bed runs other programs."""

from __future__ import annotations

import pwd
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from gen3bed.errors import ServiceError

__all__ = ["run_command"]


def run_command(
    arguments: Sequence[str | Path],
    *,
    timeout: float = 120.0,
    hint: str = "Run the command by hand to see more.",
    env: Mapping[str, str] | None = None,
    stdin: str = "",
    user: str | None = None,
    cwd: Path | None = None,
) -> str:
    """Run a program to its end and return what it printed.

    Parameters
    ----------
    arguments : `~collections.abc.Sequence` [`str` or `pathlib.Path`]
        Program and arguments; never a secret, since ``ps`` shows them.
    timeout : `float`, optional
        Seconds to wait.
    hint : `str`, optional
        Next step to name if the program fails.
    env : `~collections.abc.Mapping`, optional
        The whole environment; inherited if `None`.
    stdin : `str`, optional
        What the program reads.
    user : `str`, optional
        Account to run as; needs root.
    cwd : `pathlib.Path`, optional
        Directory to run in.

    Returns
    -------
    output : `str`
        Standard output.

    Raises
    ------
    ServiceError
        Raised if the program is missing, fails, or does not end in time.
    """
    name = str(arguments[0])
    # Without these two the program would keep root's group.
    group = pwd.getpwnam(user).pw_gid if user else None
    groups: Sequence[str | int] | None = () if user else None
    try:
        done = subprocess.run(  # noqa: S603
            [str(a) for a in arguments],
            capture_output=True,
            check=True,
            text=True,
            timeout=timeout,
            env=env,
            input=stdin,
            user=user,
            group=group,
            extra_groups=groups,
            cwd=cwd,
            # Ctrl-C in the terminal is for us: a program that is cut short
            # may leave something behind.
            start_new_session=True,
        )
    except FileNotFoundError as err:
        raise ServiceError(name, reason="the program was not found", hint=hint) from err
    except PermissionError as err:
        raise ServiceError(name, reason=f"it may not be run: {err}", hint=hint) from err
    except subprocess.TimeoutExpired as err:
        raise ServiceError(name, reason=f"it did not end within {timeout:g} s", hint=hint) from err
    except subprocess.CalledProcessError as err:
        raise ServiceError(
            name,
            reason=f"it ended with exit code {err.returncode}",
            hint=hint,
            detail=(err.stderr or err.stdout or "")[-4000:],
        ) from err
    return done.stdout
