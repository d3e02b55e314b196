"""Numbers of the protocol: packets, messages, functions, options."""

from __future__ import annotations

import enum

__all__ = [
    "Direction",
    "ExecuteFlag",
    "ExecuteOption",
    "FieldVersion",
    "Function",
    "LobOperation",
    "Marker",
    "MessageType",
    "Orientation",
    "PacketType",
]


class PacketType(enum.IntEnum):
    """Types of packets."""

    CONNECT = 1
    ACCEPT = 2
    REFUSE = 4
    REDIRECT = 5
    DATA = 6
    RESEND = 11
    MARKER = 12
    CONTROL = 14


class Marker(enum.IntEnum):
    """Kinds of marker packets."""

    BREAK = 1
    RESET = 2
    INTERRUPT = 3


class MessageType(enum.IntEnum):
    """First byte of a message inside the data packets."""

    PROTOCOL = 1
    DATA_TYPES = 2
    FUNCTION = 3
    ERROR = 4
    ROW_HEADER = 6
    ROW_DATA = 7
    PARAMETER = 8
    STATUS = 9
    IO_VECTOR = 11
    LOB_DATA = 14
    DESCRIBE = 16
    PIGGYBACK = 17
    END_OF_RESPONSE = 29
    ONE_WAY = 26
    TOKEN = 33
    FAST_AUTH = 34


class Function(enum.IntEnum):
    """Functions that a client calls, by itself or as piggybacks."""

    REEXECUTE = 4
    FETCH = 5
    LOGOFF = 9
    COMMIT = 14
    ROLLBACK = 15
    REEXECUTE_AND_FETCH = 78
    EXECUTE = 94
    LOB = 96
    TPC_SWITCH = 103
    TPC_CHANGE_STATE = 104
    CLOSE_CURSORS = 105
    AUTH_PHASE_TWO = 115
    AUTH_PHASE_ONE = 118
    SET_END_TO_END = 135
    PING = 147
    SET_SCHEMA = 152
    KEY_VALUE = 154
    SESSION_RELEASE = 163
    SESSION_STATE = 176
    PIPELINE_BEGIN = 199
    PIPELINE_END = 200


class FieldVersion(enum.IntEnum):
    """TTC field versions from which messages have more fields."""

    V12_2 = 8
    V12_2_EXT_1 = 9
    V18_1_EXT_1 = 11
    V19_1_EXT_1 = 13
    V20_1 = 14
    V23_1 = 17
    V23_1_EXT_1 = 18
    V23_1_EXT_3 = 20
    V23_4 = 24


class ExecuteOption(enum.IntFlag):
    """What an execute message asks for."""

    PARSE = 0x01
    BIND = 0x08
    DEFINE = 0x10
    EXECUTE = 0x20
    FETCH = 0x40
    COMMIT = 0x100
    PLSQL_BIND = 0x400
    NOT_PLSQL = 0x8000
    DESCRIBE = 0x20000
    BATCH_ERRORS = 0x80000


class ExecuteFlag(enum.IntFlag):
    """More of it."""

    SCROLLABLE = 0x02
    ROW_COUNTS = 0x4000
    IMPLICIT_RESULTS = 0x8000


class Orientation(enum.IntEnum):
    """Directions of a scrollable cursor's fetch."""

    CURRENT = 0x01
    NEXT = 0x02
    FIRST = 0x04
    LAST = 0x08
    PRIOR = 0x10
    ABSOLUTE = 0x20
    RELATIVE = 0x40


class LobOperation(enum.IntEnum):
    """What a LOB call does."""

    LENGTH = 0x0001
    READ = 0x0002
    TRIM = 0x0020
    WRITE = 0x0040
    CREATE_TEMPORARY = 0x0110
    FILE_IS_OPEN = 0x0400
    FILE_EXISTS = 0x0800
    CHUNK_SIZE = 0x4000
    OPEN = 0x8000
    CLOSE = 0x10000
    IS_OPEN = 0x11000


class Direction(enum.IntEnum):
    """Directions of a PL/SQL block's binds."""

    OUT = 16
    IN = 32
    IN_OUT = 48
