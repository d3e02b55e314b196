"""The control port: HTTP and JSON, on the loopback interface, for who has the token."""

from __future__ import annotations

import hmac
import json
import logging
import socketserver
import threading
import urllib.parse
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self, override

from oracle_standin.errors import OracleError, StandinError
from oracle_standin.faults import Faults, Injected, rule_from_json, rule_to_json
from oracle_standin.interface import Database
from oracle_standin.server import Connection, Server, canonical_user
from oracle_standin.statement_log import StatementLog

__all__ = ["ControlServer"]

_LOG = logging.getLogger("oracle_standin.control")
_LONGEST_BODY = 1_000_000
_TIMEOUT = 30.0
"""Seconds that a client may take to ask."""
_POLL = 0.1
"""Seconds between looks at whether to stop."""
_END_WAIT = 10.0
"""Seconds to wait for a session that is killed to be gone."""


class _RefusedError(Exception):
    def __init__(self, status: HTTPStatus, reason: str, hint: str) -> None:
        super().__init__(reason)
        self.status = status
        self.body = {"error": reason, "hint": hint}


class ControlServer:
    """Lets other processes inject faults, read counts and end sessions.

    Parameters
    ----------
    server : `~oracle_standin.server.Server`
        The server; its observer is ``log``, or passes calls on to it.
    faults : `~oracle_standin.faults.Faults`
        Its faults.
    log : `~oracle_standin.statement_log.StatementLog`
        Its counts.
    token : `str`
        What a client must know.
    port : `int`
        Port on 127.0.0.1; 0 for a free one.

    Raises
    ------
    oracle_standin.errors.StandinError
        Raised if the port cannot be had.
    """

    def __init__(
        self, server: Server, faults: Faults, log: StatementLog, *, token: str, port: int = 0
    ) -> None:
        self._token = token
        self._routes = _Routes(server, faults, log)
        try:
            self._http = _HttpServer(("127.0.0.1", port), self)
        except OSError as error:
            raise StandinError(
                f"control port {port}",
                reason=f"cannot listen there: {error.strerror or error}",
                hint="Choose another port, or 0 for a free one.",
            ) from error
        self._thread = threading.Thread(
            target=self._http.serve_forever,
            args=(_POLL,),
            name="oracle_standin control port",
            daemon=True,
        )

    @property
    def url(self) -> str:
        """Where it is (`str`)."""
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Stop answering."""
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def answer(
        self, method: str, target: str, authorization: str, body: bytes
    ) -> tuple[HTTPStatus, dict[str, Any]]:
        """Return the answer to a request."""
        if not hmac.compare_digest(authorization.encode(), f"Bearer {self._token}".encode()):
            return HTTPStatus.UNAUTHORIZED, {
                "error": "the token is not right",
                "hint": "Take it from the server's ready file.",
            }
        try:
            return HTTPStatus.OK, self._routes.answer(method, urllib.parse.urlsplit(target), body)
        except _RefusedError as refused:
            return refused.status, refused.body
        except StandinError as error:
            return HTTPStatus.BAD_REQUEST, {"error": f"{error.subject}: {error.reason}", "hint": error.hint}
        except Exception as error:  # noqa: BLE001 - a defect must not take other requests with it
            _LOG.exception("a defect of the stand-in")
            reason = f"a defect of oracle_standin, see its log: {type(error).__name__}: {error}"
            return HTTPStatus.INTERNAL_SERVER_ERROR, {"error": reason, "hint": "Report it."}


class _Routes:
    """What is at which path."""

    def __init__(self, server: Server, faults: Faults, log: StatementLog) -> None:
        self._server = server
        self._faults = faults
        self._log = log
        self._table: dict[tuple[str, str], Callable[..., dict[str, Any]]] = {
            ("GET", "health"): self._health,
            ("GET", "statistics"): self._statistics,
            ("GET", "faults"): self._list_faults,
            ("POST", "faults"): self._add_fault,
            ("DELETE", "faults"): self._remove_faults,
            ("GET", "sessions"): self._list_sessions,
            ("DELETE", "sessions"): self._end_sessions,
        }

    def answer(self, method: str, url: urllib.parse.SplitResult, body: bytes) -> dict[str, Any]:
        """Return what is there."""
        place, _, number = url.path.strip("/").partition("/")
        methods = [m for m, p in self._table if p == place]
        if not methods or (number and not number.isdecimal()):
            places = ", ".join(sorted({f"/{p}" for _, p in self._table}))
            raise _RefusedError(
                HTTPStatus.NOT_FOUND, f"there is nothing at {url.path}", f"Use one of {places}."
            )
        if method not in methods:
            raise _RefusedError(
                HTTPStatus.METHOD_NOT_ALLOWED,
                f"{method} is not for {url.path}",
                f"Use {' or '.join(methods)}.",
            )
        query = dict(urllib.parse.parse_qsl(url.query))
        return self._table[method, place](int(number) if number else None, query, body)

    def _health(self, _: int | None, __: dict[str, str], ___: bytes) -> dict[str, Any]:
        database = self._server.database
        try:
            _ask(database)
        except OracleError as error:
            raise _RefusedError(
                HTTPStatus.SERVICE_UNAVAILABLE,
                f"the engine does not answer: {error}",
                "See the server's log.",
            ) from None
        return {
            "banner": database.profile.banner,
            "engine": database.engine,
            "sessions": len(self._server.connections()),
            "log_trouble": self._log.trouble,
        }

    def _statistics(self, _: int | None, query: dict[str, str], __: bytes) -> dict[str, Any]:
        user = query.get("user")
        return self._log.summary(None if user is None else canonical_user(user)).to_json()

    def _list_faults(self, number: int | None, _: dict[str, str], __: bytes) -> dict[str, Any]:
        return {"faults": [_told(fault) for fault in self._found(number)]}

    def _add_fault(self, _: int | None, __: dict[str, str], body: bytes) -> dict[str, Any]:
        try:
            data = json.loads(body)
        except ValueError:
            raise _RefusedError(
                HTTPStatus.BAD_REQUEST, "the body is no JSON", "Send a fault as JSON."
            ) from None
        return {"faults": [_told(self._faults.add(rule_from_json(data)))]}

    def _remove_faults(self, number: int | None, _: dict[str, str], __: bytes) -> dict[str, Any]:
        removed = self._found(number)
        for fault in removed:
            fault.remove()
        return {"faults": [_told(fault) for fault in removed]}

    def _found(self, number: int | None) -> list[Injected]:
        found = [fault for fault in self._faults.injected() if number in {None, fault.number}]
        if number is not None and not found:
            raise _RefusedError(HTTPStatus.NOT_FOUND, f"there is no fault {number}", "List them first.")
        return found

    def _list_sessions(self, number: int | None, query: dict[str, str], _: bytes) -> dict[str, Any]:
        return {"sessions": [_shown(connection) for connection in self._sessions(number, query)]}

    def _end_sessions(self, number: int | None, query: dict[str, str], _: bytes) -> dict[str, Any]:
        if number is None and "user" not in query:
            raise _RefusedError(
                HTTPStatus.BAD_REQUEST, "it is not said which sessions", "Give a number, or a user."
            )
        how = query.get("how", "kill")
        if how not in {"kill", "cut"}:
            raise _RefusedError(
                HTTPStatus.BAD_REQUEST, f"sessions cannot be ended by {how}", "Use kill or cut."
            )
        ended = self._sessions(number, query)
        for connection in ended:
            (connection.kill if how == "kill" else connection.cut)()
        for connection in ended:
            connection.ended.wait(_END_WAIT)
        return {"sessions": [_shown(connection) for connection in ended]}

    def _sessions(self, number: int | None, query: dict[str, str]) -> list[Connection]:
        user = query.get("user")
        found = [
            connection
            for connection in self._server.connections()
            if connection.user
            and not connection.ended.is_set()
            and number in {None, connection.number}
            and (user is None or connection.user == canonical_user(user))
        ]
        if number is not None and not found:
            raise _RefusedError(HTTPStatus.NOT_FOUND, f"there is no session {number}", "List them first.")
        return found


def _ask(database: Database) -> None:
    """Run a query, as a health check of the engine."""
    session = database.open_session("SYSTEM")
    try:
        rows = session.query(session.prepare("SELECT 1 FROM dual"), [], [])
        rows.fetch(1)
        rows.close()
    finally:
        session.close()


def _told(fault: Injected) -> dict[str, Any]:
    return {"number": fault.number, "struck": fault.struck, "rule": rule_to_json(fault.rule)}


def _shown(connection: Connection) -> dict[str, Any]:
    return {
        "number": connection.number,
        "user": connection.user,
        "client": connection.client,
        "attributes": dict(connection.attributes),
    }


class _HttpServer(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], control: ControlServer) -> None:
        self.control = control
        super().__init__(address, _Handler)

    @override
    def server_bind(self) -> None:
        # That of HTTPServer asks for the host's name as well, which may take long.
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = "127.0.0.1", int(self.server_address[1])


class _Handler(BaseHTTPRequestHandler):
    server: _HttpServer
    timeout = _TIMEOUT
    server_version = "oracle_standin"
    sys_version = ""

    def _answer(self) -> None:
        length = self.headers.get("Content-Length") or "0"
        if not length.isdecimal() or int(length) > _LONGEST_BODY:
            self.send_error(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return
        status, data = self.server.control.answer(
            self.command, self.path, self.headers.get("Authorization") or "", self.rfile.read(int(length))
        )
        body = json.dumps(data).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_DELETE = _answer  # noqa: N815 - http.server looks for these names

    @override
    def log_message(self, format: str, *args: Any) -> None:
        _LOG.debug(format, *args)
