"""Ask a server all questions, in a schema that is dropped again."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import oracledb
import sqlalchemy

from gen3bed import __version__
from gen3bed.ledger import Ledger
from gen3bed.oracle_probe._question import Question, expected_from
from gen3bed.oracle_probe._questions import QUESTIONS, SET_UP
from gen3bed.registries.oracle import backend
from gen3bed.services import Service
from gen3bed.services.oracle import connect

__all__ = ["Answer", "Probe", "ask_all", "text_of"]

_TABLES = ("child", "parent", "keys", "floats")
_NLS = (
    "SELECT parameter, value FROM nls_session_parameters"
    " WHERE parameter IN ('NLS_SORT', 'NLS_COMP', 'NLS_DATE_FORMAT', 'NLS_LANGUAGE', 'NLS_TERRITORY')"
    " ORDER BY 1"
)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a server answered to one question.

    Attributes
    ----------
    name, asks, means : `str`
        As of the `Question`.
    expected : `str`
        What it should have answered; empty if nobody knows.
    seen : `str`
        What it answered: rows, or an error's number.
    detail : `str`
        First line of the error, if it answered by one.
    verdict : `str`
        ``as expected``, ``differs``, or ``noted`` if nobody knew.
    """

    name: str
    asks: str
    means: str
    expected: str
    seen: str
    detail: str
    verdict: Literal["as expected", "differs", "noted"]


@dataclass(frozen=True, kw_only=True)
class Probe:
    """All answers of a server; holds no name of a host, account or secret.

    Attributes
    ----------
    gen3bed, driver, asked : `str`
        Versions, and the time in UTC.
    server, banner : `str`
        The server's version and what it calls itself.
    character_set : `str`
        Of the database.
    nls : `dict` [`str`, `str`]
        Settings that a session has before ours.
    answers : `list` [`Answer`]
        In the order of the questions.
    """

    gen3bed: str
    driver: str
    asked: str
    server: str
    banner: str
    character_set: str
    nls: dict[str, str]
    answers: list[Answer] = field(default_factory=list)

    @property
    def differing(self) -> list[Answer]:
        """Those that are not as expected (`list`)."""
        return [answer for answer in self.answers if answer.verdict == "differs"]

    def to_json(self) -> str:
        """Return it as JSON, to be kept or sent (`str`)."""
        return json.dumps(asdict(self), indent=1) + "\n"


def ask_all(
    service: Service,
    *,
    questions: Sequence[Question] = QUESTIONS,
    progress: Callable[[Question], None] = lambda _: None,
) -> Probe:
    """Ask a server all questions, and leave nothing on it.

    The tables are made in a user of the probe's own if the account may make
    users, and otherwise in the account's own schema, which must be empty.

    Parameters
    ----------
    service : `gen3bed.services.Service`
        The server, as `gen3bed.services.oracle.look_at` returns it.
    questions : `~collections.abc.Sequence` [`Question`], optional
        What to ask.
    progress : `~collections.abc.Callable`, optional
        Is told of each question before it is asked.

    Raises
    ------
    gen3bed.errors.Gen3bedError
        Raised if no schema is to be had.
    """
    ledger = Ledger.create()
    try:
        with (
            tempfile.TemporaryDirectory(prefix="gen3bed-probe-") as directory,
            backend.provisioner(service.provider, service, ledger) as provisioner,
        ):
            lease = provisioner.provision("probe")
            namespace = backend.namespace(lease, Path(directory))
            address = namespace.empty()
            url = sqlalchemy.make_url(address.url).set(password=lease.facts["password"])
            try:
                return _ask_in(url, service, questions, progress)
            finally:
                namespace.close()
    finally:
        ledger.close()


def _ask_in(
    url: sqlalchemy.URL, service: Service, questions: Sequence[Question], progress: Callable[[Question], None]
) -> Probe:
    with connect(url) as connection:
        with connection.cursor() as cursor:
            nls = {str(name): str(value) for name, value in cursor.execute(_NLS)}
            for statement in SET_UP:
                cursor.execute(statement)
        probe = Probe(
            gen3bed=__version__,
            driver=f"python-oracledb {oracledb.__version__}, {'thin' if connection.thin else 'thick'}",
            asked=f"{datetime.now(UTC):%Y-%m-%d %H:%M}",
            server=service.version,
            banner=service.facts.get("banner", ""),
            character_set=service.facts.get("character_set", ""),
            nls=nls,
        )
        major = int(connection.version.split(".")[0])
        for question in questions:
            progress(question)
            probe.answers.append(_answer(question, connection, major))
            _clear(connection)
        return probe


def _answer(question: Question, connection: oracledb.Connection, major: int) -> Answer:
    detail = ""
    try:
        seen = text_of(question.ask(connection))
    except oracledb.Error as error:
        # Constraints are named with their owner.
        text = str(error).replace(connection.username.upper(), "OWNER")
        seen, detail = error.args[0].full_code, text.splitlines()[0]
    expected = expected_from(question, major)
    return Answer(
        name=question.name,
        asks=question.asks,
        means=question.means,
        expected=expected or "",
        seen=seen,
        detail=detail,
        verdict="noted"
        if expected is None
        else "as expected"
        if seen in expected.split(" or ")
        else "differs",
    )


def _clear(connection: oracledb.Connection) -> None:
    connection.rollback()
    with connection.cursor() as cursor:
        for table in _TABLES:
            cursor.execute(f"DELETE FROM {table}")  # noqa: S608 - the names are ours
    connection.commit()


def text_of(seen: object) -> str:
    """Return what was seen as it stands in the questions (`str`)."""
    return seen if isinstance(seen, str) else repr(seen)
