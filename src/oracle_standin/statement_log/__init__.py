"""What clients ask for: a line of JSON for each call, and counts."""

from __future__ import annotations

from oracle_standin.statement_log._counts import Counts, Summary, Tally
from oracle_standin.statement_log._file import LogFile
from oracle_standin.statement_log._log import StatementLog

__all__ = ["Counts", "LogFile", "StatementLog", "Summary", "Tally"]
