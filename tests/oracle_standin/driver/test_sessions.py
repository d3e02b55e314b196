"""What a session's client finds out about itself and others."""

from __future__ import annotations

import oracledb
import pytest

pytestmark = pytest.mark.h2

STATISTIC = (
    "SELECT s.value FROM v$sesstat s JOIN v$statname n ON n.statistic# = s.statistic#"
    " WHERE s.sid = :sid AND n.name = :name"
)


def statistic(cursor: oracledb.Cursor, connection: oracledb.Connection, name: str) -> int:
    """Return a statistic of a connection's session, as another session sees it."""
    ((value,),) = cursor.execute(STATISTIC, sid=connection.session_id, name=name).fetchall()
    return int(value)


def test_a_session_has_the_numbers_that_its_client_was_told(
    connection: oracledb.Connection, cursor: oracledb.Cursor
) -> None:
    """The driver's session_id and serial_num are those of V$SESSION and SYS_CONTEXT."""
    cursor.execute("SELECT sid, serial# FROM v$session WHERE sid = SYS_CONTEXT('userenv', 'sid')")
    assert cursor.fetchall() == [(connection.session_id, connection.serial_num)]


def test_a_session_shows_its_client(cursor: oracledb.Cursor) -> None:
    """V$SESSION and V$SESSION_CONNECT_INFO name program, machine, driver and protocol."""
    where = "WHERE sid = SYS_CONTEXT('userenv', 'sid')"
    ((program, machine, service),) = cursor.execute(
        f"SELECT program, machine, service_name FROM v$session {where}"  # noqa: S608 - our own text
    ).fetchall()
    assert program == oracledb.defaults.program[:84]
    assert machine == oracledb.defaults.machine[:64]
    assert service == "FREEPDB1"
    ((driver, banner),) = cursor.execute(
        "SELECT UNIQUE client_driver, network_service_banner FROM v$session_connect_info "  # noqa: S608 - ours
        f"{where}"
    ).fetchall()
    assert driver.startswith("python-oracledb thn")
    assert "TCP" in banner


def test_what_a_client_says_it_does_is_shown(
    connection: oracledb.Connection, cursor: oracledb.Cursor
) -> None:
    """Module, action, info and identifier arrive with the next call, in the view and in SYS_CONTEXT."""
    connection.module, connection.action = "butler", "ingest"
    connection.clientinfo, connection.client_identifier = "info", "me"
    columns = ("module", "action", "client_info", "client_identifier")
    contexts = ", ".join(f"SYS_CONTEXT('userenv', '{name}')" for name in columns)
    expected = [("butler", "ingest", "info", "me")]
    assert cursor.execute(f"SELECT {contexts} FROM dual").fetchall() == expected  # noqa: S608 - our own text
    cursor.execute(
        f"SELECT {', '.join(columns)} FROM v$session WHERE sid = :1",  # noqa: S608 - our own text
        [connection.session_id],
    )
    assert cursor.fetchall() == expected


def test_statistics_count_what_a_client_did(
    connection: oracledb.Connection, cursor: oracledb.Cursor, connect: object
) -> None:
    """Another session sees round trips, executions, parses and commits of this one."""
    assert callable(connect)
    other = connect().cursor()
    names = (
        "SQL*Net roundtrips to/from client",
        "execute count",
        "parse count (total)",
        "user commits",
        "user rollbacks",
    )
    before = [statistic(other, connection, name) for name in names]
    for number in range(3):
        cursor.execute("SELECT :1 FROM dual", [number]).fetchall()
    connection.commit()
    connection.rollback()
    after = [statistic(other, connection, name) for name in names]
    # The statement is parsed once; the driver keeps its cursor.
    assert [b - a for a, b in zip(before, after, strict=True)] == [5, 3, 1, 1, 1]


def test_numbers_are_not_written_with_a_comma(cursor: oracledb.Cursor) -> None:
    """Where a territory writes numbers with a comma, their texts are refused, and the rest goes on."""
    cursor.execute("ALTER SESSION SET NLS_TERRITORY = 'GERMANY'")
    assert cursor.execute("SELECT 1.5 FROM dual").fetchall() == [(1.5,)]
    with pytest.raises(oracledb.DatabaseError, match="ORA-03001"):
        cursor.execute("SELECT TO_CHAR(1.5) FROM dual")
    cursor.execute("ALTER SESSION SET NLS_NUMERIC_CHARACTERS = '.,'")
    assert cursor.execute("SELECT TO_CHAR(1.5) FROM dual").fetchall() == [("1.5",)]


def test_dates_are_written_and_read_in_the_sessions_format(cursor: oracledb.Cursor) -> None:
    """TO_CHAR and TO_DATE without a format use DD-MON-RR, or what NLS_DATE_FORMAT says from then on."""
    query = "SELECT TO_CHAR(DATE '2020-02-03'), TO_CHAR(TO_DATE('{}')), TO_CHAR(5) FROM dual"
    assert cursor.execute(query.format("05-JUN-21")).fetchall() == [("03-FEB-20", "05-JUN-21", "5")]
    cursor.execute("ALTER SESSION SET NLS_DATE_FORMAT = 'YYYY-MM-DD'")
    assert cursor.execute(query.format("2021-06-05")).fetchall() == [("2020-02-03", "2021-06-05", "5")]
