"""Tests of the parameter files."""

from __future__ import annotations

from gen3bed.services.postgresql._profiles import parse_parameters, profile_parameters


def test_comments_and_blanks_are_skipped() -> None:
    """Only assignments count, without their trailing comments."""
    assert parse_parameters("# one\n\nfsync = off  # two\nwork_mem=4MB\n") == {
        "fsync": "off",
        "work_mem": "4MB",
    }


def test_fast_waits_for_no_disk_and_durable_does() -> None:
    """The two profiles differ in what a power cut may cost."""
    names = ("fsync", "synchronous_commit", "full_page_writes")
    assert {profile_parameters("fast")[n] for n in names} == {"off"}
    assert {profile_parameters("durable")[n] for n in names} == {"on"}
