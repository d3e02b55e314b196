"""The conversation with one client."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Iterator
from typing import NoReturn

from oracle_standin.errors import OracleError, not_modelled
from oracle_standin.interface import Database, Session
from oracle_standin.server._hooks import Call, CallKind, CallObserver, CutConnection, KillSession
from oracle_standin.server._link import Gone, Interrupted, Killed, Link
from oracle_standin.server._lobs import LobTable
from oracle_standin.server._login import Login, Settings, change_password, log_in
from oracle_standin.server._statements import Statements
from oracle_standin.values import TypeSpec
from oracle_standin.wire.answers import end_message, status
from oracle_standin.wire.auth import read_auth
from oracle_standin.wire.calls import read_head
from oracle_standin.wire.codes import Function, MessageType
from oracle_standin.wire.fields import WireError, ub
from oracle_standin.wire.lobs import read_lob_call
from oracle_standin.wire.piggybacks import read_piggyback

__all__ = ["Connection"]

_LOG = logging.getLogger("oracle_standin.server")
_CANCELLED = OracleError(1013, "user requested cancel of current operation")


class Connection:
    """One client, from the first packet to the last.

    Parameters
    ----------
    number : `int`
        Of the connection, from 1; also its session's number.
    link : `~oracle_standin.server._link.Link`
        The client.
    database : `~oracle_standin.interface.Database`
        What it wants to connect to.
    settings : `~oracle_standin.server._login.Settings`
        What it is offered.
    observer : `~oracle_standin.server._hooks.CallObserver`
        Told of each call.

    Attributes
    ----------
    number : `int`
        See the parameter.
    user : `str`
        Who is logged in; empty before that.
    client : `str`
        What the client calls the connection; empty before the login.
    attributes : `dict` [`str`, `str`]
        What the client says it does: ``module``, ``action`` and their like.
    ended : `threading.Event`
        Set when there is no session any more.
    """

    def __init__(
        self, number: int, link: Link, database: Database, settings: Settings, observer: CallObserver
    ) -> None:
        self.number = number
        self.user = ""
        self.client = ""
        self.attributes: dict[str, str] = {}
        self.ended = threading.Event()
        self._link = link
        self._database = database
        self._settings = settings
        self._observer = observer
        self._killed = threading.Event()
        self._idle = True
        self._session: Session | None = None
        self._piggyback_error: OracleError | None = None
        self._login: Login
        self._statements: Statements
        self._lobs: LobTable

    def run(self, *, admit: Callable[[], bool]) -> None:
        """Serve the client until it leaves.

        Parameters
        ----------
        admit : `~collections.abc.Callable`
            Returns whether there is room for one more session.
        """
        try:
            self._serve_all(admit)
        finally:
            self._end()

    def _serve_all(self, admit: Callable[[], bool]) -> None:
        connect = Call(kind=CallKind.CONNECT, connection=self.number, pause=self._link.pause)
        try:
            self._login = log_in(
                self._link, self._database, self._settings, self._observer, connect, admit=admit
            )
        except (Gone, Interrupted, CutConnection):
            return
        except (WireError, UnicodeDecodeError, IndexError) as error:
            _LOG.warning("connection %d gave up during login: %s", self.number, error)
            return
        session = self._login.session
        self.user, self.client = session.user, connect.client
        self._link.logged_in()
        self._lobs = LobTable(session)
        self._statements = Statements(session, self._login.dialect, self._lobs, self._observed)
        self._session = session
        session.counts.calls += 1
        session.counts.round_trips += self._link.answers + 1
        with contextlib.suppress(Gone, CutConnection):
            self._answer(self._login.answer, 0)
            while True:
                self._serve()

    def _end(self) -> None:
        """End the session, if there is one; only once."""
        if self.ended.is_set():
            return
        try:
            if self._session is not None:
                self._statements.cursors.close_all()
                self._session.close()
        finally:
            self._observer.closed(self.number)
            self.ended.set()

    def kill(self) -> None:
        """End the session, whatever it does; its client is told by ORA-00028, if need be at its next call."""
        self._killed.set()
        self._link.kill()

    def cut(self) -> None:
        """Close the client's socket."""
        self._link.cut()

    # One request.

    def _serve(self) -> None:
        token = 0
        self._idle = True
        try:
            function, token = self._next_function()
            apply = self._read(function)
            answer = self._applied(apply)
        except Interrupted:
            self._interrupted()
            return
        except Killed:
            self._serve_killed()
        except OracleError as error:
            # The call could not be read, so nobody knows where it ends.
            self._link.discard()
            answer = self._statements.end(error=error)
        except (WireError, UnicodeDecodeError) as error:
            _LOG.warning("connection %d sent %s", self.number, error)
            self._link.discard()
            answer = self._statements.end(
                error=OracleError(3106, "fatal two-task communication protocol error")
            )
        if self._link.interrupted:
            self._interrupted()
            return
        if self._killed.is_set():
            self._answer_killed()
        self._answer(answer, token)

    def _serve_killed(self) -> NoReturn:
        """End the session at once, and tell its client when it says something."""
        self._end()
        try:
            if self._idle:
                self._link.reader.u8()
            self._link.discard()
        except Interrupted:
            self._link.acknowledge_break()
        self._answer_killed()

    def _answer_killed(self) -> NoReturn:
        self._end()
        self._answer(end_message(self._login.dialect, call_status=0, error=KillSession()), 0)
        raise Gone

    def _next_function(self) -> tuple[int, int]:
        """Read piggybacks up to a call; return its function and token."""
        reader, dialect = self._link.reader, self._login.dialect
        while True:
            kind = reader.u8()
            self._idle = False
            if kind == 0:
                # Left by an empty text at the end of what the client says it does.
                continue
            if kind not in {MessageType.FUNCTION, MessageType.PIGGYBACK, MessageType.ONE_WAY}:
                raise not_modelled(f"message type {kind}")
            head = read_head(reader, dialect)
            if kind == MessageType.FUNCTION:
                self._count_call()
                return head.function, head.token
            if kind == MessageType.PIGGYBACK:
                self._piggyback(head.function)
            else:
                self._one_way(head.function)

    def _count_call(self) -> None:
        counts, cursors = self._login.session.counts, self._statements.cursors
        counts.calls += 1
        counts.round_trips += 1
        counts.cursors, counts.cursors_ever = len(cursors), cursors.opened
        counts.sent, counts.received = self._link.sent, self._link.received

    def _read(self, function: int) -> Callable[[], bytes]:  # noqa: C901, PLR0911 - a table of calls
        """Read a call's body; return what applies it and returns the answer."""
        reader, statements = self._link.reader, self._statements
        match function:
            case Function.EXECUTE:
                return statements.execute(reader)
            case Function.REEXECUTE:
                return statements.reexecute(reader, fetch=False)
            case Function.REEXECUTE_AND_FETCH:
                return statements.reexecute(reader, fetch=True)
            case Function.FETCH:
                return statements.fetch(reader)
            case Function.LOB:
                call = read_lob_call(reader)
                return lambda: self._lob(lambda: self._lobs.apply(call))
            case Function.COMMIT:
                return lambda: self._simple(CallKind.COMMIT, self._login.session.commit)
            case Function.ROLLBACK:
                return lambda: self._simple(CallKind.ROLLBACK, self._login.session.rollback)
            case Function.PING:
                return lambda: self._simple(CallKind.PING, lambda: None)
            case Function.LOGOFF:
                # A client that has the answer may count on the session being gone.
                self._end()
                self._answer(status(call_status=0), 0)
                raise Gone
            case Function.AUTH_PHASE_TWO:
                auth = read_auth(reader)
                return lambda: self._change_password(auth.pairs)
            case Function.PIPELINE_END:
                reader.ub()
                return lambda: status(call_status=statements.call_status)
            case _:
                raise not_modelled(f"function {function}")

    def _applied(self, apply: Callable[[], bytes]) -> bytes:
        if self._killed.is_set():
            return b""
        if self._piggyback_error is not None:
            error, self._piggyback_error = self._piggyback_error, None
            return self._statements.end(error=error)
        try:
            return apply()
        except OracleError as error:
            return self._statements.end(error=error)
        except (Gone, Interrupted, CutConnection):
            raise
        except Exception as error:  # noqa: BLE001 - a defect must not hang the client
            _LOG.exception("connection %d: a defect of the stand-in", self.number)
            reason = f"a defect of oracle_standin, see its log: {type(error).__name__}: {error}"
            return self._statements.end(error=OracleError(606, reason))

    def _answer(self, message: bytes, token: int) -> None:
        if token:
            message = bytes((MessageType.TOKEN,)) + ub(token) + message
        self._link.send(message, end_of_response=self._login.dialect.end_of_response)

    def _interrupted(self) -> None:
        self._link.acknowledge_break()
        if self._killed.is_set():
            self._answer_killed()
        self._answer(self._statements.end(error=_CANCELLED), 0)

    @contextlib.contextmanager
    def _observed(
        self,
        kind: CallKind,
        *,
        text: str = "",
        types: tuple[TypeSpec, ...] = (),
        executions: int = 0,
        parsed: bool = False,
        round_trips: int = 1,
    ) -> Iterator[Call]:
        """Make a context in which a call is observed and can be cancelled."""
        call = Call(
            kind=kind,
            connection=self.number,
            user=self.user,
            client=self.client,
            text=text,
            types=types,
            executions=executions,
            parsed=parsed,
            round_trips=round_trips,
            pause=self._link.pause,
        )
        counts = self._login.session.counts
        counts.executions += kind is CallKind.EXECUTE
        counts.parses += parsed
        counts.commits += kind is CallKind.COMMIT
        counts.rollbacks += kind is CallKind.ROLLBACK
        try:
            self._observer.before(call)
            self._check_killed()
            yield from self._applying(call)
            self._observer.after(call)
        except KillSession:
            self._killed.set()
            raise

    def _check_killed(self) -> None:
        if self._killed.is_set():
            raise KillSession

    def _applying(self, call: Call) -> Iterator[Call]:
        try:
            with self._link.running(self._login.session):
                yield call
        except (OracleError, Interrupted) as error:
            call.error = error if isinstance(error, OracleError) else _CANCELLED
            self._observer.after(call)
            raise

    # Calls that are not about statements.

    def _simple(self, kind: CallKind, action: Callable[[], None]) -> bytes:
        with self._observed(kind):
            action()
        return status(call_status=self._statements.call_status)

    def _lob(self, apply: Callable[[], bytes]) -> bytes:
        with self._observed(CallKind.LOB):
            answer = apply()
        return answer + self._statements.end()

    def _change_password(self, pairs: dict[str, str]) -> bytes:
        verifier, session = self._login.verifier, self._login.session
        old = verifier.decrypted(pairs.get("AUTH_PASSWORD", "")).decode()
        new = verifier.decrypted(pairs.get("AUTH_NEWPASSWORD", "")).decode()
        if old != self._database.password_of(session.user):
            raise OracleError(28008, "invalid old password")
        change_password(session, new)
        return status(call_status=self._statements.call_status)

    def _piggyback(self, function: int) -> None:
        told = read_piggyback(self._link.reader, function)
        if not told.known:
            raise not_modelled(f"piggyback {function}")
        for number in told.closed_cursors:
            self._statements.cursors.close(number)
        for locator in told.freed_lobs:
            self._lobs.free(locator)
        if told.attributes:
            self.attributes.update(told.attributes)
            self._login.session.note_client({k.upper(): v for k, v in told.attributes.items()})
        if told.schema is not None:
            session = self._login.session
            schema = told.schema if told.schema.startswith('"') else told.schema.upper()
            try:
                session.run(session.prepare(f"ALTER SESSION SET CURRENT_SCHEMA = {schema}"))
                self._statements.schema = session.current_schema
            except OracleError as error:
                self._piggyback_error = error

    def _one_way(self, function: int) -> None:
        """Take a pooled session back; there is no answer."""
        if function != Function.SESSION_RELEASE:
            raise not_modelled(f"one-way function {function}")
        self._link.reader.skip(1, 1, 4)
        self._login.session.rollback()
