"""The middleware's own command lines on Oracle, encrypted, with the password in db-auth alone."""

from __future__ import annotations

import json
import os
import subprocess
import sysconfig
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import oracledb
import pytest
from lsst.daf.butler import Butler

from gen3bed.pipeline import create_repository

pytestmark = pytest.mark.h2

_PROGRAMS = Path(sysconfig.get_path("scripts"))
_PASSWORD = "Aa1_not-to-be-seen"
_ISR = "instrument='HSC' AND visit=903334 AND detector IN (22, 23)"

Run = Callable[..., str]


@pytest.fixture(scope="module")
def standin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """Yield what a stand-in that only takes encrypted connections says of itself."""
    folder = tmp_path_factory.mktemp("standin")
    ready = folder / "ready.json"
    arguments = ["serve", "--tls", "--wallet", str(folder / "wallet"), "--ready-file", str(ready)]
    process = subprocess.Popen(
        [_PROGRAMS / "oracle-standin", *arguments, "--end-with-parent", str(os.getpid())],
        stdout=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + 60
        while not ready.exists() and time.monotonic() < deadline and process.poll() is None:
            time.sleep(0.1)
        yield json.loads(ready.read_text())
    finally:
        process.terminate()
        process.wait(30)


@pytest.fixture(scope="module")
def seed(standin: dict[str, Any]) -> str:
    """Return a seed configuration whose URL has no password; its user may make tables and no more."""
    admin = {"user": "system", "password": "system", "protocol": "tcps", "wallet_location": standin["wallet"]}
    service = {"host": "localhost", "port": standin["port"], "service_name": standin["service"]}
    with oracledb.connect(**admin, **service) as connection, connection.cursor() as cursor:
        cursor.execute(f'CREATE USER butler IDENTIFIED BY "{_PASSWORD}" QUOTA 1G ON users')
        cursor.execute("GRANT CREATE SESSION, CREATE TABLE, CREATE SEQUENCE TO butler")
    address = f"localhost:{standin['port']}/{standin['service']}"
    return (
        "registry:\n"
        f"  db: oracle+oracledb://BUTLER@{address}?protocol=tcps&wallet_location={standin['wallet']}\n"
        "  engines:\n"
        "    oracle: gen3bed.oracle.OracleDatabase\n"
    )


@pytest.fixture
def run(tmp_path: Path, standin: dict[str, Any]) -> Run:
    """Return a function that runs a program in the test's folder and returns what it printed."""
    auth = tmp_path / "db-auth.yaml"
    auth.write_text(
        f"- url: oracle://localhost:{standin['port']}/*\n  username: BUTLER\n  password: {_PASSWORD}\n"
    )
    auth.chmod(0o600)

    def run_program(program: str, *arguments: str) -> str:
        done = subprocess.run(
            [_PROGRAMS / program, *arguments],
            cwd=tmp_path,
            env=os.environ | {"LSST_DB_AUTH": str(auth)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert _PASSWORD not in done.stdout + done.stderr
        return done.stdout

    return run_program


def _export(tmp_path: Path) -> None:
    """Export what the pipeline needs from a repository on SQLite."""
    (tmp_path / "export").mkdir()
    source = create_repository(tmp_path / "source", registry_url=f"sqlite:///{tmp_path}/source.sqlite3")
    with source, source.export(directory=str(tmp_path / "export"), filename="e.yaml", transfer="copy") as to:
        to.saveDatasets(set(source.registry.queryDatasets(..., collections=...)))
        for element in source.dimensions.elements:
            if element.has_own_table:
                to.saveDimensionData(element, list(source.registry.queryDimensionRecords(element)))
        for collection in source.collections.query("*"):
            to.saveCollection(collection)


def test_a_repository_is_made_filled_asked_and_used(run: Run, seed: str, tmp_path: Path) -> None:
    """Create, import, query, ingest, pipetask qgraph and run in two processes work as on any database."""
    (tmp_path / "seed.yaml").write_text(seed)
    run("butler", "create", "--seed-config", "seed.yaml", "repository")
    _export(tmp_path)
    run("butler", "import", "repository", "export", "--export-file", "export/e.yaml", "-t", "copy")
    assert "HSC/defaults" in run("butler", "query-collections", "repository")
    raws = run("butler", "query-datasets", "repository", "raw", "--collections", "HSC/raw/all")
    assert raws.count(" raw HSC/raw/all ") + raws.count("\nraw") >= 1
    assert "903334" in run("butler", "query-dimension-records", "repository", "visit")
    note = ("note", "StructuredDataDict", "instrument", "detector")
    run("butler", "register-dataset-type", "repository", *note)
    (tmp_path / "note.yaml").write_text("seen: true\n")
    (tmp_path / "notes.csv").write_text("file,instrument,detector\nnote.yaml,HSC,22\n")
    run("butler", "ingest-files", "repository", "note", "u/notes", "notes.csv", "-t", "copy")
    assert "u/notes" in run("butler", "query-datasets", "repository", "note")
    repository = ("-b", "repository", "-i", "HSC/defaults", "-o", "u/me")
    pipeline = ("-p", "resource://gen3bed.pipeline/pipeline.yaml#isr", "-d", _ISR)
    run("pipetask", "qgraph", *repository, *pipeline, "--save-qgraph", "graph.qg")
    run("pipetask", "run", *repository, "-g", "graph.qg", "--register-dataset-types", "-j", "2")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LSST_DB_AUTH", str(tmp_path / "db-auth.yaml"))
        with Butler.from_config(str(tmp_path / "repository")) as butler:
            made = butler.query_datasets("postISRCCD", "u/me", find_first=True)
    assert sorted(ref.dataId["detector"] for ref in made) == [22, 23]
    texts = [p.read_bytes() for p in (tmp_path / "repository").rglob("*") if p.is_file()]
    assert not any(_PASSWORD.encode() in text for text in texts)


def test_a_server_of_another_name_is_refused(seed: str, standin: dict[str, Any]) -> None:
    """A certificate that is not for the host in the URL ends the connection."""
    del seed
    with pytest.raises(oracledb.DatabaseError):
        oracledb.connect(
            user="butler", password=_PASSWORD, host="127.0.0.2", port=standin["port"],
            service_name=standin["service"], protocol="tcps", wallet_location=standin["wallet"],
        )  # fmt: skip
