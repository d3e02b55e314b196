"""A server that the real Oracle driver connects to, for tests.

It speaks Oracle's wire protocol to python-oracledb's thin mode, applies
Oracle's rules, and runs the SQL on an embedded engine.  It is a stand-in:
what passes on it has not been run on Oracle.
"""

from __future__ import annotations

__all__: list[str] = []
