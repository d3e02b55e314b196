"""A server for an afternoon: up, used, listed, down, and nothing left."""

from __future__ import annotations

import stat
from pathlib import Path

import psycopg
import pytest
import sqlalchemy
import yaml

from gen3bed.errors import ServiceError
from gen3bed.kept import _write_down, bring_up, kept_services, take_down
from gen3bed.ledger import Ledger, open_ledgers
from gen3bed.reap import reap
from gen3bed.services import Service

_NOWHERE = sqlalchemy.make_url("postgresql+psycopg://butler:s3cret@127.0.0.1:1/butler")


@pytest.mark.local_postgresql
def test_server_stays_until_it_is_taken_down() -> None:
    """A kept server answers with its db-auth stanza, survives a reaping, and is gone after down."""
    kept = bring_up("postgresql", provider="local", profile="fast")
    try:
        assert reap() == []
        assert [k.run for k in kept_services()] == [kept.run]
        (stanza,) = yaml.safe_load(kept.stanza)
        url = sqlalchemy.make_url(kept.url)
        assert url.password is None
        with psycopg.connect(
            host=url.host,
            port=url.port,
            user=stanza["username"],
            password=stanza["password"],
            dbname=url.database,
        ) as connection:
            connection.execute("CREATE TABLE mine (a int, EXCLUDE USING gist (a WITH =))")
        assert stat.S_IMODE(kept.db_auth.stat().st_mode) == 0o600
    finally:
        assert all(thing.gone for thing in take_down(kept.run))
    assert kept_services() == []
    assert open_ledgers() == []
    assert not kept.db_auth.exists()


@pytest.fixture
def kept() -> Ledger:
    """Return the ledger of a kept service that has a directory and no server."""
    ledger = Ledger.create()
    service = Service(registry="postgresql", provider="local", url=_NOWHERE, version="17.6")
    _write_down(ledger, service, _NOWHERE)
    ledger.mark_kept()
    return ledger


def _file_of(ledger: Ledger, name: str) -> Path:
    (entry,) = ledger.outstanding()
    return Path(entry.name) / name


@pytest.mark.parametrize("name", ["service.json", "url"])
@pytest.mark.parametrize("content", [None, "", '{"registry": "postg'], ids=["missing", "empty", "torn"])
def test_damaged_description_is_named_and_taken_down(kept: Ledger, name: str, content: str | None) -> None:
    """A kept service whose files are torn, as by a power cut, is listed as damaged and still goes."""
    file = _file_of(kept, name)
    file.unlink()
    if content is not None:
        file.write_text(content)
    (status,) = kept_services()
    assert (status.run, status.state) == (kept.run, "damaged")
    assert str(file) in status.shown
    assert status.hint == f"gen3bed down {kept.run}"
    assert all(thing.gone for thing in take_down(kept.run))
    assert not file.parent.exists()
    assert kept_services() == []
    assert open_ledgers() == []


def test_files_are_private(kept: Ledger) -> None:
    """Each file of a kept service is readable by its owner alone."""
    modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in _file_of(kept, "").iterdir()}
    assert modes == {"db-auth.yaml": 0o600, "service.json": 0o600, "url": 0o600}


@pytest.mark.local_postgresql
def test_failed_start_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """If the database cannot be made the server is taken down again."""

    def refuse(*_: object) -> None:
        raise ServiceError("server", reason="no", hint="Try.")

    monkeypatch.setattr("gen3bed.registries.postgresql._hand_over.create_role", refuse)
    with pytest.raises(ServiceError):
        bring_up("postgresql", provider="local", profile="fast")
    assert open_ledgers() == []
    assert kept_services() == []
