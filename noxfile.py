"""Sessions of gen3bed: policy in the tables below, a few lines per session.

``nox -s sqlite`` and its like are made from the registries in ``matrix.toml``:
a new registry there is a new session here.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
import tomllib
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

import nox
import nox.virtualenv

ROOT = Path(__file__).resolve().parent
# gen3bed is not installed where nox runs, and nox does not look beside the noxfile.
sys.path.insert(0, str(ROOT))

from ci import checkouts, environments, interpreters, pins, sources  # noqa: E402

# ---------------------------------------------------------------- policy ----

nox.needs_version = ">=2025.5.1"
nox.options.default_venv_backend = "uv"
nox.options.reuse_existing_virtualenvs = True
nox.options.error_on_missing_interpreters = True
nox.options.sessions = ["lint", "typing", "tests"]

MATRIX = tomllib.loads((ROOT / "src/gen3bed/matrix.toml").read_text())
REGISTRIES = {name: table["title"] for name, table in MATRIX["registries"].items()}
CELLS = {f"{cell['registry']}-{cell['variant']}" for cell in MATRIX["cells"]}
NEED_DRIVERS = {"oracle"}  # Of an extra: python-oracledb, and the stand-in with a Java of 100 MB.
BENCHMARKS = ("conformance", "startup", "standin", "counts")  # The first without a name.
PYTHONS: list[str] = MATRIX["python"]["versions"]

WHEEL_SOURCES = ("src", "containers", "pyproject.toml", "README.md", "LICENSE")
TYPED = ("src", "tests", "ci", "benchmarks", "noxfile.py")
SPELLED = ("src", "tests", "ci", "benchmarks", "docs", "changelog.d", "noxfile.py", "README.md")

# Suites that a real Oracle server passes and nobody here wrote: SQLAlchemy's own.
# How many tests must pass on the first profile (of the others 99 %), and what pytest is given.
STANDIN_SUITES = {
    "dialect": (1440, "test/dialect/test_suite.py"),
    "oracle": (460, "test/dialect/oracle"),
    "rest": (3800, "test/sql test/engine test/base test/orm test/ext --backend-only"),
}
# The first ones are the default.
STANDIN_ENGINES = ("h2", "postgresql")
STANDIN_PROFILES = ("19", "21", "23")

# Seconds.  After Ctrl-C gen3bed takes services down and drops namespaces; nox
# would kill it after 0.3 s.
INTERRUPT_TIMEOUT = 60.0
TERMINATE_TIMEOUT = 30.0

if not nox.virtualenv.HAS_UV:
    sys.exit(
        "nox: uv is not found, and every session needs it.\n"
        "Hint: Use ./nox, which brings it, or pip install uv."
    )

# ---------------------------------------------------------------- Python ----


def choose_python(found: dict[str, str]) -> str:
    """Return the version (`str`) for all sessions; put those found where nox, uv and tox find them."""
    if not found:
        # nox lets uv download it; this is the way out where that fails.
        print(interpreters.explain_missing(PYTHONS), file=sys.stderr)
        return PYTHONS[-1]
    if any(shutil.which(f"python{version}") != path for version, path in found.items()):
        folders = [str(Path(path).parent) for path in found.values()]
        os.environ["PATH"] = os.pathsep.join([*folders, os.environ.get("PATH", os.defpath)])
    return next(iter(found))


PYTHONS_FOUND = interpreters.find_pythons(PYTHONS, os.environ, ROOT / ".nox/python.json")
PYTHON = choose_python(PYTHONS_FOUND)

# --------------------------------------------------------------- helpers ----


def uv() -> str:
    """Return the uv (`str`) that nox itself uses."""
    return nox.virtualenv.UV


def lock_hash(lock: str) -> str:
    """Return a hash (`str`) of a file in ``requirements/``."""
    return sources.fingerprint(ROOT, [f"requirements/{lock}.txt"])


def wheel(session: nox.Session) -> Path:
    """Return the wheel of the present sources (`~pathlib.Path`), built if there is none yet."""
    folder = ROOT / "build/wheel" / sources.fingerprint(ROOT, sources.list_files(ROOT, WHEEL_SOURCES))
    with environments.hold(ROOT / "build/wheel.lock"):
        if not list(folder.glob("*.whl")):
            build(session, ROOT, folder)
    return next(folder.glob("*.whl"))


def build(session: nox.Session, source: Path, target: Path, *kinds: str) -> None:
    """Build ``source`` into ``target`` with the locked build tools."""
    session.run_install(
        *(uv(), "build", *(kinds or ("--wheel",)), "--no-create-gitignore", "--out-dir", str(target)),
        *("--python", session.bin + "/python", "--build-constraints", "requirements/build.txt"),
        str(source),
        silent=True,
        external=True,
    )


def fill(session: nox.Session, folder: Path, lock: str, wheels: Sequence[Path] = ()) -> None:
    """Install a lock and wheels in an environment, which must not be in use."""

    def pip(command: str, *arguments: str) -> None:
        # Where PYTHONDONTWRITEBYTECODE is set, each of a run's processes would
        # compile the middleware again: 1.5 s of CPU.
        options = ("--python", str(folder / "bin/python"), "--compile-bytecode")
        session.run_install(uv(), "pip", command, *options, *arguments, silent=True, external=True)

    pip("sync", "--require-hashes", f"requirements/{lock}.txt")
    if wheels:
        pip("install", "--no-deps", "--reinstall", *map(str, wheels))


def install(session: nox.Session, lock: str, *, gen3bed: bool = True) -> None:
    """Bring the session's environment to a lock and the present wheel; nothing is done if it is there."""
    folder = Path(session.virtualenv.location)
    wheels = [wheel(session)] if gen3bed else []
    wanted = {"lock": lock_hash(lock), "wheels": [str(w) for w in wheels]}
    environments.fill(folder, wanted, lambda: fill(session, folder, lock, wheels))


def install_with(session: nox.Session, replaced: list[checkouts.Checkout], lock: str) -> Path:
    """Return an environment (`~pathlib.Path`) of its own in which checkouts replace pinned packages.

    The session's own environment is not touched, so a later run without
    ``--with`` cannot meet a checkout in it.
    """
    folder = Path(f"{session.virtualenv.location}-with")
    files = {c.package: sources.list_files(Path(c.path)) for c in replaced}
    contents = {c.package: sources.fingerprint(Path(c.path), files[c.package]) for c in replaced}
    own = wheel(session)

    def make() -> None:
        with tempfile.TemporaryDirectory(prefix="gen3bed-with-") as scratch:
            for checkout in replaced:
                place = Path(scratch, checkout.package)
                sources.copy(Path(checkout.path), files[checkout.package], place)
                build(session, place, Path(scratch, "wheels"))
            venv = (uv(), "venv", "--clear", "--python", session.bin + "/python", str(folder))
            session.run_install(*venv, silent=True, external=True)
            fill(session, folder, lock, [own, *Path(scratch, "wheels").glob("*.whl")])

    wanted = {"lock": lock_hash(lock), "wheel": str(own), "with": contents}
    environments.fill(folder, wanted, make)
    return folder


def interrupt(_: int, __: FrameType | None) -> None:
    """Answer SIGTERM, as CI sends it, as Ctrl-C is answered.

    nox itself would end at once, and CI go on while gen3bed still cleans up.
    The terminal sends Ctrl-C to all processes; SIGTERM may be for nox alone.
    """
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    children = Path(f"/proc/self/task/{os.getpid()}/children")  # Elsewhere than on Linux nox waits longer.
    for child in children.read_text().split() if children.exists() else ():
        os.kill(int(child), signal.SIGINT)
    raise KeyboardInterrupt


def run(session: nox.Session, *command: str, **environment: str) -> None:
    """Run a program that must be given time to clean up after Ctrl-C or SIGTERM."""
    signal.signal(signal.SIGTERM, interrupt)
    session.run(
        *command,
        env=environment,
        external=True,
        interrupt_timeout=INTERRUPT_TIMEOUT,
        terminate_timeout=TERMINATE_TIMEOUT,
    )


def lock_of(registries: Sequence[str]) -> str:
    """Return the lock (`str`) for what registries need; for all of them without a name."""
    return "run" if registries and not NEED_DRIVERS.intersection(registries) else "run-oracle"


def gen3bed_run(session: nox.Session, *registry: str) -> None:
    """Run ``gen3bed run`` with the session's arguments, in the pinned environment or with checkouts.

    Without a cell among the arguments, all cells of the registry are run.
    """
    try:
        paths, arguments = checkouts.split_arguments(session.posargs)
        replaced = checkouts.read_checkouts(paths, Path(session.invoked_from))
    except checkouts.CheckoutError as error:
        session.error(str(error).removesuffix("."))
    for checkout in replaced:
        if checkout.reason:
            session.warn(f"--with {checkout.path}: its state is unknown: {checkout.reason}")
    # gen3bed stops by itself when nox is gone, even if nox was killed.
    environment = {"GEN3BED_PARENT": str(os.getpid()), "GEN3BED_WITH": checkouts.announcement(replaced)}
    if replaced:
        folder = install_with(session, replaced, lock_of(registry))
        environment["VIRTUAL_ENV"] = str(folder)
        program = str(folder / "bin/gen3bed")
    else:
        install(session, lock_of(registry))
        program = "gen3bed"
    names = () if CELLS.intersection(arguments) else registry
    run(session, program, "run", *names, *arguments, **environment)


# -------------------------------------------------------------- sessions ----


def add_registry_session(name: str, title: str) -> None:
    """Define the session of one registry of the matrix."""

    def run_registry(session: nox.Session) -> None:
        gen3bed_run(session, name)

    run_registry.__doc__ = f"Run upstream's suites and a pipeline on {title}."
    nox.session(name=name, python=PYTHON)(run_registry)


for registry, title in REGISTRIES.items():
    add_registry_session(registry, title)


@nox.session(python=PYTHON)
def matrix(session: nox.Session) -> None:
    """Run all cells that this machine can run, and say which it cannot, and why."""
    if not {*CELLS, *REGISTRIES}.intersection(session.posargs):
        for version in set(PYTHONS) - {session.python}:
            reason = (
                f"./nox -P {version} -s matrix does that"
                if version in PYTHONS_FOUND
                else "none was found on this machine"
            )
            session.log(f"Not run on Python {version}: {reason}")
    gen3bed_run(session)


@nox.session(python=PYTHON)
def tests(session: nox.Session) -> None:
    """Run gen3bed's own tests against the built wheel."""
    install(session, "tests")
    run(session, "python", "-m", "pytest", "-n", "auto", *session.posargs)


@nox.session(python=PYTHON)
def h2(session: nox.Session) -> None:
    """Download the H2 library that the Oracle stand-in runs on, for its tests."""
    install(session, "tests")
    session.run("oracle-standin", "fetch-h2")


@nox.session(python=PYTHON)
def standin(session: nox.Session) -> None:
    """Run SQLAlchemy's own suites, unmodified, on the Oracle stand-in."""
    install(session, "standin")
    session.run("oracle-standin", "fetch-h2", silent=True)
    policy = ["--known-engines", *STANDIN_ENGINES, "--known-profiles", *STANDIN_PROFILES]
    for name, (floor, arguments) in STANDIN_SUITES.items():
        policy += ["--known-suite", name, str(floor), arguments]
    places = ("--lock", "requirements/standin.txt", "--folder", str(ROOT / "build/standin"))
    run(session, "python", "-m", "ci.suites", *policy, *places, *session.posargs)


@nox.session(python=PYTHON)
def tox(session: nox.Session) -> None:
    """Run the same tests on every Python of the matrix."""
    install(session, "tox", gen3bed=False)
    run(session, "tox", "run", *session.posargs)


@nox.session(python=PYTHON)
def lint(session: nox.Session) -> None:
    """Check style, format, spelling, change notes, and that derived files are current."""
    install(session, "lint")
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")
    session.run("codespell", *[path for path in SPELLED if (ROOT / path).exists()])
    session.run("gen3bed", "matrix", "--check")
    session.run("towncrier", "build", "--draft", "--version", "next", silent=True)


@nox.session(python=PYTHON)
def typing(session: nox.Session) -> None:
    """Check types, strictly, in sources, tests, benchmarks and this file."""
    install(session, "typing", gen3bed=False)
    session.run("mypy", *[path for path in TYPED if (ROOT / path).exists()])


@nox.session(python=PYTHON)
def docs(session: nox.Session) -> None:
    """Build the documentation; a warning or an unresolved reference is an error."""
    install(session, "docs")
    session.run(
        "sphinx-build", "-W", "-n", "--keep-going", "-q", "docs", "docs/_build/html", *session.posargs
    )
    session.log(f"Open {ROOT / 'docs/_build/html/index.html'}")


@nox.session(python=PYTHON)
def bench(session: nox.Session) -> None:
    """Measure the suites beside upstream's way; or what is named first: startup, standin, counts."""
    install(session, "tests")
    arguments = list(session.posargs)
    name = arguments.pop(0) if arguments and arguments[0] in BENCHMARKS else BENCHMARKS[0]
    run(session, "python", f"benchmarks/{name}.py", *arguments)


@nox.session(python=PYTHON)
def package(session: nox.Session) -> None:
    """Build the sdist, and from it the wheel, into dist/; check that it installs and starts."""
    build(session, ROOT, ROOT / "dist", "--sdist", "--wheel")
    newest = max((ROOT / "dist").glob("*.whl"), key=lambda path: path.stat().st_mtime)
    fill(session, Path(session.virtualenv.location), "run", [newest])
    session.run("gen3bed", "--version")


@nox.session(python=PYTHON)
def pin(session: nox.Session) -> None:
    """Move to another weekly (its tag; default: the newest) and show what changed."""
    weekly = session.posargs[0] if session.posargs else ""
    try:
        rows = pins.move_pin(ROOT, weekly, python=session.bin + "/python", oldest=PYTHONS[0], uv=uv())
    except pins.PinError as error:
        session.error(str(error).removesuffix("."))
    print(pins.render_changes(rows))
