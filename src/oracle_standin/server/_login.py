"""From the first packet to a session: listener, negotiation, login."""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from oracle_standin.errors import OracleError, not_modelled
from oracle_standin.interface import Database, Session
from oracle_standin.server._hooks import LISTENER_ERRORS, Call, CallKind, CallObserver
from oracle_standin.server._link import Gone, Link
from oracle_standin.wire.answers import end_message, status
from oracle_standin.wire.auth import (
    SYSDBA,
    SYSOPER,
    AuthCall,
    Verifier,
    logged_in_answer,
    read_auth,
)
from oracle_standin.wire.calls import read_head
from oracle_standin.wire.codes import FieldVersion, Function, MessageType, PacketType
from oracle_standin.wire.connect import (
    PLAIN_VERSION,
    RESPONSE_VERSION,
    ConnectCall,
    accept_packet,
    parse_connect,
    refuse_packet,
)
from oracle_standin.wire.dialect import Dialect
from oracle_standin.wire.fields import WireError
from oracle_standin.wire.negotiate import (
    data_types_answer,
    protocol_answer,
    read_data_types,
    read_fast_auth_middle,
    read_protocol,
)

__all__ = ["Login", "Settings", "canonical_user", "change_password", "log_in"]

_LOG = logging.getLogger("oracle_standin.server")
_LOGON_DENIED = OracleError(1017, "invalid username/password; logon denied")
_FLAGS = 2
"""Bytes of flags in front of what a data packet carries."""
_SMALLEST_SDU = 512


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How a server speaks.

    Attributes
    ----------
    fast_auth : `bool`
        Offer negotiation and login in one round trip.
    end_of_response : `bool`
        Offer to mark the end of answers, on which pipelining rests.
    largest_sdu : `int`
        Largest packet in bytes, if the client asks for more.
    """

    fast_auth: bool = False
    end_of_response: bool = False
    largest_sdu: int = 2_097_152

    @property
    def version(self) -> int:
        """The protocol version that is needed for it (`int`)."""
        return RESPONSE_VERSION if self.fast_auth or self.end_of_response else PLAIN_VERSION


@dataclass(frozen=True, kw_only=True)
class Login:
    """A client that is logged in.

    Attributes
    ----------
    session : `~oracle_standin.interface.Session`
        Its session.
    dialect : `~oracle_standin.wire.dialect.Dialect`
        How it speaks.
    verifier : `~oracle_standin.wire.auth.Verifier`
        With the key for another change of password.
    answer : `bytes`
        What tells the client so.
    """

    session: Session
    dialect: Dialect
    verifier: Verifier
    answer: bytes = b""


def canonical_user(name: str) -> str:
    """Return a user's name as the database keeps it."""
    return name[1:-1] if name.startswith('"') and name.endswith('"') else name.upper()


def log_in(
    link: Link,
    database: Database,
    settings: Settings,
    observer: CallObserver,
    observed: Call,
    *,
    admit: Callable[[], bool],
) -> Login:
    """Lead a client through it, up to the answer that tells it so.

    Parameters
    ----------
    link : `~oracle_standin.server._link.Link`
        The client.
    database : `~oracle_standin.interface.Database`
        What it wants to connect to.
    settings : `Settings`
        What it is offered.
    observer : `~oracle_standin.server._hooks.CallObserver`
        Told before and after, of the connect and of the login.
    observed : `~oracle_standin.server._hooks.Call`
        Of kind ``CONNECT``.
    admit : `~collections.abc.Callable`
        Returns whether there is room for one more.

    Raises
    ------
    oracle_standin.server._link.Gone
        Raised if the client left, or was turned away.
    """
    connect = _connect_call(link)
    late_error = _pass_listener(link, connect, database, observer=observer, observed=observed, admit=admit)
    dialect = Dialect(
        sdu=max(min(connect.sdu, settings.largest_sdu), _SMALLEST_SDU),
        end_of_response=settings.end_of_response,
    )
    link.use_large_lengths(dialect.sdu)
    link.send_raw(
        accept_packet(
            settings.version,
            dialect.sdu,
            fast_auth=settings.fast_auth,
            end_of_response=settings.end_of_response,
        )
    )
    answered, verifier, first = _negotiate(link, dialect, database)
    user = canonical_user(first.user)
    link.send(
        answered + verifier.challenge() + status(call_status=0), end_of_response=dialect.end_of_response
    )
    _expect_function(link, dialect, Function.AUTH_PHASE_TWO)
    call = read_auth(link.reader)
    login_call = replace(
        observed,
        kind=CallKind.LOGIN,
        user=user,
        text="",
        round_trips=link.answers,
        begun=time.perf_counter(),
    )
    try:
        if late_error:
            raise late_error
        with _observed(observer, login_call):
            login = _authenticated(call, user, verifier, dialect, database)
            login.session.note_client(_details(first, call, connect, database))
        with _closing_if_it_fails(login.session):
            observer.after(login_call)
    except OracleError as error:
        link.send(end_message(dialect, call_status=0, error=error), end_of_response=dialect.end_of_response)
        raise Gone from None
    answer = logged_in_answer(
        verifier,
        database.profile,
        field_version=dialect.field_version,
        service=database.service,
        session=login.session.sid,
        serial=login.session.serial,
    )
    return replace(login, answer=answer + status(call_status=0))


def _pass_listener(
    link: Link,
    connect: ConnectCall,
    database: Database,
    *,
    observer: CallObserver,
    observed: Call,
    admit: Callable[[], bool],
) -> OracleError | None:
    """Do the listener's part; return an error that the client is told when it logs in."""
    observed.text = connect.text
    observed.client = connect.value_of("CONNECTION_ID") or ""
    try:
        with _observed(observer, observed):
            _check_service(connect, database)
            if not admit():
                raise _refusal(12519)
        observer.after(observed)
    except OracleError as error:
        if error.number in LISTENER_ERRORS:
            _refuse(link, error.number)
        return error
    return None


@contextlib.contextmanager
def _observed(observer: CallObserver, call: Call) -> Iterator[None]:
    """Tell of a call before, and after if it fails."""
    observer.before(call)
    try:
        yield
    except OracleError as error:
        call.error = error
        observer.after(call)
        raise


@contextlib.contextmanager
def _closing_if_it_fails(session: Session) -> Iterator[None]:
    """Close a session whose client is not told that it has one."""
    try:
        yield
    except BaseException:
        session.close()
        raise


def _connect_call(link: Link) -> ConnectCall:
    packet = link.packet()
    if packet.type != PacketType.CONNECT:
        raise WireError(f"a packet of type {packet.type} instead of CONNECT")
    connect = parse_connect(packet.body)
    if not connect.text:
        text = link.packet().body[_FLAGS:].decode(errors="replace")
        connect = ConnectCall(version=connect.version, minimum=connect.minimum, sdu=connect.sdu, text=text)
    if connect.version < PLAIN_VERSION or connect.minimum > RESPONSE_VERSION:
        _LOG.warning("a client speaks versions %d to %d only", connect.minimum, connect.version)
        _refuse(link, 12618)
    return connect


def _refuse(link: Link, number: int) -> None:
    link.send_raw(refuse_packet(number))
    raise Gone


def _refusal(number: int) -> OracleError:
    return OracleError(number, "the listener refused the connection")


def _check_service(connect: ConnectCall, database: Database) -> None:
    service, sid = connect.value_of("SERVICE_NAME"), connect.value_of("SID")
    if service is not None and service.upper() != database.service.upper():
        raise _refusal(12514)
    if service is None and sid is not None and sid.upper() != database.service.partition(".")[0].upper():
        raise _refusal(12505)
    if service is None and sid is None:
        raise _refusal(12504)


def _negotiate(link: Link, dialect: Dialect, database: Database) -> tuple[bytes, Verifier, AuthCall]:
    """Agree on a field version; return what is not answered yet, and who wants in."""
    reader = link.reader
    offered = database.profile.field_version
    banner = database.profile.banner
    kind = reader.u8()
    fast = kind == MessageType.FAST_AUTH
    if fast:
        reader.raw(3)
        kind = reader.u8()
    if kind != MessageType.PROTOCOL:
        raise WireError(f"message {kind} where the negotiation should be")
    read_protocol(reader)
    if fast:
        dialect.field_version = read_fast_auth_middle(reader)
    else:
        link.send(protocol_answer(banner, offered), end_of_response=dialect.end_of_response)
        if (kind := reader.u8()) != MessageType.DATA_TYPES:
            raise WireError(f"message {kind} where the data types should be")
    version = min(offered, read_data_types(reader))
    answered = protocol_answer(banner, offered) + data_types_answer() if fast else b""
    if not fast:
        link.send(data_types_answer(), end_of_response=dialect.end_of_response)
        dialect.field_version = version
    _expect_function(link, dialect, Function.AUTH_PHASE_ONE)
    call = read_auth(reader)
    dialect.field_version = min(offered, FieldVersion.V23_4) if fast else version
    return answered, Verifier(database.password_of(canonical_user(call.user))), call


def _details(
    first: AuthCall, second: AuthCall, connect: ConnectCall, database: Database
) -> dict[str, str | None]:
    """Return what a client says of itself, for ``V$SESSION``."""
    pairs = first.pairs | second.pairs
    keys = {
        "OSUSER": "AUTH_SID",
        "MACHINE": "AUTH_MACHINE",
        "PROGRAM": "AUTH_PROGRAM_NM",
        "TERMINAL": "AUTH_TERMINAL",
        "PROCESS": "AUTH_PID",
        "DRIVER": "SESSION_CLIENT_DRIVER_NAME",
        "MODULE": "AUTH_PROGRAM_NM",
    }
    return {
        **{name: pairs.get(key) for name, key in keys.items()},
        "SERVICE": database.service,
        "PROTOCOL": (connect.value_of("PROTOCOL") or "tcp").upper(),
    }


def _expect_function(link: Link, dialect: Dialect, function: Function) -> None:
    kind = link.reader.u8()
    if kind != MessageType.FUNCTION:
        raise WireError(f"message {kind} where the login should be")
    head = read_head(link.reader, dialect)
    if head.function != function:
        link.discard()
        error = not_modelled(f"a login by function {head.function}")
        link.send(end_message(dialect, call_status=0, error=error), end_of_response=dialect.end_of_response)
        raise Gone


def _authenticated(
    call: AuthCall, user: str, verifier: Verifier, dialect: Dialect, database: Database
) -> Login:
    if not verifier.check(call):
        raise _LOGON_DENIED
    if "PROXY_CLIENT_NAME" in call.pairs:
        raise not_modelled("proxy users")
    as_administrator = call.mode & (SYSDBA | SYSOPER)
    if user == "SYS" and not as_administrator:
        raise OracleError(28009, "connection as SYS should be as SYSDBA or SYSOPER")
    if as_administrator and user != "SYS":
        raise OracleError(1031, "insufficient privileges")
    session = database.open_session(user)
    try:
        if "AUTH_NEWPASSWORD" in call.pairs:
            change_password(session, verifier.decrypted(call.pairs["AUTH_NEWPASSWORD"]).decode())
        # The driver sets the time zone by a statement that ends like a C string.
        if alter := call.pairs.get("AUTH_ALTER_SESSION", "").rstrip("\0"):
            dialect.zone = _zone(alter)
            session.run(session.prepare(alter))
    except OracleError:
        session.close()
        raise
    return Login(session=session, dialect=dialect, verifier=verifier)


def change_password(session: Session, password: str) -> None:
    """Give a session's user a new password.

    Raises
    ------
    oracle_standin.errors.OracleError
        Raised if it cannot be one (ORA-00988), or the user may not.
    """
    if not password or '"' in password:
        raise OracleError(988, "missing or invalid password(s)")
    session.run(session.prepare(f'ALTER USER "{session.user}" IDENTIFIED BY "{password}"'))


def _zone(statement: str) -> dt.tzinfo:
    """Return the time zone that a statement sets; UTC if it is none with an offset."""
    match = re.search(r"TIME_ZONE\s*=\s*'([+-])(\d\d?):(\d\d)'", statement, re.IGNORECASE)
    if match is None:
        return dt.UTC
    offset = dt.timedelta(hours=int(match[2]), minutes=int(match[3]))
    return dt.timezone(-offset if match[1] == "-" else offset)
