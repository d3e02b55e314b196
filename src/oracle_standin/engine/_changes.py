"""Running DML with sets of values, as far as all engines do it alike."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence, Sized
from typing import TYPE_CHECKING, Any

from oracle_standin.errors import OracleError
from oracle_standin.interface import DmlResult, RowError, Statement
from oracle_standin.values import TypeSpec, Value

if TYPE_CHECKING:
    from oracle_standin.engine._session import EngineSession

__all__ = ["Changes"]


class Changes(ABC):
    """One statement of DML and its sets of values.

    Parameters
    ----------
    session : `EngineSession`
        Who runs it.
    statement : `~oracle_standin.interface.Statement`
        What is run.
    rows : `~collections.abc.Sequence`
        Sets of values.
    types : `~collections.abc.Sequence` [`~oracle_standin.values.TypeSpec`]
        Of all its binds.
    batch_errors : `bool`
        Whether to go on after a row that fails.
    """

    def __init__(
        self,
        session: EngineSession,
        statement: Statement,
        rows: Sequence[Sequence[Value]],
        types: Sequence[TypeSpec],
        *,
        batch_errors: bool,
    ) -> None:
        self._session = session
        self._statement = statement
        self._rows = rows
        places = list(zip(statement.binds, types, strict=False))
        self._given = [spec for place, spec in places if not place.returning]
        self._returned = [spec for place, spec in places if place.returning]
        self._batch_errors = batch_errors
        self.result = DmlResult()
        """What was done (`~oracle_standin.interface.DmlResult`)."""

    @abstractmethod
    def run(self) -> None:
        """Run it with all sets of values."""

    def _failed(self, row: int, error: Any) -> RowError:
        """Return a row with its error, which is the engine's."""
        return RowError(row=row, error=self._session.error(error, self._statement.text))

    def _check_returned(self, columns: Sized) -> None:
        """Raise an error unless RETURNING has as many columns as binds."""
        if len(columns) < len(self._returned):
            raise OracleError(947, "not enough values")
        if len(columns) > len(self._returned):
            raise OracleError(913, "too many values")
