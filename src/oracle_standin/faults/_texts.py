"""What Oracle says with the numbers that are worth injecting."""

from __future__ import annotations

__all__ = ["text_of"]

_TEXTS = {
    1: "unique constraint violated",
    18: "maximum number of sessions exceeded",
    20: "maximum number of processes exceeded",
    28: "your session has been killed",
    54: "resource busy and acquire with NOWAIT specified or timeout expired",
    60: "deadlock detected while waiting for resource",
    257: "Archiver error. Connect AS SYSDBA only until resolved.",
    600: "internal error code, arguments: []",
    603: "ORACLE server session terminated by fatal error",
    1012: "not logged on",
    1013: "user requested cancel of current operation",
    1017: "invalid username/password; logon denied",
    1033: "ORACLE initialization or shutdown in progress",
    1034: "ORACLE not available",
    1041: "internal error. hostdef extension doesn't exist",
    1045: "user lacks CREATE SESSION privilege; logon denied",
    1089: "immediate shutdown or close in progress - no operations are permitted",
    1090: "shutdown in progress - connection is not permitted",
    1092: "ORACLE instance terminated. Disconnection forced",
    1536: "space quota exceeded for tablespace",
    1555: "snapshot too old",
    1652: "unable to extend temp segment in tablespace TEMP",
    1653: "unable to extend table in tablespace USERS",
    1654: "unable to extend index in tablespace USERS",
    2049: "timeout: distributed transaction waiting for lock",
    2091: "transaction rolled back",
    2391: "exceeded simultaneous SESSIONS_PER_USER limit",
    2396: "exceeded maximum idle time, please connect again",
    2399: "exceeded maximum connect time, you are being logged off",
    3113: "end-of-file on communication channel",
    3114: "not connected to ORACLE",
    3135: "connection lost contact",
    4021: "timeout occurred while waiting to lock object",
    4031: "unable to allocate bytes of shared memory",
    4036: "PGA memory used by the instance exceeds PGA_AGGREGATE_LIMIT",
    4068: "existing state of packages has been discarded",
    8103: "object no longer exists",
    8177: "can't serialize access for this transaction",
    12514: "TNS:listener does not currently know of service requested in connect descriptor",
    12516: "TNS:listener could not find available handler with matching protocol stack",
    12519: "TNS:no appropriate service handler found",
    12520: "TNS:listener could not find available handler for requested type of server",
    12528: "TNS:listener: all appropriate instances are blocking new connections",
    16456: "switchover to standby in progress or completed",
    25408: "can not safely replay call",
    28000: "the account is locked",
    28001: "the password has expired",
    30006: "resource busy; acquire with WAIT timeout expired",
}  # fmt: skip


def text_of(number: int) -> str:
    """Return the text of an ORA number; one that says where it comes from, if the number is not known."""
    return _TEXTS.get(number, "error injected by oracle_standin")
