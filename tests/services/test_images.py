"""Tests of finding, pulling and building our images."""

from __future__ import annotations

import io
import tarfile
import tomllib
from pathlib import Path
from typing import Any, cast

import pytest
from ci.images import images

from gen3bed.errors import ImageError, StorageFullError
from gen3bed.matrix import load_matrix
from gen3bed.services._contexts import context_directory
from gen3bed.services._images import (
    context_archive,
    ensure_image,
    image_lacking,
    image_tag,
    tag_of,
)
from tests.support.fake_engine import FakeEngine

_IMAGE = load_matrix().images["postgresql"]
_LOCK = Path(__file__).parents[2] / "containers" / "images.lock"


def _engine(*, present: tuple[str, ...] = (), registry: tuple[str, ...] = ()) -> Any:
    return cast("Any", FakeEngine(present=present, registry=registry))


def test_tag_follows_the_content_and_the_base() -> None:
    """Another content, file name or base is another tag, and the same content the same."""
    tags = [
        tag_of(_IMAGE, {"Dockerfile": b"a", "x": b"b"}),
        tag_of(_IMAGE, {"Dockerfile": b"a", "y": b"b"}),
        tag_of(_IMAGE, {"Dockerfile": b"ax", "": b"b"}),
        tag_of(_IMAGE, {"Dockerfile": b"a2", "x": b"b"}),
        tag_of(
            type(_IMAGE)(name=_IMAGE.name, context=_IMAGE.context, base="other"),
            {"Dockerfile": b"a", "x": b"b"},
        ),
    ]
    assert len(set(tags)) == len(tags)
    assert tag_of(_IMAGE, {"x": b"b", "Dockerfile": b"a"}) == tags[0]


def test_archive_depends_on_the_content_only() -> None:
    """The build context carries no times, owners or modes of this machine."""
    files = {"b/c": b"2", "a": b"1"}
    archive = context_archive(files)
    assert archive == context_archive(dict(reversed(files.items())))
    with tarfile.open(fileobj=io.BytesIO(archive)) as opened:
        assert [(m.name, m.mtime, m.uid, m.mode) for m in opened] == [
            ("a", 0, 0, 0o644),
            ("b/c", 0, 0, 0o644),
        ]


def test_present_image_is_taken() -> None:
    """An image with the right tag is neither pulled nor built again."""
    engine = _engine(present=(image_tag(_IMAGE),))
    assert ensure_image(engine, _IMAGE, environ={}).origin == "present"
    assert engine.built == []


def test_image_is_pulled_where_a_registry_has_it() -> None:
    """With a registry prefix the published image is pulled, and its published digest reported."""
    tag = image_tag(_IMAGE)
    engine = _engine(registry=(f"registry.example/lsst/{tag}",))
    found = ensure_image(engine, _IMAGE, environ={"GEN3BED_IMAGE_REGISTRY": "registry.example/lsst/"})
    assert (found.origin, found.digest) == ("pulled", "sha256:published")
    assert tag in engine.present


def test_image_is_built_where_no_registry_has_it() -> None:
    """A registry without this content does not end it: the image is built from the base."""
    engine = _engine(registry=(_IMAGE.base,))
    said: list[str] = []
    found = ensure_image(
        engine, _IMAGE, environ={"GEN3BED_IMAGE_REGISTRY": "registry.example"}, progress=said.append
    )
    assert (found.origin, found.digest, found.tag) == ("built", "sha256:built", image_tag(_IMAGE))
    (build,) = engine.built
    assert build["buildargs"] == {"BASE": _IMAGE.base}
    assert {"Dockerfile", "entrypoint.sh", "profiles/fast.conf"} <= set(build["files"])
    assert "Building" in said[-1]


def test_missing_base_names_two_ways_out() -> None:
    """Without the base image the error names it, a mirror, and the script that makes it."""
    with pytest.raises(ImageError) as caught:
        ensure_image(_engine(), _IMAGE, environ={})
    assert caught.value.subject == _IMAGE.base
    assert "mirror" in caught.value.hint
    assert "ci/base-image" in caught.value.hint


@pytest.mark.parametrize(
    ("answer", "error"),
    [("apt-get failed", ImageError), ("write /x: no space left on device", StorageFullError)],
)
def test_failed_build_shows_its_log(answer: str, error: type[Exception]) -> None:
    """A build that fails is an error with the end of its log; a full disk is told apart."""
    engine = _engine(present=(_IMAGE.base,))
    engine.build_log = [{"stream": "Step 1/2\nlast words"}, {"error": answer}]
    with pytest.raises(error) as caught:
        ensure_image(engine, _IMAGE, environ={})
    assert type(caught.value) is error
    assert f"last words\n{answer}" in caught.value.detail  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("engine", "environ", "available"),
    [
        (_engine(present=(image_tag(_IMAGE),)), {}, True),
        (_engine(present=(_IMAGE.base,)), {}, True),
        (_engine(registry=(_IMAGE.base,)), {}, True),
        (_engine(), {"GEN3BED_IMAGE_REGISTRY": "registry.example"}, True),
        (_engine(), {}, False),
    ],
    ids=["present", "base-present", "base-pullable", "registry", "nothing"],
)
def test_availability_is_told_without_building(
    engine: Any, environ: dict[str, str], *, available: bool
) -> None:
    """Whether an image is to be had is found out without pulling or building anything."""
    before = set(engine.present)
    assert (image_lacking(engine, _IMAGE, environ) == "") is available
    assert set(engine.present) == before


def test_context_that_is_not_installed() -> None:
    """An installation without build contexts says so instead of a missing file."""
    with pytest.raises(ImageError, match="does not carry"):
        context_directory("nothing")


def test_lock_file_is_up_to_date() -> None:
    """The tag and base in images.lock are those of the present build contexts."""
    locked = tomllib.loads(_LOCK.read_text())
    assert {n: (i["image"], i["base"]) for n, i in locked.items()} == {
        n: (image_tag(i), i.base) for n, i in images().items()
    }, "run ci/lock-images"
