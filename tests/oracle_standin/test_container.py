"""The stand-in's container image, built and used by network."""

from __future__ import annotations

import contextlib
import io
import os
import platform
import re
import subprocess
import tarfile
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docker
import docker.models.containers
import docker.models.networks
import oracledb
import pytest

from gen3bed.services._docker import engine
from tests.oracle_standin.standin import wait_until
from tests.support.standin_image import built_image

ROOT = Path(__file__).resolve().parents[2]
STOP_SECONDS = 20
"""Docker kills what has not ended by then, which shows in the exit code."""


@pytest.fixture(scope="module")
def image() -> Iterator[str]:
    """Return the name of an image that is built as the documentation says, and removed afterwards."""
    with built_image() as tag:
        yield tag


@pytest.fixture
def container(image: str) -> Iterator[docker.models.containers.Container]:
    """Return a container of the image with as few rights as can be."""
    with engine() as client:
        made = client.containers.run(
            image,
            ["--profile", "21"],
            detach=True,
            read_only=True,
            cap_drop=["ALL"],
            security_opt=["no-new-privileges"],
            tmpfs={"/tmp": ""},  # noqa: S108 - in the container
            ports={"1521/tcp": ("127.0.0.1", 0)},
        )
        try:
            yield made
        finally:
            made.remove(force=True, v=True)


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Return a tar file of the driver for the image's Python, fetched on the host with the locked hash."""
    folder = tmp_path_factory.mktemp("driver")
    lock = (ROOT / "requirements/standin.txt").read_text()
    wanted = re.findall(r"^(?:oracledb|typing-extensions)==.*?(?=^\S|\Z)", lock, re.MULTILINE | re.DOTALL)
    (folder / "wanted.txt").write_text("".join(wanted))
    venv.create(folder / "venv", with_pip=True)
    platforms = [f"manylinux_2_{libc}_{platform.machine()}" for libc in (28, 17)]
    subprocess.run(
        [folder / "venv/bin/python", "-m", "pip", "--quiet", "download", "--require-hashes", "--no-deps",
         "--only-binary", ":all:", "--implementation", "cp", "--python-version", "3.13",
         *[option for name in platforms for option in ("--platform", name)],
         "--dest", folder / "wheels", "--requirement", folder / "wanted.txt"],
        check=True,
    )  # fmt: skip
    wheels = sorted((folder / "wheels").glob("*.whl"))
    assert len(wheels) == 2
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(folder / "driver")  # noqa: S202 - its hash is the locked one
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        archive.add(folder / "driver", arcname="driver")
    return packed.getvalue()


@pytest.fixture
def network() -> Iterator[docker.models.networks.Network]:
    """Return a network of containers alone."""
    with engine() as client:
        made = client.networks.create(f"gen3bed-standin-{os.getpid()}", internal=True)
        try:
            yield made
        finally:
            made.remove()


_CLIENT = """
import pathlib, sys
import oracledb
wallet = pathlib.Path("/tmp/wallet")
wallet.mkdir()
(wallet / "ewallet.pem").write_text(sys.argv[1])
dsn = "tcps://standin:1521/FREEPDB1"
with oracledb.connect(user="system", password="system", dsn=dsn, wallet_location=str(wallet)) as connection:
    cursor = connection.cursor()
    cursor.execute("create table t (n number(10) primary key, c clob)")
    cursor.executemany("insert into t values (:1, :2)", [(1, "one" * 20000), (2, "two")])
    connection.commit()
    print(connection.version, cursor.execute("select sum(n), sum(length(c)) from t").fetchone())
"""


def state(container: Any) -> dict[str, Any]:
    """Return what the engine says of a container now."""
    container.reload()
    told: dict[str, Any] = container.attrs["State"]
    return told


@pytest.mark.docker
@pytest.mark.slow
def test_a_container_is_used_by_network(container: Any) -> None:
    """A container without rights gets healthy, serves the driver and faults, and ends by itself when told."""

    def healthy() -> bool:
        told = state(container)
        assert told["Running"], container.logs().decode()
        return bool(told["Health"]["Status"] == "healthy")

    wait_until(healthy, seconds=60)
    assert container.exec_run(["id", "-u"]).output == b"1000\n"
    port = container.ports["1521/tcp"][0]["HostPort"]
    dsn = f"127.0.0.1:{port}/FREEPDB1"
    with oracledb.connect(user="system", password="system", dsn=dsn) as connection:
        cursor = connection.cursor()
        cursor.execute("create table t (n number(10) primary key)")
        cursor.executemany("insert into t values (:1)", [(1,), (2,)])
        connection.commit()
        assert cursor.execute("select sum(n) from t").fetchone() == (3,)
        assert connection.version.startswith("21.")
        added = container.exec_run(["oracle-standin", "fault", "add", "ping", "answer", "ORA-00060"])
        assert added.exit_code == 0, added.output
        with pytest.raises(oracledb.DatabaseError, match="ORA-00060"):
            connection.ping()
    container.stop(timeout=STOP_SECONDS)
    ended = state(container)
    assert (ended["ExitCode"], ended["OOMKilled"]) == (0, False), container.logs().decode()


@pytest.mark.docker
@pytest.mark.slow
def test_a_container_is_used_from_another_one(image: str, network: Any, driver: bytes) -> None:
    """A driver in a container reaches the stand-in in another one by its name, encrypted."""
    with engine() as client, contextlib.ExitStack() as closing:

        def start(*words: str, hostname: str, **options: Any) -> Any:
            made = client.containers.create(
                image, list(words), hostname=hostname, network=network.name, cap_drop=["ALL"], **options
            )
            closing.callback(made.remove, force=True, v=True)
            return made

        wallet = "/tmp/wallet"  # noqa: S108 - in the container
        server = start("--tls", "--wallet", wallet, hostname="standin")
        server.start()
        network.disconnect(server)
        network.connect(server, aliases=["standin"])
        wait_until(lambda: state(server)["Health"]["Status"] == "healthy", seconds=60)
        assert "tcps://standin:1521/FREEPDB1" in server.logs().decode()
        read = server.exec_run(["cat", f"{wallet}/client/ewallet.pem"])
        assert read.exit_code == 0, read.output
        user = start(
            "-c",
            _CLIENT,
            read.output.decode(),
            hostname="client",
            entrypoint=["/opt/oracle-standin/bin/python"],
            environment={"PYTHONPATH": "/opt/driver"},
        )
        assert user.put_archive("/opt", driver)
        user.start()
        user.wait(timeout=60)
        told = user.logs().decode()
        assert re.fullmatch(r"19\.\S+ \(3, 60003\)\n", told), told


def test_the_image_has_the_locked_packages() -> None:
    """Each version and hash in the image's requirements is the one of the suites' lock."""

    def entries(path: str) -> dict[str, set[str]]:
        text = (ROOT / path).read_text()
        found = re.findall(r"^(\S+==\S+)(.*?)(?=^\S|\Z)", text, re.MULTILINE | re.DOTALL)
        return {name: set(re.findall(r"sha256:[0-9a-f]{64}", rest)) for name, rest in found}

    image, lock = entries("containers/oracle-standin/requirements.txt"), entries("requirements/standin.txt")
    assert len(image) > 0
    assert {name: lock.get(name) for name in image} == image
