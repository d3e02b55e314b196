"""Oracle's data dictionary on H2, and the accounts that it tells of.

An engine makes the views with `install`, looks names without a schema up in
`search_path` behind its session's own schema, keeps `Accounts`, and tells
`oracle_standin.dictionary.live` about sessions and DDL.

Columns that stand for a LONG are text of exactly `LONG_LENGTH` characters.
"""

from __future__ import annotations

from oracle_standin.dictionary import live
from oracle_standin.dictionary._install import PUBLIC_VIEWS, SYS_VIEWS, install, search_path
from oracle_standin.dictionary._spec import LONG_LENGTH
from oracle_standin.dictionary.accounts import Accounts

__all__ = ["LONG_LENGTH", "PUBLIC_VIEWS", "SYS_VIEWS", "Accounts", "install", "live", "search_path"]
