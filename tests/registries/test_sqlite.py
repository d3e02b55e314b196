"""SQLite namespaces: files that are copied, and what they leak."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from gen3bed.registries import RegistryAddress
from gen3bed.registries.sqlite import FileNamespace, SqliteProvisioner, backend


def _namespace(directory: Path) -> FileNamespace:
    namespace = backend.namespace(SqliteProvisioner("file").provision("gw0"), directory)
    assert isinstance(namespace, FileNamespace)
    return namespace


def _path(address: RegistryAddress) -> str:
    return address.url.removeprefix("sqlite:///")


def _make_table(address: RegistryAddress) -> None:
    with sqlite3.connect(_path(address)) as connection:
        connection.execute("CREATE TABLE template (a)")
    connection.close()


def test_copy_builds_its_template_once(directory: Path) -> None:
    """The second copy of a template is made from the file, not by building again."""
    namespace = _namespace(directory)
    built: list[RegistryAddress] = []

    def build(address: RegistryAddress) -> None:
        built.append(address)
        _make_table(address)

    first, second = namespace.copy("k", build), namespace.copy("k", build)
    assert len(built) == 1
    assert first != second
    for address in (first, second):
        with sqlite3.connect(_path(address)) as connection:
            assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("template",)]
        connection.close()


def test_borrowed_addresses_are_released(directory: Path) -> None:
    """A file that was handed out in a block is gone after it, and an older one is not."""
    namespace = _namespace(directory)
    kept = namespace.empty()
    _make_table(kept)
    with namespace.borrowing():
        _make_table(namespace.empty())
    assert [str(p) for p in directory.glob("*.sqlite3")] == [_path(kept)]


def test_open_transaction_is_a_leak(directory: Path) -> None:
    """A transaction that a test left open is found, by its lock and by its session."""
    namespace = _namespace(directory)
    connection = sqlite3.connect(_path(namespace.empty()), isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    assert any("locked" in leak for leak in namespace.leaks())
    assert namespace.open_sessions()
    connection.close()
    assert namespace.leaks() == []
    assert namespace.open_sessions() == []


def test_file_that_nobody_asked_for_is_a_leak(directory: Path) -> None:
    """A database that a test put beside its own is found."""
    namespace = _namespace(directory)
    (directory / "stray.sqlite3").touch()
    assert namespace.leaks() == ["database: stray.sqlite3 is not in the baseline"]


def test_closing_removes_every_file(directory: Path) -> None:
    """Templates and registries are gone with the namespace."""
    namespace = _namespace(directory)
    namespace.copy("k", _make_table)
    namespace.close()
    assert list(directory.iterdir()) == []


def test_memory_has_nothing_to_copy(directory: Path) -> None:
    """A database in memory says that it cannot be copied."""
    namespace = backend.namespace(SqliteProvisioner("memory").provision("gw0"), directory)
    assert not namespace.copies
    with pytest.raises(NotImplementedError):
        namespace.copy("k", lambda _: None)
