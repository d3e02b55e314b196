"""Tests of images that are taken as they are."""

from __future__ import annotations

from typing import Any, cast

import pytest

from gen3bed.errors import ImageError, StorageFullError
from gen3bed.matrix import PulledImage
from gen3bed.services._pulled import ensure_pulled, is_present, pulled_lacking
from tests.support.fake_engine import FakeEngine

IMAGE = PulledImage(name="somebody/database:1-slim", digest="sha256:abc")
BY_DIGEST = "somebody/database@sha256:abc"


def _client(engine: FakeEngine) -> Any:
    return cast("Any", engine)


def test_present_image_is_taken() -> None:
    """What the engine has is not pulled again."""
    engine = FakeEngine(present=(BY_DIGEST,))
    ready = ensure_pulled(_client(engine), IMAGE, hint="", environ={})
    assert (ready.tag, ready.digest, ready.origin) == (BY_DIGEST, "sha256:abc", "present")
    assert pulled_lacking(_client(engine), IMAGE, {}) == ""


def test_image_is_pulled_by_digest_and_progress_is_told() -> None:
    """A missing image is pulled by its digest, and the reader learns how far that is."""
    engine = FakeEngine(registry=(BY_DIGEST,))
    assert not is_present(_client(engine), IMAGE, {})
    said: list[str] = []
    ready = ensure_pulled(_client(engine), IMAGE, hint="", environ={}, progress=said.append)
    assert ready.origin == "pulled"
    assert is_present(_client(engine), IMAGE, {})
    assert [line for line in said if "50 %" in line]
    assert [line for line in said if "100 %" in line]


def test_mirror_is_asked_instead() -> None:
    """With a mirror's prefix the image comes from there."""
    mirror = {"GEN3BED_IMAGE_REGISTRY": "mirror.example.org/oracle/"}
    engine = FakeEngine(registry=(f"mirror.example.org/oracle/{BY_DIGEST}",))
    assert pulled_lacking(_client(engine), IMAGE, mirror) == ""
    assert ensure_pulled(_client(engine), IMAGE, hint="", environ=mirror).tag.startswith(
        "mirror.example.org/"
    )


def test_image_that_cannot_be_had_is_one_error() -> None:
    """The error names the image and what to do."""
    engine = FakeEngine()
    assert BY_DIGEST in pulled_lacking(_client(engine), IMAGE, {})
    with pytest.raises(ImageError, match="cannot be pulled") as caught:
        ensure_pulled(_client(engine), IMAGE, hint="Use the stand-in.", environ={})
    assert caught.value.subject == BY_DIGEST
    assert caught.value.hint == "Use the stand-in."


def test_full_disk_is_said_to_be_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pull that fills the engine's disk is not taken for a registry's fault."""
    engine = FakeEngine()
    monkeypatch.setattr(engine, "pull", lambda *_, **__: [{"error": "write /x: no space left on device"}])
    with pytest.raises(StorageFullError, match="no room"):
        ensure_pulled(_client(engine), IMAGE, hint="", environ={})
