"""The questions: behaviour of a real server that `gen3bed.oracle` relies on.

The expected answers are from Oracle's documentation and from other people's
reports; none was seen on a server of ours.  A row that differs is news.
"""

from __future__ import annotations

import math

import oracledb

from gen3bed.oracle_probe._question import Question, rows, script

__all__ = ["QUESTIONS", "SET_UP"]

SET_UP = (
    "CREATE TABLE parent (id NUMBER(19) PRIMARY KEY, name VARCHAR2(64 CHAR), up NUMBER(19), doc CLOB)",
    "ALTER TABLE parent ADD CONSTRAINT parent_name UNIQUE (name)",
    "ALTER TABLE parent ADD CONSTRAINT parent_up FOREIGN KEY (up) REFERENCES parent (id)",
    "CREATE TABLE child (id NUMBER(19) PRIMARY KEY, parent NUMBER(19) REFERENCES parent (id))",
    "CREATE TABLE keys (a NUMBER(19) NOT NULL, b VARCHAR2(64 CHAR), CONSTRAINT keys_a_b UNIQUE (a, b))",
    "CREATE TABLE floats (x BINARY_DOUBLE, n NUMBER(19), t TIMESTAMP WITH TIME ZONE)",
    "CREATE SEQUENCE numbers",
    "ALTER SESSION SET TIME_ZONE = '+00:00' NLS_SORT = BINARY NLS_COMP = BINARY",
)
"""Statements that make what the questions use, in a schema that is dropped afterwards."""

_LONG = "x" * 100_000
_FIFTY = "SELECT LEVEL n FROM dual CONNECT BY LEVEL <= 50"
_PTT = "CREATE PRIVATE TEMPORARY TABLE ora$ptt_probe (a NUMBER) ON COMMIT DROP DEFINITION"


def _in_list(number: int) -> str:
    binds = ", ".join(f":{n}" for n in range(1, number + 1))
    return f"SELECT COUNT(*) FROM dual WHERE 5 IN ({binds})"  # noqa: S608 - the names of binds are ours


def _batch_errors(connection: oracledb.Connection) -> object:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM parent")
        cursor.executemany(
            "INSERT INTO parent (id, name) VALUES (:1, :2)", [(1, "a"), (2, "a"), (3, "c")], batcherrors=True
        )
        found = [(error.full_code, error.offset) for error in cursor.getbatcherrors()]
        cursor.execute("SELECT COUNT(*) FROM parent")
        return found, cursor.fetchall()


def _batch_error_names(connection: oracledb.Connection) -> object:
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO parent (id, name) VALUES (:1, :2)", [(1, "a"), (2, "a")], batcherrors=True
        )
        (error,) = cursor.getbatcherrors()
    return ".PARENT_NAME)" in error.message


def _array_counts(connection: oracledb.Connection) -> object:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO parent (id, name) VALUES (1, 'a')")
        cursor.executemany(
            "UPDATE parent SET name = :1 WHERE id = :2", [("b", 1), ("c", 2)], arraydmlrowcounts=True
        )
        return cursor.getarraydmlrowcounts()


def _returning(connection: oracledb.Connection) -> object:
    with connection.cursor() as cursor:
        number = cursor.var(int)
        cursor.execute("INSERT INTO parent (id) VALUES (numbers.NEXTVAL) RETURNING id INTO :1", [number])
        return number.getvalue()


def _clob_array(connection: oracledb.Connection) -> object:
    with connection.cursor() as cursor:
        cursor.setinputsizes(None, oracledb.DB_TYPE_CLOB)
        cursor.executemany(
            "INSERT INTO parent (id, doc) VALUES (:1, :2)", [(1, _LONG), (2, "short"), (3, None)]
        )
        cursor.execute("SELECT DBMS_LOB.GETLENGTH(doc) FROM parent ORDER BY id")
        return cursor.fetchall()


def _clob_update(connection: oracledb.Connection) -> object:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO parent (id, doc) VALUES (1, 'short')")
        cursor.setinputsizes(oracledb.DB_TYPE_CLOB, None)
        cursor.execute("UPDATE parent SET doc = :1 WHERE id = :2", [_LONG, 1])
        cursor.execute("SELECT DBMS_LOB.GETLENGTH(doc) FROM parent")
        return cursor.fetchall()


def _floats(connection: oracledb.Connection) -> object:
    with connection.cursor() as cursor:
        cursor.setinputsizes(oracledb.DB_TYPE_BINARY_DOUBLE)
        cursor.executemany("INSERT INTO floats (x) VALUES (:1)", [(math.nan,), (math.inf,), (-math.inf,)])
        cursor.execute("SELECT x FROM floats ORDER BY x")
        return [str(x) for (x,) in cursor]


def _read_only_shows(connection: oracledb.Connection) -> object:
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION READ ONLY")
    return connection.transaction_in_progress


def _most_temporary_tables(connection: oracledb.Connection) -> object:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO parent (id) VALUES (1)")
        for number in range(1, 33):
            try:
                cursor.execute(
                    f"CREATE PRIVATE TEMPORARY TABLE ora$ptt_{number} (a NUMBER) ON COMMIT DROP DEFINITION"
                )
            except oracledb.DatabaseError as error:
                return number - 1, error.args[0].full_code
    return 32, "and more"


def _ping(connection: oracledb.Connection) -> object:
    connection.ping()
    return connection.is_healthy()


_STRINGS = (
    Question(
        name="empty-is-null",
        asks="Is the empty string NULL?",
        ask=rows("SELECT COUNT(*) FROM dual WHERE '' IS NULL"),
        expected="[(1,)]",
        means="The registry takes '' for NULL, as Oracle always did.",
    ),
    Question(
        name="empty-bind-is-null",
        asks="Is an empty string that is bound NULL?",
        ask=rows("SELECT COUNT(*) FROM dual WHERE :1 IS NULL", ""),
        expected="[(1,)]",
        means="Comparisons with an empty bind are written as if it were NULL.",
    ),
    Question(
        name="not-equal-empty",
        asks="Does x != '' hold for no x?",
        ask=rows("SELECT COUNT(*) FROM dual WHERE 'a' != :1", ""),
        expected="[(0,)]",
        means="Collections' documentation is found by another form of this condition.",
    ),
    Question(
        name="not-equal-empty-form",
        asks="Does our form of x != '' hold?",
        ask=rows("SELECT COUNT(*) FROM dual WHERE ('a' != :v OR (:v IS NULL AND 'a' IS NOT NULL))", "", ""),
        expected="[(1,)]",
        means="Collections' documentation would not be found.",
    ),
    Question(
        name="like-escape",
        asks="Does LIKE take a backslash as escape character?",
        ask=rows(r"SELECT COUNT(*) FROM dual WHERE 'axb' NOT LIKE 'a\_b' ESCAPE '\'"),
        expected="[(1,)]",
        means="Patterns of collection and dataset type names would find too much.",
    ),
    Question(
        name="like-bad-escape",
        asks="Is an escape before an ordinary character refused?",
        ask=rows(r"SELECT COUNT(*) FROM dual WHERE 'ab' LIKE 'a\b' ESCAPE '\'"),
        expected="ORA-01424",
        means="Only a stricter rule is kept than is needed.",
    ),
    Question(
        name="varchar2-4000-char",
        asks="Is a column of 4000 characters allowed?",
        ask=script("CREATE TABLE wide (v VARCHAR2(4000 CHAR))"),
        expected="works",
        means="Tables with long strings cannot be made.",
    ),
    Question(
        name="string-over-4000",
        asks="How many bytes has a string that an expression makes, at most?",
        ask=rows("SELECT LENGTHB(RPAD('x', 5000, 'x')) FROM dual"),
        expected="[(4000,)] or [(5000,)]",
        means="5000 says that MAX_STRING_SIZE is EXTENDED, which the registry does not need.",
    ),
    Question(
        name="binary-order",
        asks="Are strings ordered by code points?",
        ask=rows("SELECT v FROM (SELECT 'a' v FROM dual UNION ALL SELECT 'B' FROM dual) ORDER BY v"),
        expected="[('B',), ('a',)]",
        means="The session's NLS settings are not kept; results come in another order.",
    ),
)

_LISTS = (
    Question(
        name="in-1000",
        asks="Does IN take 1000 binds?",
        ask=rows(_in_list(1000), *range(1000)),
        expected="[(1,)]",
        means="Searches for many datasets fail.",
    ),
    Question(
        name="in-1001",
        asks="Does IN take 1001 binds?",
        ask=rows(_in_list(1001), *range(1001)),
        expected={19: "ORA-01795", 23: "[(1,)]"},
        means="Lists are cut at 1000 whatever the answer.",
    ),
    Question(
        name="in-2500-in-lists",
        asks="Does a condition with 2500 binds in three lists work?",
        ask=rows(
            "SELECT COUNT(*) FROM dual WHERE 5 IN ({}) OR 5 IN ({}) OR 5 IN ({})".format(  # noqa: S608 - our own binds
                ", ".join(f":{n}" for n in range(1, 1001)),
                ", ".join(f":{n}" for n in range(1001, 2001)),
                ", ".join(f":{n}" for n in range(2001, 2501)),
            ),
            *range(2500),
        ),
        expected="[(1,)]",
        means="Searches for many datasets fail.",
    ),
    Question(
        name="listagg-overflow",
        asks="Is a LISTAGG over 4000 bytes refused?",
        ask=rows(f"SELECT LENGTH(LISTAGG(RPAD('x', 100, 'x')) WITHIN GROUP (ORDER BY n)) FROM ({_FIFTY})"),  # noqa: S608 - our own text
        expected="ORA-01489 or [(5000,)]",
        means="Nothing: it is not used.",
    ),
    Question(
        name="json-arrayagg-clob",
        asks="Does JSON_ARRAYAGG make a CLOB of any length?",
        ask=rows(
            f"SELECT DBMS_LOB.GETLENGTH(JSON_ARRAYAGG(RPAD('x', 100, 'x') RETURNING CLOB)) FROM ({_FIFTY})"  # noqa: S608 - our own text
        ),
        expected="[(5151,)]",
        means="Unions of regions, and overlaps, cannot be aggregated.",
    ),
    Question(
        name="any-value",
        asks="Is there ANY_VALUE?",
        ask=rows(f"SELECT COUNT(*) FROM (SELECT ANY_VALUE(n) FROM ({_FIFTY}))"),  # noqa: S608 - our own text
        expected="[(1,)]",
        means="Nothing: MAX is used.",
    ),
    Question(
        name="recursive-with",
        asks="Does a recursive WITH work without the word RECURSIVE?",
        ask=rows(
            "WITH w (n) AS (SELECT 1 FROM dual UNION ALL SELECT n + 1 FROM w WHERE n < 5)"
            " SELECT MAX(n) FROM w"
        ),
        expected="[(5,)]",
        means="Chains of collections cannot be followed.",
    ),
    Question(
        name="minus",
        asks="Does MINUS work?",
        ask=rows("SELECT 1 FROM dual MINUS SELECT 1 FROM dual"),
        expected="[]",
        means="Nothing: it is not used yet.",
    ),
    Question(
        name="except",
        asks="Does EXCEPT work?",
        ask=rows("SELECT 1 FROM dual EXCEPT SELECT 1 FROM dual"),
        expected={19: "ORA-00933", 21: "[]"},
        means="Nothing: it is not used.",
    ),
    Question(
        name="fetch-first",
        asks="Does FETCH FIRST work?",
        ask=rows(f"SELECT n FROM ({_FIFTY}) ORDER BY n FETCH FIRST 2 ROWS ONLY"),  # noqa: S608 - our own text
        expected="[(1,), (2,)]",
        means="Queries with a limit fail.",
    ),
    Question(
        name="case-of-condition",
        asks="Can a condition be selected as CASE?",
        ask=rows("SELECT CASE WHEN EXISTS (SELECT 1 FROM dual) THEN 1 ELSE 0 END FROM dual"),
        expected="[(1,)]",
        means="Queries that select conditions fail.",
    ),
    Question(
        name="condition-selected",
        asks="Can a condition be selected as it is?",
        ask=rows("SELECT 1 = 1 FROM dual"),
        expected={19: "ORA-00923", 23: "[(True,)]"},
        means="Nothing: it is not used.",
    ),
    Question(
        name="where-1",
        asks="Is WHERE 1 a condition?",
        ask=rows("SELECT COUNT(*) FROM dual WHERE 1"),
        expected={19: "ORA-00936 or ORA-00920", 23: None},
        means="We would like to know: SQLAlchemy writes it on 23ai where booleans are native.",
    ),
)

_TYPES = (
    Question(
        name="clob-compared",
        asks="Is comparing a CLOB refused?",
        ask=rows("SELECT COUNT(*) FROM parent WHERE doc = 'a'"),
        expected="ORA-00932 or ORA-22848",
        means="Nothing: CLOBs are not compared.",
    ),
    Question(
        name="clob-array",
        asks="Do texts of 100 000 characters go into CLOBs by an array?",
        ask=_clob_array,
        expected="[(100000,), (5,), (None,)]",
        means="Long attributes of a repository cannot be stored.",
    ),
    Question(
        name="clob-update",
        asks="Does a text of 100 000 characters go into a CLOB by UPDATE?",
        ask=_clob_update,
        expected="[(100000,)]",
        means="Long attributes of a repository cannot be changed.",
    ),
    Question(
        name="floats",
        asks="Do NaN and infinity come back from BINARY_DOUBLE, in this order?",
        ask=_floats,
        expected="['-inf', 'inf', 'nan']",
        means="Such metadata are lost, or sorted otherwise.",
    ),
    Question(
        name="integers",
        asks="Does the largest integer of 64 bits come back?",
        ask=script(("INSERT INTO floats (n) VALUES (:1)", [2**63 - 1]), "SELECT n FROM floats"),
        expected="[(9223372036854775807,)]",
        means="Packed data IDs are damaged.",
    ),
    Question(
        name="time-zone",
        asks="Is the session's time zone UTC?",
        ask=rows("SELECT SESSIONTIMEZONE FROM dual"),
        expected="[('+00:00',)]",
        means="Ingest dates are wrong.",
    ),
    Question(
        name="names-of-128-bytes",
        asks="May a name have 128 bytes?",
        ask=script(f"CREATE TABLE {'n' * 128} (a NUMBER)"),
        expected="works",
        means="Names of foreign keys are too long: COMPATIBLE is below 12.2.",
    ),
    Question(
        name="names-of-129-bytes",
        asks="Is a name of 129 bytes refused?",
        ask=script(f"CREATE TABLE {'n' * 129} (a NUMBER)"),
        expected="ORA-00972",
        means="Nothing: names are kept shorter.",
    ),
    Question(
        name="reserved-names",
        asks="Are reserved words names if they are quoted?",
        ask=script('CREATE TABLE reserved ("group" NUMBER, "size" NUMBER, "date" NUMBER)'),
        expected="works",
        means="The dimension group has no table.",
    ),
    Question(
        name="boolean-column",
        asks="Is there a type BOOLEAN for columns?",
        ask=script("CREATE TABLE booleans (b BOOLEAN)"),
        expected={19: "ORA-00902", 23: "works"},
        means="Nothing: SMALLINT is used on all versions.",
    ),
    Question(
        name="long-key",
        asks="Is a key over the block's size refused?",
        ask=script("CREATE TABLE long_key (a VARCHAR2(4000), b VARCHAR2(4000), PRIMARY KEY (a, b))"),
        expected="ORA-01450",
        means="Nothing: keys are kept shorter.",
    ),
    Question(
        name="if-not-exists",
        asks="Is there CREATE TABLE IF NOT EXISTS?",
        ask=script("CREATE TABLE IF NOT EXISTS parent (a NUMBER)"),
        expected={19: "ORA-00922", 23: "works"},
        means="Nothing: it is not used.",
    ),
)

_KEYS = (
    Question(
        name="null-in-unique-key",
        asks="Are two rows equal to a unique key of which one column is NULL?",
        ask=script("INSERT INTO keys VALUES (1, NULL)", "INSERT INTO keys VALUES (1, NULL)"),
        expected="ORA-00001",
        means="Nothing: such keys are indexes of another form.",
    ),
    Question(
        name="unique-index-of-cases",
        asks="Does a unique index on CASE leave rows with a NULL out, and no others?",
        ask=script(
            "CREATE TABLE cases (a NUMBER(19), b VARCHAR2(64 CHAR))",
            "CREATE UNIQUE INDEX cases_a_b ON cases"
            " (CASE WHEN b IS NOT NULL THEN a END, CASE WHEN a IS NOT NULL THEN b END)",
            "INSERT INTO cases VALUES (1, NULL)",
            "INSERT INTO cases VALUES (1, NULL)",
            "INSERT INTO cases VALUES (1, 'a')",
            "?INSERT INTO cases VALUES (1, 'a')",
            "SELECT COUNT(*) FROM cases",
        ),
        expected="[(3,)]",
        means="Records of dimensions with a NULL in a key are refused.",
    ),
    Question(
        name="batch-errors",
        asks="Does an array go on after a row that is there, and say which it was?",
        ask=_batch_errors,
        expected="([('ORA-00001', 1)], [(2,)])",
        means="ensure() fails, or loses rows.",
    ),
    Question(
        name="batch-error-names",
        asks="Does such an error name the constraint?",
        ask=_batch_error_names,
        expected="True",
        means="replace() cannot tell a row that is there from one that contradicts.",
    ),
    Question(
        name="array-row-counts",
        asks="Does an array of changes say how many rows each of them met?",
        ask=_array_counts,
        expected="[1, 0]",
        means="Nothing: it is not used yet.",
    ),
    Question(
        name="returning",
        asks="Does RETURNING give the number of a sequence?",
        ask=_returning,
        expected="[1]",
        means="Collections and dimension groups cannot be registered.",
    ),
    Question(
        name="no-action-at-end",
        asks="Is a foreign key checked at the end of the statement?",
        ask=script(
            "INSERT INTO parent (id, up) SELECT 2, 1 FROM dual UNION ALL SELECT 1, NULL FROM dual",
            "DELETE FROM parent",
            "SELECT COUNT(*) FROM parent",
        ),
        expected="[(0,)]",
        means="Rows that refer to each other cannot be inserted or deleted together.",
    ),
    Question(
        name="child-keeps-parent",
        asks="Is deleting a row that another refers to refused?",
        ask=script(
            "INSERT INTO parent (id) VALUES (1)", "INSERT INTO child VALUES (1, 1)", "DELETE FROM parent"
        ),
        expected="ORA-02292",
        means="Other errors are raised than upstream's callers expect.",
    ),
    Question(
        name="child-needs-parent",
        asks="Is a row that refers to none refused?",
        ask=script("INSERT INTO child VALUES (1, 1)"),
        expected="ORA-02291",
        means="Other errors are raised than upstream's callers expect.",
    ),
)

_TRANSACTIONS = (
    Question(
        name="failure-keeps-transaction",
        asks="Does a transaction go on after a statement that failed?",
        ask=script(
            "INSERT INTO parent (id) VALUES (1)",
            "?INSERT INTO parent (id) VALUES (1)",
            "INSERT INTO parent (id) VALUES (2)",
            "SELECT COUNT(*) FROM parent",
        ),
        expected="[(2,)]",
        means="What was done before an error is lost.",
    ),
    Question(
        name="savepoint",
        asks="Does ROLLBACK TO undo what came after the savepoint, and no more?",
        ask=script(
            "INSERT INTO parent (id) VALUES (1)",
            "SAVEPOINT here",
            "INSERT INTO parent (id) VALUES (2)",
            "ROLLBACK TO SAVEPOINT here",
            "SELECT id FROM parent",
        ),
        expected="[(1,)]",
        means="Nested transactions do not work.",
    ),
    Question(
        name="ddl-commits",
        asks="Does making a table commit what came before?",
        ask=script(
            "INSERT INTO parent (id) VALUES (1)",
            "CREATE TABLE committing (a NUMBER)",
            "@rollback",
            "SELECT COUNT(*) FROM parent",
        ),
        expected="[(1,)]",
        means="Nothing: tables are made outside transactions.",
    ),
    Question(
        name="read-only-after-select",
        asks="May SET TRANSACTION READ ONLY come after a SELECT?",
        ask=script("SELECT 1 FROM dual", "SET TRANSACTION READ ONLY", "SELECT 1 FROM dual"),
        expected="[(1,)]",
        means="Reading Butlers fail (ORA-01453).",
    ),
    Question(
        name="read-only-refuses",
        asks="Does a READ ONLY transaction refuse changes?",
        ask=script("SET TRANSACTION READ ONLY", "INSERT INTO parent (id) VALUES (1)"),
        expected="ORA-01456",
        means="Reading Butlers could write.",
    ),
    Question(
        name="read-only-shows",
        asks="Does the driver know that a READ ONLY transaction is in progress?",
        ask=_read_only_shows,
        expected=None,
        means="We would like to know.",
    ),
    Question(
        name="lock-table",
        asks="May a user lock its own table?",
        ask=script("LOCK TABLE parent IN EXCLUSIVE MODE"),
        expected="works",
        means="Chains of collections cannot be changed safely.",
    ),
    Question(
        name="temporary-table-in-transaction",
        asks="Does a private temporary table leave the transaction open?",
        ask=script(
            "INSERT INTO parent (id) VALUES (1)",
            _PTT,
            "INSERT INTO ora$ptt_probe SELECT id FROM parent",
            "@rollback",
            "SELECT COUNT(*) FROM parent",
        ),
        expected="[(0,)]",
        means="Queries with temporary tables commit what their caller did not.",
    ),
    Question(
        name="temporary-table-ends",
        asks="Is a private temporary table gone after the commit?",
        ask=script("INSERT INTO parent (id) VALUES (1)", _PTT, "@commit", "SELECT * FROM ora$ptt_probe"),
        expected="ORA-00942",
        means="Temporary tables pile up in a session.",
    ),
    Question(
        name="most-temporary-tables",
        asks="How many private temporary tables has a session, at most?",
        ask=_most_temporary_tables,
        expected=None,
        means="We would like to know: reports say 16.",
    ),
    Question(
        name="temporary-table-lob",
        asks="Is a private temporary table with a CLOB refused?",
        ask=script("CREATE PRIVATE TEMPORARY TABLE ora$ptt_lob (a CLOB) ON COMMIT DROP DEFINITION"),
        expected=None,
        means="We would like to know: regions are cut into pieces because of it.",
    ),
    Question(
        name="ping",
        asks="Does the driver's ping work?",
        ask=_ping,
        expected="True",
        means="Pooled connections are not checked before use.",
    ),
)

QUESTIONS: tuple[Question, ...] = (*_STRINGS, *_LISTS, *_TYPES, *_KEYS, *_TRANSACTIONS)
"""All questions, in the order of the table."""
