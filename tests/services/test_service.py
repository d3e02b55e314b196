"""Tests of describing a server in a file."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
import sqlalchemy

from gen3bed.errors import ServiceError
from gen3bed.services import Service

SERVICE = Service(
    registry="postgresql",
    provider="local",
    url=sqlalchemy.make_url("postgresql+psycopg://a:s3cret@127.0.0.1:1/d"),
    version="17.6",
    facts={"profile": "fast"},
)


def test_loaded_as_it_was_saved(tmp_path: Path) -> None:
    """A child process reads the same server, with its password, from a file of this user's alone."""
    path = tmp_path / "service.json"
    SERVICE.save(path)
    assert Service.load(path) == SERVICE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_killed_while_saving_leaves_the_old_file(tmp_path: Path) -> None:
    """A process that dies before all is written does not tear a description that is there."""
    path = tmp_path / "service.json"
    SERVICE.save(path)

    def die(fd: object) -> None:
        os._exit(9)

    child = os.fork()
    if child == 0:
        os.fsync = die
        SERVICE.save(path)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    assert Service.load(path) == SERVICE


@pytest.mark.parametrize(
    "text", [None, "", '{"registry": "postgresql", "url": "postgresql+psycopg://a:s3cret@h', "[]", "{}",
             '{"url": 1}', '{"url": "s3cret"}', '{"url": "postgresql://a:s3cret@h/d", "colour": 1}', "\xff"]
)  # fmt: skip
def test_damaged_file_is_an_error_without_the_password(tmp_path: Path, text: str | None) -> None:
    """A file that is missing, torn or something else is one error that names it and no secret."""
    path = tmp_path / "service.json"
    if text is not None:
        path.write_text(text, encoding="latin-1")
    with pytest.raises(ServiceError) as caught:
        Service.load(path)
    assert str(path) in str(caught.value)
    assert "s3cret" not in str(caught.value)
