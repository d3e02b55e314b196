"""Reading ``--with`` and checking each path before anything is changed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from ci import checkouts, sources


def git(folder: Path, *arguments: str) -> None:
    """Run git in ``folder``, as somebody."""
    identity = ("-c", "user.name=Somebody", "-c", "user.email=somebody@example.org")
    command = ["git", "-C", str(folder), *identity, *arguments]
    subprocess.run(command, check=True, capture_output=True)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Return a git checkout of lsst-thing with one commit and an ignored file."""
    folder = tmp_path / "thing"
    folder.mkdir()
    (folder / "pyproject.toml").write_text("[project]\nname = 'lsst_thing'\n")
    (folder / ".gitignore").write_text("version.py\n")
    (folder / "version.py").write_text("made by a build\n")
    git(folder, "init", "-q")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "First")
    return folder


def test_with_is_taken_out_of_the_arguments() -> None:
    """Both spellings of --with are found, and every other argument keeps its place."""
    arguments = ["-n", "4", "--with", "a", "--conformance", "--with=b"]
    assert checkouts.split_arguments(arguments) == (["a", "b"], ["-n", "4", "--conformance"])


@pytest.mark.parametrize("arguments", [["--with"], ["--with="], ["--with", "--conformance"]])
def test_with_without_a_path_is_refused(arguments: list[str]) -> None:
    """An option in the place of the path is not taken for one."""
    with pytest.raises(checkouts.CheckoutError, match="no path was given"):
        checkouts.split_arguments(arguments)


def test_a_clean_checkout_is_described(checkout: Path) -> None:
    """The report learns package, path and commit; an ignored file does not make it dirty."""
    (found,) = checkouts.read_checkouts(["thing"], checkout.parent)
    commit = (sources.git(checkout, "rev-parse", "HEAD") or "").strip()
    assert found == checkouts.Checkout("lsst-thing", str(checkout), commit, dirty=False)
    assert json.loads(checkouts.announcement([found])) == [
        {"package": "lsst-thing", "path": str(checkout), "commit": commit, "dirty": False, "reason": ""}
    ]


@pytest.mark.parametrize("name", ["pyproject.toml", "new.py"])
def test_a_changed_checkout_is_dirty(checkout: Path, name: str) -> None:
    """A changed file and a new file both make a checkout dirty."""
    with (checkout / name).open("a") as file:
        file.write("# changed\n")
    (found,) = checkouts.read_checkouts([str(checkout)], Path("/"))
    assert found.dirty is True


def test_a_folder_without_git_says_that_nothing_is_known(tmp_path: Path) -> None:
    """An unpacked release has neither commit nor state."""
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'lsst-thing'\n")
    (found,) = checkouts.read_checkouts(["."], tmp_path)
    assert (found.commit, found.dirty, found.reason) == (None, None, "it is no git checkout")


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (".git", "git refuses: invalid gitfile format: thing/.git"),
        (".git/HEAD", "git refuses: not a git repository (or any of the parent directories): .git"),
    ],
)
def test_a_broken_checkout_says_what_git_says(checkout: Path, broken: str, reason: str) -> None:
    """Where git cannot read the history, the commit is unknown for git's own reason, without a path."""
    if broken == ".git":
        shutil.rmtree(checkout / ".git")
    (checkout / broken).write_text("")
    (found,) = checkouts.read_checkouts(["thing"], checkout.parent)
    assert (found.commit, found.dirty, found.reason) == (None, None, reason)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_a_checkout_of_somebody_else_says_what_git_says(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A checkout that git does not trust, being another account's, says so."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)
    for path in (checkout, *checkout.rglob("*")):
        os.chown(path, 65534, 65534)
    (found,) = checkouts.read_checkouts(["thing"], checkout.parent)
    assert (found.commit, found.dirty) == (None, None)
    assert found.reason == "git refuses: detected dubious ownership in repository at 'thing'"


def test_a_checkout_whose_changes_cannot_be_read_keeps_its_commit(checkout: Path) -> None:
    """If git knows the commit and cannot compare the files, only the state is unknown."""
    (checkout / ".git/index").write_text("damaged")
    (found,) = checkouts.read_checkouts(["thing"], checkout.parent)
    assert found.commit is not None
    assert found.dirty is None
    assert found.reason.startswith("git refuses: ")


def test_without_git_the_reason_is_that(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a machine without git, a checkout says that git is missing."""
    monkeypatch.setenv("PATH", "/nowhere")
    (found,) = checkouts.read_checkouts(["thing"], checkout.parent)
    assert found.reason == "git is not installed"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "no pyproject.toml"),
        ("[project", "names no project"),
        ("[tool.x]\n", "names no project"),
        ("project = 1\n", "names no project"),
        ("[project]\nname = 'numpy'\n", "checkout of numpy"),
    ],
)
def test_a_path_that_is_no_lsst_package_is_refused(tmp_path: Path, content: str | None, reason: str) -> None:
    """What is wrong with a path is said in one error with a next step."""
    if content is not None:
        (tmp_path / "pyproject.toml").write_text(content)
    with pytest.raises(checkouts.CheckoutError, match=reason) as caught:
        checkouts.read_checkouts([str(tmp_path)], tmp_path)
    assert "\nHint: " in str(caught.value)


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    """A path that does not exist is named as the user wrote it."""
    with pytest.raises(checkouts.CheckoutError, match=r"--with nowhere: there is no such folder"):
        checkouts.read_checkouts(["nowhere"], tmp_path)


def test_two_checkouts_of_one_package_are_refused(checkout: Path) -> None:
    """The same package twice is an error and not a matter of order."""
    with pytest.raises(checkouts.CheckoutError, match="checkout of lsst-thing too"):
        checkouts.read_checkouts(["thing", "./thing"], checkout.parent)


def test_a_copy_holds_what_git_knows_and_new_files(checkout: Path, tmp_path: Path) -> None:
    """A build sees committed and new files, no ignored or deleted ones, and the history."""
    (checkout / "new.py").write_text("x = 1\n")
    (checkout / ".gitignore").unlink()
    (checkout / ".git/info/exclude").write_text("version.py\n")
    files = sources.list_files(checkout)
    assert files == ["new.py", "pyproject.toml"]
    target = tmp_path / "copy"
    sources.copy(checkout, files, target)
    assert sorted(p.name for p in target.iterdir()) == [".git", "new.py", "pyproject.toml"]
    assert sources.git(target, "rev-parse", "HEAD") == sources.git(checkout, "rev-parse", "HEAD")


def test_a_copy_inside_another_repository_takes_no_foreign_history(checkout: Path, tmp_path: Path) -> None:
    """A package in a subfolder does not get the version of the repository around it."""
    inner = checkout / "inner"
    inner.mkdir()
    (inner / "pyproject.toml").write_text("[project]\nname = 'lsst-inner'\n")
    sources.copy(inner, sources.list_files(inner), tmp_path / "copy")
    assert [p.name for p in (tmp_path / "copy").iterdir()] == ["pyproject.toml"]


def test_a_fingerprint_follows_content_and_names(checkout: Path) -> None:
    """Changing, renaming and adding a file each give another fingerprint; doing nothing does not."""

    def now() -> str:
        return sources.fingerprint(checkout, sources.list_files(checkout))

    seen = [now()]
    assert now() == seen[0]
    (checkout / "a.py").write_text("1")
    seen.append(now())
    (checkout / "a.py").write_text("2")
    seen.append(now())
    (checkout / "a.py").rename(checkout / "b.py")
    seen.append(now())
    assert len(set(seen)) == 4


def test_files_are_listed_without_git(tmp_path: Path) -> None:
    """In an unpacked release, build products are left out by name."""
    for name in ("src/a.py", "build/lib/a.py", "src/__pycache__/a.pyc", "README.md"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert sources.list_files(tmp_path) == ["README.md", "src/a.py"]
    assert sources.list_files(tmp_path, ["src"]) == ["src/a.py"]
