"""Oracle's names in PostgreSQL.

Each database folds unquoted names its own way, so that the case of every name
is swapped: Oracle's ``EMP`` is ``emp`` here, its ``"emp"`` is ``"EMP"``, and
what is written without quotes there can be here.  Names of more than 63 bytes
get a shorter one, which is written down.
"""

from __future__ import annotations

import hashlib
import string
import threading
from collections.abc import Callable

__all__ = ["LOWER_TO_UPPER", "Names", "swap"]

_LIMIT = 63
"""Bytes of a name in PostgreSQL."""
_KEPT = 40

LOWER_TO_UPPER = (
    string.ascii_lowercase + string.ascii_uppercase,
    string.ascii_uppercase + string.ascii_lowercase,
)
"""What is replaced by what, in a form for SQL's ``translate`` too."""
_TABLE = str.maketrans(*LOWER_TO_UPPER)


def swap(name: str) -> str:
    """Return a name with the case of its ASCII letters swapped."""
    return name.translate(_TABLE)


class Names:
    """The names of one database.

    Parameters
    ----------
    write_down : `~collections.abc.Callable`
        Called once for each long name, with the short one and Oracle's.
    """

    def __init__(self, write_down: Callable[[str, str], None]) -> None:
        self._write_down = write_down
        self._long: dict[str, str] = {}
        self._lock = threading.Lock()

    def inner(self, name: str) -> str:
        """Return PostgreSQL's name of what Oracle calls ``name``."""
        swapped = swap(name)
        raw = swapped.encode()
        if len(raw) <= _LIMIT:
            return swapped
        digest = hashlib.sha256(raw).hexdigest()[:16]
        short = f"{raw[:_KEPT].decode(errors='ignore')}~{digest}"
        with self._lock:
            if short not in self._long:
                self._write_down(short, name)
                self._long[short] = name
        return short

    def outer(self, name: str) -> str:
        """Return Oracle's name of what PostgreSQL calls ``name``."""
        return self._long.get(name) or swap(name)

    def quoted(self, name: str) -> str:
        """Return PostgreSQL's name of what Oracle calls ``name``, in quotes."""
        return '"' + self.inner(name).replace('"', '""') + '"'

    def path(self, owner: str, name: str) -> str:
        """Return an object of a schema, both in quotes."""
        return f"{self.quoted(owner)}.{self.quoted(name)}"
