"""Tests of the questions to an Oracle server."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import oracledb
import pytest
from click.testing import CliRunner, Result

from gen3bed.cli import cli
from gen3bed.errors import ConfirmationError, NamespaceError, UsageError
from gen3bed.oracle_probe import QUESTIONS, Question, ask_all
from gen3bed.oracle_probe._question import expected_from, rows, script
from gen3bed.services.oracle import connect, look_at
from tests.support.standin_urls import service_url

# Where H2 is not as Oracle; each is in the stand-in's documentation.
_OTHERWISE_ON_H2 = {"like-bad-escape", "no-action-at-end"}


def _question(expected: Any, ask: Any = None) -> Question:
    return Question(
        name="q", asks="Is it?", ask=ask or rows("SELECT 1 FROM dual"), expected=expected, means=""
    )


def test_every_question_has_its_own_name_and_all_are_complete() -> None:
    """Names are unique; each question says what is asked and what another answer means."""
    assert [n for n, count in Counter(q.name for q in QUESTIONS).items() if count > 1] == []
    assert all(q.asks.endswith("?") or q.asks.endswith("most?") for q in QUESTIONS)
    assert all(q.means.endswith(".") or "16" in q.means or "because" in q.means for q in QUESTIONS)
    assert len(QUESTIONS) >= 40


@pytest.mark.parametrize(
    ("expected", "major", "found"),
    [
        ("a", 19, "a"),
        (None, 19, None),
        ({19: "a", 23: "b"}, 19, "a"),
        ({19: "a", 23: "b"}, 21, "a"),
        ({19: "a", 23: "b"}, 26, "b"),
        ({19: "a", 23: None}, 23, None),
    ],
)
def test_the_expected_answer_is_that_of_the_version(expected: Any, major: int, found: str | None) -> None:
    """What a version answers holds until a later one answers otherwise."""
    assert expected_from(_question(expected), major) == found


@pytest.mark.h2
def test_answers_differ_only_where_the_stand_in_does(oracle_standin: Any) -> None:
    """All questions are answered; a known few otherwise than by Oracle, and no schema is left."""
    service = look_at(service_url(oracle_standin.url, name="system", password="system"))
    asked: list[str] = []
    probe = ask_all(service, progress=lambda question: asked.append(question.name))
    assert asked == [answer.name for answer in probe.answers] == [question.name for question in QUESTIONS]
    assert {answer.name for answer in probe.differing} <= _OTHERWISE_ON_H2
    assert "not an Oracle Database" in probe.banner
    with connect(service.url) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM all_users WHERE username LIKE 'GEN3BED!_%' ESCAPE '!'")
        assert cursor.fetchone() == (0,)


@pytest.mark.h2
def test_an_account_of_ones_own_is_enough_and_empty_afterwards(oracle_standin: Any) -> None:
    """Without the right to make users the account's own schema is used, if it is empty."""
    questions = [
        _question("[(1,)]"),
        _question("ORA-00942", script("CREATE TABLE more (a NUMBER)", "SELECT * FROM nothing")),
        _question("2", rows("SELECT 1 FROM dual")),
    ]
    with oracle_standin.user() as user:
        service = look_at(service_url(user.url, name=user.name, password=user.password))
        probe = ask_all(service, questions=questions)
        assert [a.verdict for a in probe.answers] == ["as expected", "as expected", "differs"]
        with connect(service.url) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT COUNT(*) FROM user_objects")
            assert cursor.fetchone() == (0,)
            cursor.execute("CREATE TABLE precious (a NUMBER)")
        with pytest.raises(NamespaceError, match="not empty"):
            ask_all(service, questions=questions)
        with connect(service.url) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT object_name FROM user_objects")
            assert cursor.fetchall() == [("PRECIOUS",)]


@pytest.mark.h2
def test_nothing_is_left_if_asking_is_interrupted(oracle_standin: Any) -> None:
    """Ctrl-C between two questions drops the schema."""

    def interrupt(_: oracledb.Connection) -> object:
        raise KeyboardInterrupt

    with oracle_standin.user() as user:
        service = look_at(service_url(user.url, name=user.name, password=user.password))
        with pytest.raises(KeyboardInterrupt):
            ask_all(service, questions=[_question(None, interrupt)])
        with connect(service.url) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT COUNT(*) FROM user_objects")
            assert cursor.fetchone() == (0,)


def _invoke(standin: Any, user: Any, tmp_path: Path, *arguments: str, **options: Any) -> Result:
    url = service_url(standin.url, name=user.name, password=user.password)
    auth = tmp_path / "db-auth.yaml"
    auth.write_text(f"- url: oracle://{url.host}:{url.port}/*\n  password: {user.password}\n")
    auth.chmod(0o600)
    address = f"oracle://{user.name}@{url.host}:{url.port}/{url.database}"
    environment = {"LSST_DB_AUTH": str(auth), "COLUMNS": "200"}
    return CliRunner().invoke(cli, ["oracle", "probe", address, *arguments], env=environment, **options)


@pytest.mark.h2
def test_the_command_prints_a_table_and_keeps_the_answers(oracle_standin: Any, tmp_path: Path) -> None:
    """A row for each question, the sum, and a file that names neither host nor account nor password."""
    output = tmp_path / "answers.json"
    with oracle_standin.user() as user:
        result = _invoke(oracle_standin, user, tmp_path, "--yes", "--output", str(output))
        password, name = user.password, user.name
    assert "Is the empty string NULL?" in result.output
    assert f"{len(QUESTIONS)} questions: " in result.output
    text = output.read_text()
    assert len(json.loads(text)["answers"]) == len(QUESTIONS)
    for secret in (password, name, "127.0.0.1"):
        assert secret not in text
    assert password not in result.output


@pytest.mark.h2
def test_nothing_is_written_without_a_yes(oracle_standin: Any, tmp_path: Path) -> None:
    """Where nobody says yes no statement changes anything."""
    output = tmp_path / "answers.json"
    with oracle_standin.user() as user:
        result = _invoke(oracle_standin, user, tmp_path, "--output", str(output), input="n\n")
    assert isinstance(result.exception, ConfirmationError)
    assert not output.exists()


def test_a_file_that_cannot_be_written_is_refused_before_any_question(tmp_path: Path) -> None:
    """A directory that is not there is a usage error, and no server is asked."""
    arguments = [
        "oracle",
        "probe",
        "oracle://me@127.0.0.1:1/s",
        "--output",
        str(tmp_path / "none" / "a.json"),
    ]
    result = CliRunner().invoke(cli, arguments)
    assert isinstance(result.exception, UsageError)
    assert "cannot be written to" in result.exception.reason
