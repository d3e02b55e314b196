"""The list of statements that is kept notices what is new and what is gone."""

from __future__ import annotations

from pathlib import Path

import pytest

from ci import statements
from gen3bed.conformance._statements import sql_text

ONE = "SELECT a, b\nFROM t"
TWO = "DELETE FROM t WHERE a = :a"


def write(path: Path, *texts: str) -> str:
    """Write statements as a report has them."""
    path.write_text("".join(f"{text}\n;\n\n" for text in texts))
    return str(path)


def test_order_of_words_does_not_count(tmp_path: Path) -> None:
    """Columns in another order, as a set gives them, are the same statement."""
    kept = write(tmp_path / "kept", ONE, TWO)
    found = write(tmp_path / "found", TWO, "SELECT b, a\nFROM t")
    assert statements.main([found, "--kept", kept]) == 0


def test_number_of_constant_rows_does_not_count(tmp_path: Path) -> None:
    """Two rows instead of one, by which later binds have other numbers, are the same statement."""
    one = "SELECT n FROM (SELECT :a_1 AS n FROM DUAL) WHERE n > :a_2"
    two = "SELECT n FROM (SELECT :a_1 AS n FROM DUAL UNION ALL SELECT :a_2 AS n FROM DUAL) WHERE n > :a_3"
    kept = write(tmp_path / "kept", one)
    found = write(tmp_path / "found", two)
    assert statements.main([found, "--kept", kept]) == 0


def test_new_statement_is_shown_beside_the_one_it_replaces(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A changed statement is red, and printed as a diff."""
    kept = write(tmp_path / "kept", ONE, TWO)
    found = write(tmp_path / "found", "SELECT a, b\nFROM u", TWO)
    assert statements.main([found, "--kept", kept]) == 1
    out = capsys.readouterr().out
    assert "-FROM t\n+FROM u" in out
    assert "2 distinct statements; 1 differ from the 2 that are kept" in out


def test_statement_that_is_gone_is_red(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A statement that is no longer sent is a difference as well."""
    kept = write(tmp_path / "kept", ONE, TWO)
    assert statements.main([write(tmp_path / "found", ONE), "--kept", kept]) == 1
    assert f"-{TWO}" in capsys.readouterr().out


def test_list_is_renewed_without_needless_changes(tmp_path: Path) -> None:
    """Writing keeps the text of what only changed its order."""
    kept = write(tmp_path / "kept", ONE)
    found = write(tmp_path / "found", "SELECT b, a\nFROM t", TWO)
    assert statements.main([found, "--kept", kept, "--write"]) == 0
    assert list(statements.read(Path(kept)).values()) == [TWO, ONE]


def test_a_report_is_read_as_it_was_written(tmp_path: Path) -> None:
    """What a run keeps of a cell is split into the same statements here."""
    (tmp_path / "cell.sql").write_text(sql_text([ONE, TWO]))
    assert statements.texts(tmp_path / "cell.sql") == sorted([ONE, TWO])


@pytest.mark.parametrize("missing", ["found", "kept"])
def test_missing_file_is_named(tmp_path: Path, missing: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that is not there is one line and exit code 2, and nothing is written."""
    there = write(tmp_path / "there", ONE)
    names = {"found": there, "kept": there} | {missing: str(tmp_path / "none")}
    assert statements.main([names["found"], "--kept", names["kept"]]) == 2
    assert str(tmp_path / "none") in capsys.readouterr().err
