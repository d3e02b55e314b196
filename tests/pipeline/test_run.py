"""Expectation, graph and the whole way, without the suite's registry."""

from __future__ import annotations

from pathlib import Path

import pytest
from lsst.daf.butler import Butler

from gen3bed.errors import CredentialsError, NamespaceError, ServiceError, UsageError
from gen3bed.pipeline import (
    Selection,
    Step,
    create_repository,
    execute_graph,
    expect,
    load_pipeline,
    read_records,
    run_pipeline,
)
from gen3bed.pipeline._expectation import dataset_key
from gen3bed.pipeline._graph import build_graph

from .conftest import SQLITE

ONE_VISIT = Selection(visits=(903336,))


def test_counts_of_the_two_selections() -> None:
    """One patch has 93 quanta and the whole tract 209, as the documentation says."""
    records = read_records()
    assert expect(records).counts == {
        "isr": 33,
        "calibrate": 33,
        "consolidateVisitSummary": 11,
        "makeWarp": 11,
        "assembleCoadd": 2,
        "detectCoaddSources": 2,
        "mergeDetections": 1,
    }
    assert sum(expect(records, Selection(patches=())).counts.values()) == 209


def test_blocked_quanta_are_those_downstream() -> None:
    """A failed calibration blocks its visit's summary and warp and the coadd of its band only."""
    expectation = expect(read_records(), Selection(visits=(903334, 903986)))
    failed = dataset_key("calibrate", {"instrument": "HSC", "visit": 903334, "detector": 22})
    remaining, blocked = expectation.after_failures([failed])
    assert sorted(label for label, _ in blocked) == [
        "assembleCoadd",
        "consolidateVisitSummary",
        "detectCoaddSources",
        "makeWarp",
        "mergeDetections",
    ]
    assert remaining.counts["assembleCoadd"] == 1
    assert not {"calexp", "src"} & {
        n for n, d in remaining.contents if ("visit", 903334) in d and ("detector", 22) in d
    }


def test_whole_way(tmp_path: Path) -> None:
    """Repository, graph, execution and checks run one after another, and each step is reported."""
    steps: list[Step] = []
    result = run_pipeline(
        tmp_path / "repository", registry_url=SQLITE, selection=ONE_VISIT, progress=steps.append
    )
    assert result.succeeded
    assert result.quanta == expect(read_records(), ONE_VISIT).counts
    assert list(result.steps) == steps
    assert [(s.name, s.count, s.unit) for s in steps[:3]] == [
        ("repository", 183, "input datasets"),
        ("graph", 9, "quanta"),
        ("execution", 9, "quanta"),
    ]


def test_progress_of_each_quantum(repository: Path, butler: Butler) -> None:
    """The progress function hears of each quantum that ran, with its data ID and whether it succeeded."""
    graph = build_graph(
        butler,
        output_run="u/progress",
        selection=ONE_VISIT,
        pipeline=load_pipeline(fail_for={"isr": "exposure:903336 detector:17"}),
    )
    heard: list[tuple[str, str, bool]] = []
    execution = execute_graph(repository, graph, progress=lambda *news: heard.append(news))
    assert str(execution.failed[0]).startswith("isr (instrument='HSC', detector=17, exposure=903336): ")
    assert heard == [
        ("isr", "instrument='HSC', detector=17, exposure=903336", False),
        ("isr", "instrument='HSC', detector=24, exposure=903336", True),
        ("calibrate", "instrument='HSC', detector=24, visit=903336", True),
    ]


@pytest.mark.slow
def test_two_processes(repository: Path, butler: Butler) -> None:
    """Quanta run in processes of their own, and the outcome is the same."""
    graph = build_graph(
        butler,
        output_run="u/processes",
        selection=ONE_VISIT,
        pipeline=load_pipeline(subset="singleFrame"),
        datastore_records=True,
    )
    execution = execute_graph(repository, graph, processes=2, mode="quantum-backed")
    assert execution.succeeded == {"isr": 2, "calibrate": 2}


def test_unknown_subset_and_label_are_refused() -> None:
    """An unknown subset or task label is an error that lists what there is."""
    with pytest.raises(UsageError, match="Choose one of coaddition, singleFrame"):
        load_pipeline(subset="everything")
    with pytest.raises(UsageError, match=r"Choose one of .*makeWarp"):
        load_pipeline(fail_for={"makeToast": "visit:1"})


def test_directory_in_use_is_refused(tmp_path: Path) -> None:
    """A directory that holds something is not written to."""
    (tmp_path / "mine").write_text("precious")
    with pytest.raises(UsageError, match="no empty directory"):
        create_repository(tmp_path, registry_url=SQLITE)
    assert [p.name for p in tmp_path.iterdir()] == ["mine"]


def test_registry_in_use_is_refused(tmp_path: Path) -> None:
    """A database that holds a registry is refused, and nothing is left of the attempt."""
    url = f"sqlite:///{tmp_path / 'registry.sqlite3'}"
    create_repository(tmp_path / "first", registry_url=url).close()
    with pytest.raises(NamespaceError, match="holds tables already"):
        create_repository(tmp_path / "second", registry_url=url)
    assert not (tmp_path / "second").exists()


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:////no/such/directory/x.sqlite3",
        "nonsense://host/database",
        "no url",
        "postgresql+psycopg://a@127.0.0.1:1/x",
    ],
)
def test_unusable_url_is_explained(tmp_path: Path, url: str) -> None:
    """A URL that leads nowhere is one error with a next step, and nothing is left of the attempt."""
    with pytest.raises(ServiceError, match="Hint: Try the URL") as caught:
        create_repository(tmp_path / "repository", registry_url=url)
    assert caught.value.subject == url
    assert not (tmp_path / "repository").exists()


def test_password_in_the_url_is_refused(tmp_path: Path) -> None:
    """A URL with a password is refused before it gets into a file, and the message hides it."""
    with pytest.raises(UsageError, match="has a password") as caught:
        create_repository(tmp_path / "repository", registry_url="postgresql://me:secret@host/database")
    assert "secret" not in str(caught.value)
    assert not (tmp_path / "repository").exists()


def test_wrong_credentials_file_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A db-auth file that others can read is an error that says how to mend it."""
    credentials = tmp_path / "db-auth.yaml"
    credentials.write_text("- {url: 'postgresql://127.0.0.1:1/*', username: a, password: b}\n")
    credentials.chmod(0o644)
    monkeypatch.setenv("LSST_DB_AUTH", str(credentials))
    with pytest.raises(CredentialsError, match="0600"):
        create_repository(tmp_path / "repository", registry_url="postgresql+psycopg://a@127.0.0.1:1/x")
