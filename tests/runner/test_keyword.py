"""An expression that pytest cannot read is refused before anything is started."""

from __future__ import annotations

import pytest

from gen3bed.errors import UsageError
from gen3bed.runner._keyword import check_keyword


@pytest.mark.parametrize("expression", ["", "Timespan", "testSync or (testUpdate and not Timespan)"])
def test_expression_is_accepted(expression: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What pytest can read is accepted, whatever the person's own settings of pytest are."""
    monkeypatch.setenv("PYTEST_ADDOPTS", "--no-such-option")
    check_keyword(expression)


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("testSync and", "at column 13: expected"),
        ("(a", "at column 3: expected"),
        ("a == b", "at column 3: expected end of input"),
        ("-x", "expected one argument"),
    ],
)
def test_what_is_no_expression_is_refused(expression: str, reason: str) -> None:
    """What pytest cannot read is one error with the place in it and an example."""
    with pytest.raises(UsageError) as caught:
        check_keyword(expression)
    assert caught.value.subject == f"-k {expression}"
    assert reason in caught.value.reason
    assert "-k '" in caught.value.hint
