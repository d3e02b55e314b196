"""The command line: help, refusals, and what is printed."""

from __future__ import annotations

import io
import json
import os
import re
import signal
import socket
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from gen3bed import cli
from gen3bed.cli import main
from gen3bed.doctor import Finding
from gen3bed.errors import ExitCode, ServiceError
from gen3bed.kept import KeptStatus
from gen3bed.ledger import Entry, Ledger, ledger_directory, open_ledgers
from gen3bed.matrix import load_matrix
from gen3bed.reap import Reaped
from tests.support.closing_ledger import closing_ledgers


@pytest.fixture
def gen3bed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Return a function that runs the command in this process."""

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["gen3bed", *arguments])
        with pytest.raises(SystemExit) as caught:
            main()
        captured = capsys.readouterr()
        return int(str(caught.value.code)), captured.out, captured.err

    return run


@pytest.mark.parametrize(
    "command", [[], *[[name] for name in cli.cli.commands]], ids=lambda c: c[0] if c else ""
)
def test_help_of_every_command(gen3bed: Any, command: list[str]) -> None:
    """Each command explains itself and ends with code 0."""
    code, out, _ = gen3bed(*command, "--help")
    assert code == 0
    assert out.startswith("Usage:")


@pytest.mark.parametrize("command", ["run", "check", "up", "down", "reap"])
def test_help_has_examples(gen3bed: Any, command: str) -> None:
    """Commands with arguments show how they are used."""
    assert f"gen3bed {command} " in gen3bed(command, "--help")[1].split("Example")[1]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["run", "db2"], "no such cell"),
        (["run", "postgresql", "--provider", "cloud"], "no such provider"),
        (["run", "sqlite", "--suite", "speed"], "no such suite"),
        (
            ["run", "postgresql", "--provider", "local", "--url", "postgresql://me@h/d"],
            "nothing is to be started",
        ),
        (["run", "--url", "postgresql://h:port/d", "postgresql"], "not a database URL"),
        (["run", "-n", "-1", "sqlite"], "-1"),
        (["run", "--speed"], "No such option"),
        (["check", "mysql://me@h/d"], "no such registry"),
        (["check", "sqlite:////nowhere/x.db"], "has no server"),
        (["run", "sqlite-memory", "--report", "/proc/nowhere"], "cannot be made"),
        (["up", "sqlite"], "needs no server"),
        (["up", "db2"], "no such registry"),
        (["up", "postgresql", "--provider", "cloud"], "no such provider"),
        (["down"], "name one kept service"),
        (["down", "0123456789ab"], "no kept service"),
        (["reap", "--forget", "0123456789ab"], "no run of that name"),
        (["reap", "--forget", "0123456789ab", "--kept"], "--kept does not go with --forget"),
        (["reap", "--yes"], "--yes goes only with --forget"),
        (["report", "nowhere"], "nowhere"),
        (["fly"], "No such command"),
    ],
)
def test_bad_input_is_one_error_with_the_code_for_usage(
    gen3bed: Any, arguments: list[str], says: str
) -> None:
    """Every wrong argument is named, ends with code 2, and leaves no ledger behind."""
    code, _, err = gen3bed(*arguments)
    assert code == ExitCode.USAGE
    assert says in err.replace("\n", " ")
    assert "Traceback" not in err
    assert open_ledgers() == []


@pytest.mark.parametrize(
    "url", ["postgresql://me:hush@h/butler", "postgresql://me@h/butler?sslpassword=hush"]
)
def test_password_in_a_url_is_refused_and_not_repeated(gen3bed: Any, url: str) -> None:
    """A URL with a password is refused, and the message does not hold the password."""
    code, out, err = gen3bed("check", url)
    assert code == ExitCode.USAGE
    assert "db-auth" in err
    assert "hush" not in out + err


@pytest.mark.parametrize("answer", ["", "n\n", "\n"])
def test_check_asks_before_it_writes(gen3bed: Any, monkeypatch: pytest.MonkeyPatch, answer: str) -> None:
    """Without a yes, as where nobody can answer, nothing is written to somebody's server."""
    monkeypatch.setattr(sys, "stdin", io.StringIO(answer))
    monkeypatch.setattr(cli, "_run", lambda **_: pytest.fail("it did not ask"))
    monkeypatch.setattr("gen3bed.runner.look_at_server", lambda *_: None)
    code, _, err = gen3bed("check", "postgresql://me@127.0.0.1:1/butler")
    assert code == ExitCode.USAGE
    assert "gen3bed_*" in err
    assert "--yes" in err
    # Who answers ends the line of the question; the end of input does not.
    assert answer or "\nerror: " in err


def test_check_of_an_unreachable_server_makes_nothing(
    gen3bed: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A server that is down is an error of the service before anybody is asked, and nothing is made."""
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    auth = tmp_path / "db-auth.yaml"
    auth.write_text("- url: postgresql://127.0.0.1/*\n  username: me\n  password: x\n")
    auth.chmod(0o600)
    monkeypatch.setenv("LSST_DB_AUTH", str(auth))
    code, out, err = gen3bed("check", "--report", "report", "postgresql://me@127.0.0.1:1/butler")
    assert code == ExitCode.SERVICE
    assert err.startswith("error: postgresql://me@127.0.0.1:1/butler: ")
    assert "next step: " in err
    assert out == ""
    assert list(work.iterdir()) == []
    assert not ledger_directory().exists()


def test_check_with_yes_runs_on_that_server(gen3bed: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """With --yes the run goes to the URL, requires its cell, and chooses the registry by the URL."""
    seen: dict[str, Any] = {}
    monkeypatch.setattr(cli, "_run", seen.update)
    monkeypatch.setattr("gen3bed.runner.look_at_server", lambda *_: None)
    gen3bed("check", "--yes", "postgresql://me@127.0.0.1:1/butler")
    assert (seen["names"], seen["provider"], seen["require"]) == (("postgresql",), "url", True)
    assert str(seen["url"]) == "postgresql://me@127.0.0.1:1/butler"


def test_ps_tells_crashed_from_running(gen3bed: Any) -> None:
    """A run of this process is listed as running, with what it has."""
    Ledger.create().record(Entry(kind="container", name="box"))
    assert re.search(r"run +running +container box$", gen3bed("ps")[1], re.MULTILINE)


def test_ps_names_a_damaged_ledger_and_goes_on(gen3bed: Any) -> None:
    """A ledger that cannot be read is a line with its path, and no reason to hide the others."""
    Ledger.create().record(Entry(kind="container", name="box"))
    (ledger_directory() / "000000000000.jsonl").write_text("not json\n")
    code, out, _ = gen3bed("ps")
    assert code == 0
    assert re.search(r"^0{12}  run +damaged +.*000000000000.jsonl: .*\n +next step: .", out)
    assert "container box" in out


def test_ps_says_which_kept_service_does_not_answer(gen3bed: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each kept service has a column with its state, and one that needs attention the command for it."""
    listed = [
        KeptStatus(run="a" * 12, state="running", shown="postgresql 17.6"),
        KeptStatus(
            run="b" * 12, state="not answering", shown="postgresql 15.18: gone", hint="gen3bed down b"
        ),
    ]
    monkeypatch.setattr("gen3bed.kept.kept_services", lambda: listed)
    assert gen3bed("ps")[1] == (
        "aaaaaaaaaaaa  kept  running        postgresql 17.6\n"
        "bbbbbbbbbbbb  kept  not answering  postgresql 15.18: gone\n"
        "              next step: gen3bed down b\n"
    )


def test_down_of_all_leaves_other_hosts_alone(gen3bed: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """With --all, what is kept on another host that shares the ledgers is not tried."""
    listed = [
        KeptStatus(run="here", state="not answering", shown="x"),
        KeptStatus(run="there", state="elsewhere", shown="y"),
    ]
    monkeypatch.setattr("gen3bed.kept.kept_services", lambda: listed)
    monkeypatch.setattr("gen3bed.kept.take_down", lambda run: [Reaped(run=run, kind="container", name="box")])
    assert gen3bed("down", "--all")[:2] == (0, "removed container box of run here\n")


def test_ps_passes_over_a_run_that_ends_meanwhile(gen3bed: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A ledger that its owner closes while the list is made is not in it, and not an error."""
    Ledger.create()
    monkeypatch.setattr("gen3bed.ledger.open_ledgers", closing_ledgers)
    assert gen3bed("ps")[0] == 0


def test_down_of_what_somebody_else_takes_down_is_refused(
    gen3bed: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A kept service whose ledger vanishes while it is looked for is not known any more."""
    ledger = Ledger.create()
    ledger.mark_kept()
    monkeypatch.setattr("gen3bed.kept.open_ledgers", closing_ledgers)
    code, _, err = gen3bed("down", ledger.run)
    assert code == ExitCode.USAGE
    assert "no kept service" in err


def test_reap_says_what_is_gone_and_what_is_not(gen3bed: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What could not be removed is named with its reason and next step, and the code is not 0."""
    left = Reaped(run="r", kind="role", name="x", reason="no credentials", hint="Write a db-auth file.")
    gone = Reaped(run="r", kind="container", name="box")
    monkeypatch.setattr("gen3bed.reap.reap", lambda **_: [gone, left])
    code, out, err = gen3bed("reap")
    assert code == ExitCode.SERVICE
    assert "removed container box" in out
    assert "no credentials" in err
    assert "Write a db-auth file." in err


def test_error_is_followed_by_what_went_wrong_after_it(gen3bed: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What could not be removed after a failed start is printed with the error of the start."""

    def fail(*_: object, **__: object) -> None:
        error = ServiceError("server", reason="it died", hint="Look at its log.")
        error.add_note("container [box] is still there")
        raise error

    monkeypatch.setattr("gen3bed.kept.bring_up", fail)
    code, _, err = gen3bed("up", "postgresql")
    assert code == ExitCode.SERVICE
    assert err.startswith("error: server: it died\n")
    assert "\ncontainer [box] is still there\n" in err


def test_reap_of_nothing_is_green(gen3bed: Any) -> None:
    """Without leftovers there is nothing to do and nothing wrong."""
    assert gen3bed("reap")[:2] == (0, "nothing was left\n")


@pytest.fixture
def lost() -> Ledger:
    """Return the ledger of a crashed run that has a database on a server that is gone."""
    ledger = Ledger.create()
    owner = {"pid": os.getpid(), "started": 1.0, "host": socket.gethostname()}
    ledger.path.write_text(json.dumps({"owner": owner}) + "\n")
    facts = {"server": "postgresql://me@127.0.0.1:1/d"}
    ledger.record(Entry(kind="database", name=f"gen3bed_{ledger.run}_gw0", facts=facts))
    return ledger


def test_reap_names_the_way_out_and_does_not_take_it(gen3bed: Any, lost: Ledger) -> None:
    """A server that does not answer stays in the ledger, and the line for giving it up is printed."""
    code, _, err = gen3bed("reap")
    assert code == ExitCode.SERVICE
    assert f"gone for good: gen3bed reap --forget {lost.run}\n" in err
    assert len(lost.outstanding()) == 1


@pytest.mark.parametrize("answer", ["", "n\n", "\n"])
def test_nothing_is_given_up_without_a_yes(
    gen3bed: Any, lost: Ledger, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    """What would be given up is named, and stays in the ledger unless somebody says yes."""
    monkeypatch.setattr(sys, "stdin", io.StringIO(answer))
    code, _, err = gen3bed("reap", "--forget", lost.run)
    assert code == ExitCode.USAGE
    assert f"to be given up: database gen3bed_{lost.run}_gw0 on postgresql://me@127.0.0.1:1/d\n" in err
    assert "nothing was given up" in err
    assert len(lost.outstanding()) == 1


def test_given_up_with_a_yes(gen3bed: Any, lost: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a yes the ledger is closed, and the next reaping finds nothing."""
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))
    code, out, _ = gen3bed("reap", "--forget", lost.run)
    assert (code, out) == (ExitCode.OK, f"given up database gen3bed_{lost.run}_gw0 of run {lost.run}\n")
    assert gen3bed("reap")[:2] == (0, "nothing was left\n")


def test_reap_says_that_a_run_has_not_ended(gen3bed: Any) -> None:
    """While a run goes on or is ending, a reaping does not say that there is nothing at all."""
    kept, going = Ledger.create(), Ledger.create()
    kept.mark_kept()
    code, out, _ = gen3bed("reap")
    assert code == ExitCode.OK
    assert out.startswith(f"nothing was left by a crashed run; not ended yet: {going.run}, ")


@pytest.mark.parametrize(("level", "code"), [("warn", ExitCode.OK), ("fail", ExitCode.SERVICE)])
def test_doctor_fails_for_what_is_broken_only(
    gen3bed: Any, monkeypatch: pytest.MonkeyPatch, level: Any, code: ExitCode
) -> None:
    """A machine that lacks something is told how to get it; only what is broken is an error."""
    finding = Finding(name="disk", level=level, seen="full", fix="Make room.")
    monkeypatch.setattr("gen3bed.doctor.diagnose", lambda: [finding])
    got, out, _ = gen3bed("doctor")
    assert got == code
    assert "Make room." in out


def test_any_command_cleans_up_after_sigterm(gen3bed: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """SIGTERM lets every command clean up, and ends it with the code for an interrupt."""
    cleaned: list[bool] = []

    def look() -> list[Finding]:
        try:
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(10)
            return []
        finally:
            cleaned.append(True)

    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    monkeypatch.setattr("gen3bed.doctor.diagnose", look)
    try:
        code, _, err = gen3bed("doctor")
    finally:
        signal.signal(signal.SIGTERM, before)
    assert (code, cleaned) == (ExitCode.INTERRUPTED, [True])
    assert "Traceback" not in err


def test_matrix_as_json_is_what_ci_reads(gen3bed: Any) -> None:
    """The JSON lists each cell that CI runs, for each Python."""
    matrix = load_matrix()
    cells = {c.name for c in matrix.cells if c.ci}
    text = gen3bed("matrix", "--json")[1]
    assert json.loads(text)
    assert all(name in text for name in cells)


def test_unexpected_error_keeps_its_traceback(gen3bed: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault of our own is not dressed up as the user's."""

    def broken(**_: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("gen3bed.reap.reap", broken)
    monkeypatch.setattr(sys, "argv", ["gen3bed", "reap"])
    with pytest.raises(ZeroDivisionError):
        main()


def test_report_of_no_run_is_refused(gen3bed: Any, tmp_path: Path) -> None:
    """A directory without a record is refused with the file that is missing."""
    code, _, err = gen3bed("report", str(tmp_path))
    assert code == ExitCode.USAGE
    assert "run.json" in err
