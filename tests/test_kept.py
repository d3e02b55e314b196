"""A server for an afternoon: up, used, listed, down, and nothing left."""

from __future__ import annotations

import stat

import psycopg
import pytest
import sqlalchemy
import yaml

from gen3bed.errors import ServiceError
from gen3bed.kept import bring_up, kept_services, take_down
from gen3bed.ledger import open_ledgers
from gen3bed.reap import reap

pytestmark = pytest.mark.local_postgresql


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


def test_failed_start_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """If the database cannot be made the server is taken down again."""

    def refuse(*_: object) -> None:
        raise ServiceError("server", reason="no", hint="Try.")

    monkeypatch.setattr("gen3bed.registries.postgresql._hand_over.create_role", refuse)
    with pytest.raises(ServiceError):
        bring_up("postgresql", provider="local", profile="fast")
    assert open_ledgers() == []
    assert kept_services() == []
