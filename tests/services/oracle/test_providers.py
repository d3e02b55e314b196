"""Tests of how an Oracle database is come by."""

from __future__ import annotations

import contextlib
import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy

from gen3bed.errors import (
    CredentialsError,
    ImageError,
    ProviderUnavailableError,
    StorageFullError,
    UsageError,
)
from gen3bed.ledger import Ledger
from gen3bed.schemas import ddl_script
from gen3bed.services.oracle import (
    _container,
    available_variants,
    choose_variant,
    look_at,
    provide,
    with_credentials,
)
from tests.support.fake_engine import FakeEngine
from tests.support.standin_urls import service_url


class _Engine(FakeEngine):
    """An engine on a machine with this much memory, in bytes."""

    def __init__(self, memory: int, **arguments: Any) -> None:
        super().__init__(**arguments)
        self._memory = memory

    def info(self) -> dict[str, Any]:
        """Return what the engine says about its machine."""
        return {"MemTotal": self._memory, "DockerRootDir": "/"}


def _use(monkeypatch: pytest.MonkeyPatch, engine: FakeEngine) -> None:
    @contextlib.contextmanager
    def connected(**_: object) -> Iterator[FakeEngine]:
        yield engine

    monkeypatch.setattr(_container, "engine", connected)
    monkeypatch.setattr(_container, "available_memory", lambda: 16 * 10**9)
    monkeypatch.delenv("GEN3BED_IMAGE_REGISTRY", raising=False)


@pytest.mark.parametrize("variant", ["container", "xe"])
def test_image_that_cannot_be_pulled_names_the_ways_out(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch, variant: str
) -> None:
    """The error names image, mirror, --url and --stand-in, and nothing is in the ledger."""
    _use(monkeypatch, _Engine(16 * 10**9))
    with pytest.raises(ImageError) as caught, provide(variant, ledger=ledger):
        pytest.fail("the block must not be entered")
    assert "gvenzl/oracle-" in caught.value.subject
    assert "@sha256:" in caught.value.subject
    for way in ("GEN3BED_IMAGE_REGISTRY", "--url", "--stand-in"):
        assert way in caught.value.hint
    assert ledger.outstanding() == []


def test_without_image_and_url_the_stand_in_is_not_taken_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that nobody asked to be on a stand-in ends with the ways out, not on it."""
    _use(monkeypatch, _Engine(16 * 10**9))
    with pytest.raises(ProviderUnavailableError) as caught:
        choose_variant()
    assert "gvenzl/oracle-free@sha256:" in caught.value.detail
    assert "--stand-in" in caught.value.hint
    assert "stand-in" not in caught.value.detail


def test_too_little_memory_is_said_before_anything_is_pulled(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An engine whose machine is too small is refused with both figures."""
    _use(monkeypatch, _Engine(2 * 10**9))
    with (
        pytest.raises(ProviderUnavailableError, match=r"2.0 GB .* needs 3.2 GB"),
        provide("container", ledger=ledger),
    ):
        pytest.fail("the block must not be entered")


def test_too_little_disk_is_said_before_anything_is_pulled(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An engine without room for 5 GB is refused."""
    _use(monkeypatch, _Engine(16 * 10**9))
    monkeypatch.setattr(_container, "_NEEDED_DISK", 10**18)
    with pytest.raises(StorageFullError, match="image and data need"), provide("container", ledger=ledger):
        pytest.fail("the block must not be entered")


def test_without_the_driver_every_way_says_how_to_get_it(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where python-oracledb is not installed, the error names the extra before anything is started."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    assert "not installed" in available_variants()["container"]
    for ask in (
        lambda: look_at(sqlalchemy.make_url("oracle://me@h/s")),
        lambda: provide("container", ledger=ledger).__enter__(),
        lambda: ddl_script("oracle", user="A", tablespace="B", quota="1G"),
    ):
        with pytest.raises(ProviderUnavailableError, match="python-oracledb is not installed") as caught:
            ask()
        assert "gen3bed[oracle]" in caught.value.hint


def test_unknown_variant(ledger: Ledger) -> None:
    """A variant that is not there is refused with those that are."""
    with pytest.raises(UsageError) as caught:
        provide("cloud", ledger=ledger)
    assert "stand-in-postgresql-23" in caught.value.hint


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("sqlite:///x.db", "not the URL of an Oracle"),
        ("oracle:///service", "names no host"),
        ("oracle://host", "names no service"),
    ],
)
def test_wrong_url_is_a_usage_error(url: str, reason: str) -> None:
    """A URL that cannot name an Oracle database is refused before any connection."""
    with pytest.raises(UsageError, match=reason):
        with_credentials(sqlalchemy.make_url(url))


def test_url_must_be_given(ledger: Ledger) -> None:
    """Without a URL the provider says that it needs one."""
    with pytest.raises(ProviderUnavailableError, match="must be given"), provide("url", ledger=ledger):
        pytest.fail("the block must not be entered")


def test_missing_credentials_show_the_stanza(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The lines to add to the db-auth file are shown, with the port."""
    monkeypatch.setenv("LSST_DB_AUTH", str(tmp_path / "none"))
    with pytest.raises(CredentialsError) as caught:
        with_credentials(sqlalchemy.make_url("oracle+oracledb://me@h:1522/FREEPDB1"))
    assert "url: oracle://h:1522/FREEPDB1" in caught.value.detail


@pytest.mark.h2
def test_somebodys_account_works_in_its_own_schema(
    oracle_standin: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Name and password come from db-auth; an ordinary account has room for one worker."""
    with oracle_standin.user() as user:
        url = service_url(user.url, name=user.name, password=user.password)
        auth = tmp_path / "db-auth.yaml"
        auth.write_text(f"- url: oracle://{url.host}:{url.port}/*\n  password: {user.password}\n")
        auth.chmod(0o600)
        monkeypatch.setenv("LSST_DB_AUTH", str(auth))
        service = look_at(sqlalchemy.make_url(f"oracle://{user.name}@{url.host}:{url.port}/{url.database}"))
    assert service.facts["rights"] == "schema"
    assert service.most_workers == 1
    assert user.password not in str(service)
