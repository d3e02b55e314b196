"""Tests of the DDL that an administrator reads."""

from __future__ import annotations

import re
from typing import Any

import pytest
from click.testing import CliRunner
from lsst.daf.butler.registry import RegistryConfig
from lsst.daf.butler.registry.sql_registry import SqlRegistry
from sqlalchemy import event
from sqlalchemy.engine import Engine

from gen3bed.cli import cli
from gen3bed.errors import UsageError
from gen3bed.schemas import ddl_script
from gen3bed.schemas._recording import recorded_creation


def test_the_script_begins_with_what_the_administrator_does() -> None:
    """User, quota and grants come first, with no password, then tables, sequences and indexes."""
    script = ddl_script("oracle", user="butler", tablespace="data", quota="5G")
    head, _, rest = script.partition("-- 2.")
    assert 'CREATE USER "BUTLER" IDENTIFIED BY "&password"' in head
    assert 'DEFAULT TABLESPACE "DATA" QUOTA 5G ON "DATA";' in head
    assert 'GRANT CREATE SESSION, CREATE TABLE, CREATE SEQUENCE TO "BUTLER";' in head
    kinds = {" ".join(s.split()[:2]) for s in re.findall(r"^CREATE .*", rest, re.MULTILINE)}
    assert kinds == {"CREATE TABLE", "CREATE SEQUENCE", "CREATE INDEX", "CREATE UNIQUE"}
    assert rest.count("CREATE TABLE butler.") >= 40
    # Whoever executes all of it is not left with a schema that counts as half made.
    assert rest.rstrip().endswith("DROP TABLE butler.butler_schema_being_made;")


def test_names_fit_and_texts_have_lengths() -> None:
    """No name is over 128 bytes, no column is a VARCHAR2 without a length or over 4000, and one is a CLOB."""
    statements = recorded_creation("BUTLER")
    for statement in statements:
        assert all(len(name) <= 128 for name in re.findall(r"\w+", statement))
        assert not re.search(r"VARCHAR2(?!\()", statement)
        assert all(int(size) <= 4000 for size in re.findall(r"VARCHAR2\((\d+)", statement))
    assert sum(len(re.findall(r"\bCLOB\b", statement)) for statement in statements) == 1


@pytest.mark.h2
def test_it_is_what_is_executed(oracle_standin: Any) -> None:
    """The script has exactly the statements that making a registry sends to a server."""
    sent: list[str] = []

    def note(*arguments: Any) -> None:
        sent.append(arguments[2].strip())

    with oracle_standin.user() as user:
        config = RegistryConfig()
        config["db"] = str(user.url)
        config["namespace"] = user.name.lower()
        config["engines", "oracle"] = "gen3bed.oracle.OracleDatabase"
        event.listen(Engine, "before_cursor_execute", note)
        try:
            SqlRegistry.createFromConfig(config).close()
        finally:
            event.remove(Engine, "before_cursor_execute", note)
        expected = recorded_creation(user.name)
    made = [s for s in sent if s.startswith(("CREATE ", "DROP "))]
    assert sorted(made) == sorted(expected)
    assert [s for s in made if "TABLE" in s[:12]] == [s for s in expected if "TABLE" in s[:12]]


def test_the_command_prints_it() -> None:
    """The command prints the script and nothing else."""
    result = CliRunner().invoke(cli, ["schema", "ddl", "--user", "SCOTT"])
    assert result.exit_code == 0
    assert result.output == ddl_script("oracle", user="SCOTT", tablespace="USERS", quota="10G")


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"registry": "postgresql"}, "makes this schema itself"),
        ({"user": 'a" DROP'}, "no name"),
        ({"tablespace": ""}, "no name"),
        ({"quota": "1G; DROP"}, "no name"),
    ],
)
def test_what_cannot_be_written_is_one_error(options: dict[str, str], says: str) -> None:
    """A registry without such a script, and names that would end a quotation, are refused."""
    usual = {"registry": "oracle", "user": "BUTLER", "tablespace": "USERS", "quota": "10G"} | options
    with pytest.raises(UsageError, match=says):
        ddl_script(**usual)
