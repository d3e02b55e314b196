"""What a statement is and where it wants values."""

from __future__ import annotations

import pytest

from oracle_standin.interface import Kind
from oracle_standin.sql import TokenKind, classify, scan

KINDS = [
    ("select 1 from dual", Kind.QUERY, "SELECT"),
    ("/* hint */ -- why\n with x as (select 1 a from dual) select a from x", Kind.QUERY, "WITH"),
    ("(select 1 from dual) union (select 2 from dual)", Kind.QUERY, "SELECT"),
    ("insert into t values (1)", Kind.DML, "INSERT"),
    ("Merge into t using s on (t.a = s.a) when matched then update set b = 1", Kind.DML, "MERGE"),
    ("begin null; end;", Kind.PLSQL, "BEGIN"),
    ("call p(1)", Kind.PLSQL, "CALL"),
    ("create table t (a number)", Kind.DDL, "CREATE"),
    ("truncate table t", Kind.DDL, "TRUNCATE"),
    ("alter table t add b number", Kind.DDL, "ALTER"),
    ("rename t to u", Kind.DDL, "RENAME"),
    ("alter session set time_zone = '+00:00'", Kind.OTHER, "ALTER"),
    ("lock table t in exclusive mode", Kind.OTHER, "LOCK"),
    ("commit", Kind.OTHER, "COMMIT"),
    ("", Kind.OTHER, ""),
    ("  -- nothing\n", Kind.OTHER, ""),
]

# What the driver's own parser finds, by running it; a returning bind has a star.
BINDS = [
    ("select :a, :A, :b from dual", "A A B"),
    ('select :"Mixed name", : spaced, :1, :2x from dual', "Mixed name SPACED 1 2"),
    ("select ':no', q'[:no ' :no]', nq'!:no!', \":no\" /* :no */ -- :no\n, :yes from dual", "YES"),
    ("select 1 --:no\r, :yes from dual", "YES"),
    ("select json_object('a' :b, 'c' : :d, q'{e}':f, 'g'/**/:h) from dual", "D H"),
    ("select a::b, :_c, :é from t", "B É"),
    ("select 'it''s' :no, :yes from dual", "YES"),
    ("begin :x := :y + :x; end;", "X Y"),
    ("declare n number := :a; begin n := :a; end;", "A"),
    ("call p(:a, :a)", "A"),
    ("create trigger r before insert on t for each row begin :new.a := 1; end;", ""),
    ("insert into t (a) values (:a) returning id, 'x' || :b into :c, :d", "A B C* D*"),
    ("update t set a = :a return id into :b", "A B"),
    ("update t set is_returning = :a where b = into :c", "A C*"),
    ("select returning into :a from t", "A"),
    ("lock table t in exclusive mode", ""),
    ("select :a", "A"),
]


def _names(text: str) -> str:
    # The names of this file have at most one blank, which a comma replaces.
    return ",".join(b.name + "*" * b.returning for b in classify(text).binds)


@pytest.mark.parametrize(("text", "kind", "verb"), KINDS)
def test_kind(text: str, kind: Kind, verb: str) -> None:
    """The first word decides what a statement is."""
    statement = classify(text)
    assert (statement.kind, statement.verb, statement.text) == (kind, verb, text)


@pytest.mark.parametrize(("text", "names"), BINDS)
def test_binds(text: str, names: str) -> None:
    """The bind places are those that the driver's parser finds."""
    assert _names(text) == names.replace(" ", ",").replace("Mixed,name", "Mixed name")


@pytest.mark.parametrize("text", [t for t, _ in BINDS if ":_c" not in t])
def test_scanner_sees_the_same_binds(text: str) -> None:
    """Whoever works on the tokens finds the binds that were classified."""
    statement = classify(text)
    if statement.kind in {Kind.QUERY, Kind.DML, Kind.OTHER}:
        binds = [token.value for token in scan(text) if token.kind is TokenKind.BIND]
        assert binds == [bind.name for bind in statement.binds]


@pytest.mark.parametrize(
    "text", ["select 'a", 'select "a :b', "select q'[ :b", "select q'", "§ `", ":", ':"']
)
def test_never_fails(text: str) -> None:
    """Nonsense is classified too: to refuse it is the rules' matter."""
    assert classify(text).text == text


def test_long_texts_are_not_kept() -> None:
    """A text that would fill the cache is read again each time."""
    text = "select 1 from dual" + " " * 30_000
    assert classify(text) is not classify(text)
    assert classify("select 1 from dual") is classify("select 1 from dual")
