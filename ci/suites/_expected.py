"""The kept list of expected failures, and what a run says about it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ci.suites._errors import SuitesError

__all__ = ["Expected", "Verdict", "compare", "read_expected", "test_name"]

_BACKEND = re.compile(r"_oracle\+oracledb(?:_async)?(?:_\d+)+")
"""What SQLAlchemy adds to the name of a class: dialect, driver and the server's version."""


def test_name(node: str) -> str:
    """Return the name of a test that is the same on each version (`str`).

    Parameters
    ----------
    node : `str`
        pytest's name, such as
        ``test/sql/test_text.py::SelectTest_oracle+oracledb_19_21_0_0_0::test_one``.
    """
    file, _, rest = node.partition("::")
    return f"{file}::{_BACKEND.sub('', rest)}"


@dataclass(frozen=True, kw_only=True)
class Expected:
    """Why a test is expected to fail.

    Attributes
    ----------
    reason : `str`
        For people.
    sometimes : `bool`
        Whether it is a matter of chance, so that it may pass as well.
    """

    reason: str
    sometimes: bool = False


def read_expected(path: Path, profile: str) -> dict[str, Expected]:
    """Return the reason for which each test on the list fails.

    Parameters
    ----------
    path : `~pathlib.Path`
        TOML with ``[[group]]`` tables: ``reason``, ``tests`` and, if it is
        not for all of them, ``profiles``; ``sometimes = true`` if it is a
        matter of chance.
    profile : `str`
        Version that is run, such as ``19``.

    Returns
    -------
    expected : `dict` [ `str`, `Expected` ]
        By name of the test.

    Raises
    ------
    SuitesError
        Raised if there is no list, a group has no reason, or a test stands
        in it twice.
    """
    if not path.is_file():
        raise SuitesError(f"{path}: there is no list of expected failures\nHint: Make it, even if empty.")
    expected: dict[str, Expected] = {}
    for group in tomllib.loads(path.read_text()).get("group", []):
        reason = str(group.get("reason", "")).strip()
        if not reason or not group.get("tests"):
            raise SuitesError(f"{path}: a group needs a reason and tests\nHint: It has {sorted(group)}.")
        if profile not in group.get("profiles", [profile]):
            continue
        for test in group["tests"]:
            if test in expected:
                raise SuitesError(f"{path}: {test} stands in it twice\nHint: Keep its one reason.")
            expected[test] = Expected(reason=reason, sometimes=group.get("sometimes", False))
    return expected


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What a run of a suite says.

    Attributes
    ----------
    passed, failed, skipped : `int`
        How many tests did; a test whose fixtures failed counts as failed.
    expected : `list` [ `str` ]
        Failed, and on the list.
    regressions : `list` [ `str` ]
        Failed, and not on the list.
    successes : `list` [ `str` ]
        On the list, and passed, which is no matter of chance.
    not_run : `list` [ `str` ]
        On the list, and skipped or not there.
    """

    passed: int
    failed: int
    skipped: int
    expected: list[str] = field(default_factory=list)
    regressions: list[str] = field(default_factory=list)
    successes: list[str] = field(default_factory=list)
    not_run: list[str] = field(default_factory=list)

    def complaints(self, floor: int) -> list[str]:
        """Return what is wrong (`list` [ `str` ]); empty if nothing is.

        Parameters
        ----------
        floor : `int`
            Fewest tests that must pass.
        """
        found = [f"failed, and is not on the list: {test}" for test in self.regressions]
        found += [f"passed, and is on the list: {test}" for test in self.successes]
        found += [f"was not run, and is on the list: {test}" for test in self.not_run]
        if not self.passed + self.failed:
            found.append("no test was run")
        elif self.passed < floor:
            found.append(f"{self.passed} passed; the goal is {floor}")
        return found


def compare(outcomes: Mapping[str, str], expected: Mapping[str, Expected], *, whole: bool = True) -> Verdict:
    """Compare what a suite did with the list.

    Parameters
    ----------
    outcomes : `~collections.abc.Mapping` [ `str`, `str` ]
        ``passed``, ``failed`` or ``skipped`` by name of the test.
    expected : `~collections.abc.Mapping` [ `str`, `Expected` ]
        The part of the list that belongs to this suite.
    whole : `bool`, optional
        Whether all of the suite was run; otherwise tests on the list may be
        missing.
    """

    def which(outcome: str, *, listed: bool) -> list[str]:
        return [t for t, how in outcomes.items() if how == outcome and (t in expected) == listed]

    known = which("failed", listed=True)
    regressions = which("failed", listed=False)
    return Verdict(
        passed=sum(how == "passed" for how in outcomes.values()),
        failed=len(known) + len(regressions),
        skipped=sum(how == "skipped" for how in outcomes.values()),
        expected=known,
        regressions=regressions,
        successes=[t for t in which("passed", listed=True) if not expected[t].sometimes],
        not_run=[t for t in expected if outcomes.get(t, "skipped") == "skipped"] if whole else [],
    )
