"""A repository of the real records for the unit tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from lsst.daf.butler import Butler

from gen3bed.pipeline import create_repository, open_repository

SQLITE = "sqlite:///<butlerRoot>/gen3.sqlite3"


@pytest.fixture(scope="session")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the root of a repository that the tests of a session share."""
    root = tmp_path_factory.mktemp("records") / "repository"
    create_repository(root, registry_url=SQLITE).close()
    return root


@pytest.fixture
def butler(repository: Path) -> Iterator[Butler]:
    """Open the repository for one test."""
    with closing(open_repository(repository)) as butler:
        yield butler
