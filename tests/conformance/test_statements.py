"""Statements of two runs can be compared."""

from __future__ import annotations

from pathlib import Path

import pytest

from gen3bed.conformance._statements import read_parts, sql_text, without_changing_names, write_part


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("SELECT gen3bed_0a1b2c3d4e5f_gw0_12.visit.id", "SELECT namespace.visit.id"),
        (
            "INSERT INTO ora$ptt_tmp_0123456789abcdef0123456789abcdef (a)",
            "INSERT INTO ora$ptt_tmp_N (a)",
        ),
        (
            "CONSTRAINT fkey_dataset_calibs_00000042_tract FOREIGN KEY",
            "CONSTRAINT fkey_dataset_calibs_N_tract FOREIGN KEY",
        ),
        ("ROLLBACK TO SAVEPOINT sa_savepoint_7", "ROLLBACK TO SAVEPOINT sa_savepoint_N"),
        (
            "\nCREATE TABLE a (\n\tid INTEGER, \n\n\tb INTEGER\n)\n\n",
            "CREATE TABLE a (\nid INTEGER,\nb INTEGER\n)",
        ),
        ("SELECT dataset_type.id FROM dataset_type", "SELECT dataset_type.id FROM dataset_type"),
    ],
)
def test_only_what_changes_from_run_to_run_is_replaced(sent: str, kept: str) -> None:
    """Names of namespaces, temporary and numbered tables and savepoints are, and nothing else."""
    assert without_changing_names(sent) == kept


def test_processes_are_put_together(tmp_path: Path) -> None:
    """What two processes sent becomes one sorted list without repetitions."""
    write_part(tmp_path / "1.json", ["SELECT 2", "SELECT 1"])
    write_part(tmp_path / "2.json", ["SELECT  1\n", "SELECT 1", "SELECT 1\n"])
    statements = read_parts(tmp_path.glob("*.json"))
    assert sql_text(statements) == "SELECT  1\n;\n\nSELECT 1\n;\n\nSELECT 2\n;\n\n"
