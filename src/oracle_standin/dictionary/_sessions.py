"""The V$ views about sessions, transactions, statistics, cursors and locks."""

# ruff: noqa: S608  (the SQL is made of what stands here alone)
from __future__ import annotations

from oracle_standin.dictionary._spec import CONTAINER, Fixed

__all__ = ["session_views"]


def _address(kind: int, expression: str) -> str:
    """Return SQL for an address that is the same wherever the same thing is meant."""
    return f"CAST(HEXTORAW('{kind:02d}' || LPAD({expression}, 14, '0')) AS VARBINARY(8))"


_SESSION_ADDRESS = _address(1, "S.SID")
_TRANSACTION_ADDRESS = _address(2, "S.SID")

_SESSIONS = "STANDIN.SESSIONS S LEFT JOIN STANDIN.SESSION_DETAILS D ON D.SID = S.SID"

_IN_TRANSACTION = "(S.XIDUSN IS NOT NULL OR H.CONTAINS_UNCOMMITTED)"
"""One that asked for its number, or one that the engine knows to have changed something."""

_SESSION = f"""
    SADDR RAW(8) = {_SESSION_ADDRESS}
    SID NUMBER = S.SID
    SERIAL# NUMBER = S.SERIAL
    AUDSID NUMBER = S.SID
    PADDR RAW(8) = {_address(3, "S.SID")}
    USER# NUMBER = U.USER_ID
    USERNAME VARCHAR2(128) = S.USERNAME
    COMMAND NUMBER = 0
    OWNERID NUMBER = 2147483644
    TADDR RAW(8) = CASE WHEN {_IN_TRANSACTION} THEN {_TRANSACTION_ADDRESS} END
    LOCKWAIT RAW(8) = CASE WHEN H.BLOCKER_ID IS NOT NULL THEN {_address(4, "S.SID")} END
    STATUS VARCHAR2(8) = COALESCE(D.STATUS, \
CASE H.SESSION_STATE WHEN 'RUNNING' THEN 'ACTIVE' ELSE 'INACTIVE' END)
    SERVER VARCHAR2(9) = 'DEDICATED'
    SCHEMA# NUMBER = C.USER_ID
    SCHEMANAME VARCHAR2(128) = S.SCHEMANAME
    OSUSER VARCHAR2(128) = D.OSUSER
    PROCESS VARCHAR2(24) = D.PROCESS
    MACHINE VARCHAR2(64) = D.MACHINE
    PORT NUMBER
    TERMINAL VARCHAR2(30) = D.TERMINAL
    PROGRAM VARCHAR2(84) = D.PROGRAM
    TYPE VARCHAR2(10) = 'USER'
    SQL_ADDRESS RAW(8)
    SQL_HASH_VALUE NUMBER
    SQL_ID VARCHAR2(13)
    SQL_CHILD_NUMBER NUMBER
    SQL_EXEC_START DATE
    SQL_EXEC_ID NUMBER
    PREV_SQL_ADDR RAW(8)
    PREV_HASH_VALUE NUMBER
    PREV_SQL_ID VARCHAR2(13)
    PREV_CHILD_NUMBER NUMBER
    MODULE VARCHAR2(64) = D.MODULE
    ACTION VARCHAR2(64) = D.ACTION
    CLIENT_INFO VARCHAR2(64) = D.CLIENT_INFO
    FIXED_TABLE_SEQUENCE,ROW_WAIT_OBJ#,ROW_WAIT_FILE#,ROW_WAIT_BLOCK#,ROW_WAIT_ROW# NUMBER
    LOGON_TIME DATE = S.LOGON_TIME
    LAST_CALL_ET NUMBER = 0
    FAILOVER_TYPE VARCHAR2(13) = 'NONE'
    FAILOVER_METHOD VARCHAR2(10) = 'NONE'
    FAILED_OVER VARCHAR2(3) = 'NO'
    RESOURCE_CONSUMER_GROUP VARCHAR2(32)
    PDML_STATUS,PQ_STATUS VARCHAR2(8) = 'DISABLED'
    PDDL_STATUS VARCHAR2(8) = 'ENABLED'
    CURRENT_QUEUE_DURATION NUMBER = 0
    CLIENT_IDENTIFIER VARCHAR2(64) = D.CLIENT_IDENTIFIER
    BLOCKING_SESSION_STATUS VARCHAR2(11) = CASE WHEN H.BLOCKER_ID IS NULL THEN 'NO HOLDER' ELSE 'VALID' END
    BLOCKING_INSTANCE NUMBER = CASE WHEN H.BLOCKER_ID IS NOT NULL THEN 1 END
    BLOCKING_SESSION NUMBER = H.BLOCKER_ID
    SEQ# NUMBER = 0
    EVENT# NUMBER = 0
    EVENT VARCHAR2(64) = CASE WHEN H.BLOCKER_ID IS NOT NULL THEN 'enq: TX - row lock contention' \
ELSE 'SQL*Net message from client' END
    WAIT_CLASS VARCHAR2(64) = CASE WHEN H.BLOCKER_ID IS NOT NULL THEN 'Application' ELSE 'Idle' END
    WAIT_TIME,SECONDS_IN_WAIT NUMBER = 0
    STATE VARCHAR2(19) = 'WAITING'
    SERVICE_NAME VARCHAR2(64) = D.SERVICE
    SQL_TRACE VARCHAR2(8) = 'DISABLED'
    CREATOR_ADDR RAW(8)
    CREATOR_SERIAL# NUMBER
    ECID VARCHAR2(64)
    {CONTAINER}
"""

_TRANSACTION = f"""
    ADDR RAW(8) = {_TRANSACTION_ADDRESS}
    XIDUSN NUMBER = COALESCE(S.XIDUSN, MOD(S.SID, 32767))
    XIDSLOT NUMBER = COALESCE(S.XIDSLOT, 0)
    XIDSQN NUMBER = COALESCE(S.XIDSQN, 0)
    UBAFIL,UBABLK,UBASQN,UBAREC NUMBER = 0
    STATUS VARCHAR2(16) = 'ACTIVE'
    START_TIME VARCHAR2(20) = TO_CHAR(S.LOGON_TIME, 'MM/DD/YY HH24:MI:SS')
    START_SCNB,START_SCNW,START_UEXT,START_UBAFIL,START_UBABLK,START_UBASQN,START_UBAREC NUMBER = 0
    SES_ADDR RAW(8) = {_SESSION_ADDRESS}
    FLAG NUMBER = CASE S.ISOLATION WHEN 'SERIALIZABLE' THEN 268443139 ELSE 7683 END
    SPACE,RECURSIVE,NOUNDO,PTX VARCHAR2(3) = CASE WHEN TRUE THEN 'NO' END
    NAME VARCHAR2(256)
    USED_UBLK,USED_UREC,LOG_IO,PHY_IO,CR_GET,CR_CHANGE NUMBER = 1
    START_DATE DATE = S.LOGON_TIME
    DSCN_BASE,DSCN_WRAP,START_SCN,DEPENDENT_SCN NUMBER = 0
    XID RAW(8) = {_TRANSACTION_ADDRESS}
    {CONTAINER}
"""

_STATISTIC = (
    """
    SID NUMBER = S.SID
    STATISTIC# NUMBER = N.STATISTIC
    VALUE NUMBER = COALESCE(W.SETTING, 0)
    """
    + CONTAINER
)
_STATISTICS = """STANDIN.SESSIONS S CROSS JOIN STANDIN.STATISTICS N
    LEFT JOIN STANDIN.SESSION_STATISTICS W ON W.SID = S.SID AND W.STATISTIC = N.STATISTIC"""


def session_views() -> list[Fixed]:
    """Return the views."""
    return [
        Fixed(
            name="V$SESSION",
            comment="Sessions",
            # H2 knows who waits for whom.
            source=_SESSIONS
            + """ LEFT JOIN INFORMATION_SCHEMA.SESSIONS H ON H.SESSION_ID = S.SID
            LEFT JOIN STANDIN.USERS U ON U.USERNAME = S.USERNAME
            LEFT JOIN STANDIN.USERS C ON C.USERNAME = S.SCHEMANAME""",
            columns=_SESSION,
        ),
        Fixed(
            name="V$SESSION_CONNECT_INFO",
            comment="Network connections of the user's sessions",
            public=True,
            source=_SESSIONS,
            columns="""
            SID NUMBER = S.SID
            SERIAL# NUMBER = S.SERIAL
            AUTHENTICATION_TYPE VARCHAR2(26) = 'DATABASE'
            OSUSER VARCHAR2(128) = D.OSUSER
            NETWORK_SERVICE_BANNER VARCHAR2(4000) = \
COALESCE(D.PROTOCOL, 'TCP') || ' Protocol Adapter of oracle_standin'
            CLIENT_CHARSET VARCHAR2(40) = 'Unknown'
            CLIENT_CONNECTION VARCHAR2(13) = 'Heterogeneous'
            CLIENT_OCI_LIBRARY VARCHAR2(13) = 'Unknown'
            CLIENT_VERSION VARCHAR2(40) = 'Unknown'
            CLIENT_DRIVER VARCHAR2(30) = D.DRIVER
            CLIENT_LOBATTR VARCHAR2(23) = 'Unknown'
            CLIENT_REGID NUMBER = 0
            """
            + CONTAINER,
        ),
        Fixed(
            name="V$TRANSACTION",
            comment="Active transactions",
            source="STANDIN.SESSIONS S LEFT JOIN INFORMATION_SCHEMA.SESSIONS H ON H.SESSION_ID = S.SID",
            where=_IN_TRANSACTION,
            columns=_TRANSACTION,
        ),
        Fixed(
            name="V$PROCESS",
            comment="Processes; one per session",
            source=_SESSIONS,
            columns=f"""
            ADDR RAW(8) = {_address(3, "S.SID")}
            PID,SOSID NUMBER = S.SID
            SPID VARCHAR2(24) = S.SID
            USERNAME VARCHAR2(15) = 'oracle_standin'
            SERIAL# NUMBER = S.SERIAL
            PROGRAM VARCHAR2(48) = 'oracle_standin'
            """
            + CONTAINER,
        ),
        Fixed(
            name="V$STATNAME",
            comment="Names of statistics",
            source="STANDIN.STATISTICS N",
            columns="""
            STATISTIC# NUMBER = N.STATISTIC
            NAME,DISPLAY_NAME VARCHAR2(64) = N.NAME
            CLASS NUMBER = 1
            STAT_ID NUMBER = ORA_HASH(N.NAME)
            """
            + CONTAINER,
        ),
        Fixed(name="V$SESSTAT", comment="Statistics of sessions", source=_STATISTICS, columns=_STATISTIC),
        Fixed(
            name="V$MYSTAT",
            comment="Statistics of the current session",
            source=_STATISTICS,
            where="S.SID = SESSION_ID()",
            columns=_STATISTIC,
        ),
        Fixed(
            name="V$SYSSTAT",
            comment="Statistics of all sessions since the start",
            source="STANDIN.STATISTICS N",
            columns="""
            STATISTIC# NUMBER = N.STATISTIC
            NAME VARCHAR2(64) = N.NAME
            CLASS NUMBER = 1
            VALUE NUMBER = (SELECT COALESCE(SUM(W.SETTING), 0) FROM STANDIN.SESSION_STATISTICS W \
WHERE W.STATISTIC = N.STATISTIC)
            STAT_ID NUMBER = ORA_HASH(N.NAME)
            """
            + CONTAINER,
        ),
        Fixed(
            name="V$OPEN_CURSOR",
            comment="Open cursors",
            source="STANDIN.OPEN_CURSORS O JOIN STANDIN.SESSIONS S ON S.SID = O.SID",
            columns=f"""
            SADDR RAW(8) = {_SESSION_ADDRESS}
            SID NUMBER = S.SID
            USER_NAME VARCHAR2(128) = S.USERNAME
            ADDRESS RAW(8)
            HASH_VALUE NUMBER = ORA_HASH(O.SQL_TEXT)
            SQL_ID VARCHAR2(13) = LPAD(ORA_HASH(O.SQL_TEXT), 13, '0')
            SQL_TEXT VARCHAR2(60) = SUBSTR(O.SQL_TEXT, 1, 60)
            LAST_SQL_ACTIVE_TIME DATE
            SQL_EXEC_ID NUMBER
            CURSOR_TYPE VARCHAR2(64) = 'OPEN'
            """
            + CONTAINER,
        ),
        *_locks(),
    ]


def _locks() -> list[Fixed]:
    object_id = "ORA_HASH('TABLE' || L.OWNER || '.' || L.TABLE_NAME)"
    return [
        Fixed(
            name="V$LOCK",
            comment="Locks: TM of tables, TX of transactions",
            source=f"""(SELECT L.SID, 'TM' TYPE, {object_id} ID1, 0 ID2, L.LMODE, L.REQUEST
                FROM STANDIN.TABLE_LOCKS L UNION ALL
                SELECT T.SID, 'TX', T.XIDUSN * 65536 + T.XIDSLOT, T.XIDSQN, 6, 0
                FROM STANDIN.SESSIONS T WHERE T.XIDUSN IS NOT NULL) S""",
            columns=f"""
            ADDR,KADDR RAW(8) = {_address(4, "S.SID")}
            SID NUMBER = S.SID
            TYPE VARCHAR2(2) = S.TYPE
            ID1 NUMBER = S.ID1
            ID2 NUMBER = S.ID2
            LMODE NUMBER = S.LMODE
            REQUEST NUMBER = S.REQUEST
            CTIME NUMBER = 0
            BLOCK NUMBER = 0
            """
            + CONTAINER,
        ),
        Fixed(
            name="V$LOCKED_OBJECT",
            comment="Locks on tables, with their sessions",
            source=f"STANDIN.TABLE_LOCKS L JOIN ({_SESSIONS}) ON S.SID = L.SID",
            columns=f"""
            XIDUSN NUMBER = COALESCE(S.XIDUSN, 0)
            XIDSLOT NUMBER = COALESCE(S.XIDSLOT, 0)
            XIDSQN NUMBER = COALESCE(S.XIDSQN, 0)
            OBJECT_ID NUMBER = {object_id}
            SESSION_ID NUMBER = S.SID
            ORACLE_USERNAME VARCHAR2(128) = S.USERNAME
            OS_USER_NAME VARCHAR2(128) = D.OSUSER
            PROCESS VARCHAR2(24) = D.PROCESS
            LOCKED_MODE NUMBER = L.LMODE
            """
            + CONTAINER,
        ),
    ]
