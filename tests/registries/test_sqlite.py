"""SQLite namespaces: files that are copied, and what they leak."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import pytest

from gen3bed.registries import RegistryAddress, Step
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


TABLE = Step(key="table", apply=_make_table)


def _add_row(address: RegistryAddress) -> None:
    with sqlite3.connect(_path(address)) as connection:
        connection.execute("INSERT INTO template VALUES (42)")
    connection.close()


def _rows(address: RegistryAddress) -> list[tuple[int]]:
    with contextlib.closing(sqlite3.connect(_path(address))) as connection:
        return connection.execute("SELECT a FROM template").fetchall()


def test_copy_builds_its_template_once(directory: Path) -> None:
    """The second copy of a template is made from the file, not by building again."""
    namespace = _namespace(directory)
    built: list[RegistryAddress] = []

    def build(address: RegistryAddress) -> None:
        built.append(address)
        _make_table(address)

    first, second = (namespace.copy(Step(key="k", apply=build)) for _ in range(2))
    assert len(built) == 1
    assert first != second
    assert _rows(first) == _rows(second) == []


def test_template_with_another_step_begins_as_a_copy(directory: Path) -> None:
    """A further step is done on a copy, so that the template without it stays as it is."""
    namespace = _namespace(directory)
    row = Step(key="row", apply=_add_row)
    longer, shorter = namespace.copy(TABLE, row), namespace.copy(TABLE)
    assert _rows(longer) == [(42,)]
    assert _rows(shorter) == []


def test_refilled_file_has_the_new_content(directory: Path) -> None:
    """An unchanged copy takes the content of another template at the same address."""
    namespace = _namespace(directory)
    address = namespace.copy(TABLE)
    namespace.refill(address, TABLE, Step(key="row", apply=_add_row))
    assert _rows(address) == [(42,)]
    assert namespace.leaks() == []


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
    namespace.copy(TABLE)
    namespace.close()
    assert list(directory.iterdir()) == []


def test_memory_has_nothing_to_copy(directory: Path) -> None:
    """A database in memory says that it cannot be copied."""
    namespace = backend.namespace(SqliteProvisioner("memory").provision("gw0"), directory)
    assert not namespace.copies
    with pytest.raises(NotImplementedError):
        namespace.copy(TABLE)
