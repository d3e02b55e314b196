"""The ledger names what was made, before it is made and until it is gone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from gen3bed.errors import LedgerError, LedgerGoneError
from gen3bed.ledger import Entry, Ledger, Owner, ledger_directory, open_ledgers, remove_unbegun

CONTAINER = Entry(kind="container", name="gen3bed-1")
INSIDE = Entry(kind="database", name="db", within="gen3bed-1", facts={"server": "s"})


def test_recorded_entries_are_outstanding_until_struck() -> None:
    """An entry is outstanding from its record to its strike, for any reader of the file."""
    ledger = Ledger.create()
    ledger.record(CONTAINER)
    assert Ledger(ledger.path).outstanding() == [CONTAINER]
    ledger.strike(CONTAINER)
    assert Ledger(ledger.path).outstanding() == []


def test_striking_a_container_strikes_what_is_within() -> None:
    """The end of a container is the end of every database in it."""
    ledger = Ledger.create()
    ledger.record(CONTAINER)
    ledger.record(INSIDE)
    ledger.strike(CONTAINER)
    assert ledger.outstanding() == []


def test_same_name_on_two_servers_is_two_things() -> None:
    """Two databases of one name on different servers are kept apart."""
    ledger = Ledger.create()
    other = Entry(kind="database", name="db", facts={"server": "t"})
    ledger.record(INSIDE)
    ledger.record(other)
    ledger.strike(INSIDE)
    assert ledger.outstanding() == [other]


def test_closing_keeps_the_file_while_something_is_outstanding() -> None:
    """A ledger that still names something survives its run; an empty one does not."""
    ledger = Ledger.create()
    ledger.record(CONTAINER)
    ledger.close()
    assert [x.run for x in open_ledgers()] == [ledger.run]
    ledger.strike(CONTAINER)
    ledger.close()
    assert open_ledgers() == []


def test_torn_last_line_is_ignored() -> None:
    """A line cut short by a kill announced something that was not made yet."""
    ledger = Ledger.create()
    ledger.record(CONTAINER)
    with ledger.path.open("a") as stream:
        stream.write('{"record": {"kind": "con')
    assert ledger.outstanding() == [CONTAINER]


def test_run_that_died_before_it_was_complete_is_not_kept() -> None:
    """A service counts as kept only from the moment at which all of it is written down."""
    ledger = Ledger.create()
    ledger.record(CONTAINER)
    kept = [ledger.keep]
    ledger.mark_kept()
    kept.append(ledger.keep)
    assert kept == [False, True]
    assert ledger.outstanding() == [CONTAINER]


def test_full_disk_is_an_error_and_does_not_spoil_the_next_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """A line that a full disk cuts short is an error before anything is made, and the next is whole."""
    ledger = Ledger.create()
    write = os.write
    with monkeypatch.context() as full:
        full.setattr(os, "write", lambda descriptor, text: write(descriptor, text[:20]))
        with pytest.raises(LedgerError, match="No space left"):
            ledger.record(INSIDE)
    ledger.record(CONTAINER)
    assert ledger.outstanding() == [CONTAINER]


def test_full_disk_at_the_start_leaves_no_empty_ledger(monkeypatch: pytest.MonkeyPatch) -> None:
    """A ledger that could not be begun is not there to confuse the next reaping."""
    monkeypatch.setattr(os, "write", lambda *_: 0)
    with pytest.raises(LedgerError, match="No space left"):
        Ledger.create()
    assert open_ledgers() == []


def test_owner_is_alive_only_with_the_same_start_time() -> None:
    """A process number that was given away again does not keep a run alive."""
    owner = Owner.current()
    assert owner.is_alive
    assert not Owner(pid=owner.pid, started=owner.started - 100, host=owner.host).is_alive


def test_owner_on_another_host_counts_as_alive() -> None:
    """On a shared home directory another host's run is left alone."""
    assert Owner(pid=1, started=0.0, host="elsewhere.example.org").is_alive


def test_ledger_of_a_killed_process_is_found_and_its_owner_is_dead() -> None:
    """A run killed by SIGKILL leaves a ledger whose owner is known to be dead."""
    program = (
        "import os, signal; from gen3bed.ledger import Entry, Ledger; "
        "Ledger.create().record(Entry(kind='container', name='x')); os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", program], check=False)
    assert done.returncode < 0
    (ledger,) = open_ledgers()
    assert not ledger.owner.is_alive
    assert [e.name for e in ledger.outstanding()] == ["x"]


def test_ledger_of_a_run_that_was_killed_as_it_began_is_removed() -> None:
    """A ledger that was not begun goes when its owner is dead, or has written nothing for a minute."""
    directory = ledger_directory()
    directory.mkdir(parents=True)
    here = {"host": Owner.current().host, "pid": os.getpid()}
    beginning = {
        "dead": json.dumps({"owner": here | {"started": 1.0}}),
        "alive": json.dumps({"owner": here | {"started": Owner.current().started}}),
        "elsewhere": json.dumps({"owner": {"pid": 1, "started": 1.0, "host": "elsewhere.example.org"}}),
        "empty": "",
        "empty-for-long": "",
    }
    for name, text in beginning.items():
        (directory / f"{name}.new").write_text(text)
    os.utime(directory / "empty-for-long.new", (1, 1))
    ledger = Ledger.create()
    remove_unbegun()
    left = {path.name for path in directory.iterdir()}
    assert left == {"alive.new", "elsewhere.new", "empty.new", ledger.path.name}


def test_file_is_private() -> None:
    """Nobody else can read what a run made."""
    assert Ledger.create().path.stat().st_mode & 0o077 == 0


def test_unwritable_directory_is_an_error_before_anything_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a ledger nothing may be created, and the error says where it would be."""
    (tmp_path / "file").touch()
    monkeypatch.setenv("GEN3BED_STATE_DIR", str(tmp_path / "file"))
    with pytest.raises(LedgerError, match="GEN3BED_STATE_DIR"):
        Ledger.create()


@pytest.mark.parametrize(
    "content", [None, b"", b"{}\n", b"not json\n", b"\xfa\x00\xff", b"42\n", b'{"owner": {"pid": 3}}\n']
)
def test_unreadable_file_is_an_error_that_says_how_to_look_by_hand(content: bytes | None) -> None:
    """A ledger that cannot be read is never taken for an empty one."""
    path = ledger_directory() / "0123456789ab.jsonl"
    path.parent.mkdir(parents=True)
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(LedgerError, match="docker ps"):
        Ledger(path).outstanding()


@pytest.mark.parametrize(
    "record", [{"kind": "planet", "name": "x"}, {"kind": "role", "name": "x", "colour": "red"}, "x"]
)
def test_entry_of_another_version_is_an_error(record: object) -> None:
    """What a newer gen3bed wrote down is not passed over in silence, and its ledger stays."""
    ledger = Ledger.create()
    ledger.record(CONTAINER)
    with ledger.path.open("a") as stream:
        stream.write(json.dumps({"record": record}) + "\n")
    with pytest.raises(LedgerError, match=r"(?s)does not know.*version that made it"):
        ledger.outstanding()


def test_closed_ledger_is_told_from_a_damaged_one() -> None:
    """Reading a ledger that its owner has closed is an error of its own, which readers may pass over."""
    ledger = Ledger.create()
    (listed,) = open_ledgers()
    ledger.close()
    with pytest.raises(LedgerGoneError):
        _ = listed.keep


def test_two_processes_append_whole_lines() -> None:
    """Lines that two processes append at the same time are all readable."""
    ledger = Ledger.create()
    child = os.fork()
    for n in range(100):
        ledger.record(Entry(kind="role", name=f"{'child' if child == 0 else 'parent'}{n}"))
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    assert len(ledger.outstanding()) == 200
