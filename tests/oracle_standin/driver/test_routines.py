"""Stored procedures and functions, called by the real driver."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import oracledb
import pytest

from oracle_standin.server import Server

pytestmark = pytest.mark.h2

Create = Callable[[str], None]


@pytest.fixture
def create(cursor: oracledb.Cursor) -> Iterator[Create]:
    """Return a function that runs DDL; all that it made is dropped at the end."""
    yield cursor.execute
    made = "SELECT object_type, object_name FROM user_objects WHERE object_type IN ({})"
    kinds = "'TABLE', 'PROCEDURE', 'FUNCTION'"
    for kind, name in cursor.execute(made.format(kinds)).fetchall():
        cursor.execute(f"DROP {kind} {name}")


def test_parameters_go_in_and_out(cursor: oracledb.Cursor, create: Create) -> None:
    """IN, OUT and IN OUT parameters are passed by place and by name, and have defaults."""
    create(
        "CREATE PROCEDURE p (a IN NUMBER, b OUT NUMBER, c IN OUT VARCHAR2, d NUMBER DEFAULT 7) IS"
        " twice NUMBER; BEGIN twice := a * 2; b := twice + d; c := c || '!'; END p;"
    )
    b, c = cursor.var(int), cursor.var(str)
    c.setvalue(0, "hi")
    assert cursor.callproc("p", [5, b, c]) == [5, 17, "hi!"]
    cursor.callproc("p", keyword_parameters={"d": 0, "c": c, "b": b, "a": 1})
    assert (b.getvalue(), c.getvalue()) == (2, "hi!!")


def test_a_function_is_called_by_the_client_and_within_expressions(
    cursor: oracledb.Cursor, create: Create
) -> None:
    """A function returns its value to callfunc and to other PL/SQL, also recursively."""
    create(
        "CREATE FUNCTION fact (n NUMBER) RETURN NUMBER AS BEGIN"
        " IF n < 2 THEN RETURN 1; END IF; RETURN n * fact(n - 1); END;"
    )
    assert cursor.callfunc("fact", int, [5]) == 120
    found = cursor.var(int)
    cursor.execute("BEGIN :x := fact(3) + fact(4); END;", x=found)
    assert found.getvalue() == 30


def test_a_function_must_return(cursor: oracledb.Cursor, create: Create) -> None:
    """A function that comes to its end raises ORA-06503."""
    create("CREATE FUNCTION f RETURN NUMBER AS BEGIN NULL; END;")
    with pytest.raises(oracledb.DatabaseError, match="ORA-06503"):
        cursor.callfunc("f", int)


def test_a_ref_cursor_comes_out(
    cursor: oracledb.Cursor, connection: oracledb.Connection, create: Create
) -> None:
    """A procedure opens a cursor over its rows, and the client fetches them."""
    create("CREATE TABLE t (a NUMBER(5), b VARCHAR2(20))")
    create(
        "CREATE PROCEDURE fill (n t.a%TYPE) AS i NUMBER := 0; BEGIN"
        " LOOP i := i + 1; EXIT WHEN i > n; CONTINUE WHEN i = 2;"
        " INSERT INTO t VALUES (i, 'row ' || i); END LOOP; END;"
    )
    create(
        "CREATE PROCEDURE rows_of (low NUMBER, c OUT SYS_REFCURSOR) AS BEGIN"
        " OPEN c FOR SELECT a, b FROM t WHERE a >= low ORDER BY a; END;"
    )
    cursor.execute("CALL fill(4)")
    rows = connection.cursor()
    cursor.callproc("rows_of", [2, rows])
    assert [column[0] for column in rows.description or []] == ["A", "B"]
    assert rows.fetchall() == [(3, "row 3"), (4, "row 4")]


def test_wrong_calls_are_refused_as_the_compiler_does(cursor: oracledb.Cursor, create: Create) -> None:
    """Unknown names and wrong arguments are ORA-06550 with PLS-00201 and PLS-00306."""
    create("CREATE PROCEDURE p (a NUMBER) AS BEGIN NULL; END;")
    with pytest.raises(oracledb.DatabaseError, match="PLS-00201: identifier 'NOPE'"):
        cursor.execute("BEGIN nope(1); END;")
    for arguments in ("", "(1, 2)", "(b => 1)"):
        with pytest.raises(oracledb.DatabaseError, match="PLS-00306"):
            cursor.execute(f"BEGIN p{arguments}; END;")


def test_names_are_taken_once(cursor: oracledb.Cursor, create: Create) -> None:
    """A name that is taken is ORA-00955 unless it is replaced, and one that is not there ORA-04043."""
    create("CREATE PROCEDURE p AS BEGIN NULL; END;")
    create("CREATE OR REPLACE PROCEDURE p AS BEGIN NULL; END;")
    for text in ("CREATE PROCEDURE p AS BEGIN NULL; END;", "CREATE TABLE p (a NUMBER)"):
        with pytest.raises(oracledb.DatabaseError, match="ORA-00955"):
            create(text)
    with pytest.raises(oracledb.DatabaseError, match="ORA-04043"):
        cursor.execute("DROP FUNCTION p")


def test_a_routine_has_its_owners_rights(cursor: oracledb.Cursor, create: Create, server: Server) -> None:
    """Who has EXECUTE changes the owner's table by it alone; without it the routine is not there."""
    create("CREATE TABLE t (a NUMBER)")
    create("CREATE PROCEDURE add_one AS BEGIN INSERT INTO t VALUES (1); END;")
    with oracledb.connect(user="adams", password="wood", dsn=server.dsn) as adams:
        call = "BEGIN scott.add_one; END;"
        with pytest.raises(oracledb.DatabaseError, match="PLS-00201"):
            adams.cursor().execute(call)
        cursor.execute("GRANT EXECUTE ON add_one TO adams")
        adams.cursor().execute(call)
        adams.commit()
        with pytest.raises(oracledb.DatabaseError, match="ORA-00942"):
            adams.cursor().execute("INSERT INTO scott.t VALUES (2)")
        with pytest.raises(oracledb.DatabaseError, match="ORA-01031"):
            adams.cursor().execute("CREATE PROCEDURE p AS BEGIN NULL; END;")
    assert cursor.execute("SELECT a FROM t").fetchall() == [(1,)]


def test_a_block_that_fails_leaves_nothing(cursor: oracledb.Cursor, create: Create) -> None:
    """What a failed block changed is undone, and what was changed before it is not."""
    create("CREATE TABLE t (a NUMBER)")
    cursor.execute("INSERT INTO t VALUES (1)")
    with pytest.raises(oracledb.DatabaseError, match="ORA-20001: no"):
        cursor.execute("BEGIN INSERT INTO t VALUES (2); raise_application_error(-20001, 'no'); END;")
    assert cursor.execute("SELECT a FROM t").fetchall() == [(1,)]
