"""Words that Oracle and H2 read differently."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from oracle_standin.engine._text import literal, quoted
from oracle_standin.engine._tokens import json_array_end
from oracle_standin.engine._types import read_type
from oracle_standin.errors import OracleError, not_modelled
from oracle_standin.h2._dual_rows import rows_of_dual
from oracle_standin.h2._functions import NUMBER
from oracle_standin.h2._outer_joins import old_outer_join
from oracle_standin.h2._storage import storage_type
from oracle_standin.h2._text import ROWID
from oracle_standin.sql._scanner import TokenKind

if TYPE_CHECKING:
    from oracle_standin.h2._translate import Translator

__all__ = ["SPECIAL"]

_LISTS = ("ODCINUMBERLIST", "ODCIVARCHAR2LIST", "ODCIDATELIST", "ODCIRAWLIST")

_Special = Callable[["Translator", int], tuple[str, int] | None]


def _with(t: Translator, i: int) -> tuple[str, int] | None:
    names = t.name(i + 1) and not t.word(i + 1, "TIME", "LOCAL", "TIES", "CHECK", "READ")
    opens = i == 0 or t.symbol(i - 1, "(") or t.word(i - 1, "AS") or not t.symbol(i - 1, ")")
    if t.recursive and names and opens:
        return "WITH RECURSIVE", i + 1
    return None


def _cast(t: Translator, i: int) -> tuple[str, int] | None:
    if not t.symbol(i + 1, "("):
        return None
    close = t.closing(i + 1)
    for j in t.outermost(i + 2, close):
        if t.word(j, "AS"):
            declared, behind = read_type(t.tokens, j + 1)
            if behind != close:
                raise not_modelled("this form of CAST", offset=t.tokens[behind].start)
            return f"CAST({t.render(i + 2, j)} AS {storage_type(declared)})", close + 1
    raise OracleError(905, "missing keyword", offset=t.tokens[close].start)


def _user(t: Translator, i: int) -> tuple[str, int] | None:
    return None if t.word(i - 1, "AS") else ("CURRENT_USER", i + 1)


def _uid(t: Translator, i: int) -> tuple[str, int]:
    return f"CAST({t.user_id} AS {NUMBER})", i + 1


def _date(t: Translator, i: int) -> tuple[str, int] | None:
    if t.kind(i + 1, TokenKind.STRING):
        return f"CAST(DATE {literal(t.tokens[i + 1].value)} AS TIMESTAMP(0))", i + 2
    return None


def _current_date(t: Translator, i: int) -> tuple[str, int]:  # noqa: ARG001 - all of the table take the same arguments
    return "CAST(LOCALTIMESTAMP AS TIMESTAMP(0))", i + 1


def _timestamp(t: Translator, i: int) -> tuple[str, int] | None:
    if not t.kind(i + 1, TokenKind.STRING):
        return None
    value = t.tokens[i + 1].value.strip()
    zoned = value.upper().endswith("Z") or any(sign in value[11:] for sign in "+-")
    kind = "TIMESTAMP WITH TIME ZONE" if zoned else "TIMESTAMP"
    return f"{kind} {literal(value)}", i + 2


_SET_WORDS = ("UNION", "MINUS", "EXCEPT", "INTERSECT")


def _select(t: Translator, i: int) -> tuple[str, int] | None:
    """Translate a query with EXCEPT ALL, MINUS ALL or INTERSECT ALL, which H2 has not: with numbered rows."""
    if t.word(i + 1, "UNIQUE"):
        # In Oracle it is another word for DISTINCT.
        return "SELECT DISTINCT", i + 2
    if i > 0 and not t.symbol(i - 1, "(", ")") and not t.word(i - 1, "AS"):
        return None
    cuts, end = _set_operations(t, i)
    if not any(t.word(cut + 1, "ALL") and not t.word(cut, "UNION") for cut in cuts):
        return None
    names = _column_names(t, i)
    columns = ", ".join(f"C{n}" for n in range(1, len(names) + 1))

    def numbered(query: str) -> str:
        # The k-th of equal rows meets the k-th of the other side's.
        return f"SELECT {columns}, ROW_NUMBER() OVER (PARTITION BY {columns}) FROM ({query}) Q({columns})"  # noqa: S608 - it is the translated statement

    found = f"SELECT {t.render(i + 1, cuts[0])}"
    for cut, behind in zip(cuts, [*cuts[1:], end], strict=True):
        every = t.word(cut + 1, "ALL")
        operand = t.render(cut + (2 if every else 1), behind)
        word = "EXCEPT" if t.word(cut, "MINUS") else t.tokens[cut].value
        if every and word != "UNION":
            found = f"SELECT {columns} FROM ({numbered(found)} {word} {numbered(operand)})"  # noqa: S608 - it is the translated statement
        else:
            found += f" {word}{' ALL' if every else ''} {operand}"
    shown = ", ".join(f"C{n} AS {quoted(name)}" for n, name in enumerate(names, 1))
    return f"SELECT {shown} FROM ({found}) Q({columns})", end  # noqa: S608 - it is the translated statement


def _set_operations(t: Translator, i: int) -> tuple[list[int], int]:
    """Return where a query's set operators stand, and its end or ORDER BY."""
    end = t.end_of_clause(i, len(t.tokens), "ORDER", "FETCH", "OFFSET", "RETURNING")
    return [j for j in t.outermost(i, end) if t.word(j, *_SET_WORDS)], end


def _column_names(t: Translator, i: int) -> list[str]:
    stop = t.end_of_clause(i, len(t.tokens), "FROM")
    if not t.word(stop, "FROM"):
        raise OracleError(923, "FROM keyword not found where expected", offset=t.tokens[i].start)
    start = i + 2 if t.word(i + 1, "DISTINCT", "ALL", "UNIQUE") else i + 1
    names = []
    for number, (_, b) in enumerate(t.items(start, stop), 1):
        last = t.tokens[b - 1]
        if last.is_symbol("*"):
            raise not_modelled("EXCEPT ALL, MINUS ALL or INTERSECT ALL of SELECT *", offset=last.start)
        names.append(last.value if t.name(b - 1) else f"C{number}")
    return names


def _set_operation(t: Translator, i: int) -> tuple[str, int] | None:
    if t.word(i + 1, "ALL"):
        raise not_modelled(f"{t.tokens[i].value} ALL", offset=t.tokens[i].start)
    return ("EXCEPT" if t.word(i, "MINUS") else t.tokens[i].value), i + 1


def _dbtimezone(t: Translator, i: int) -> tuple[str, int]:  # noqa: ARG001 - all of the table take the same arguments
    return "'+00:00'", i + 1


def _sessiontimezone(t: Translator, i: int) -> tuple[str, int]:  # noqa: ARG001 - all of the table take the same arguments
    hour, minute = (f"EXTRACT(TIMEZONE_{part} FROM CURRENT_TIMESTAMP)" for part in ("HOUR", "MINUTE"))
    sign = f"CASE WHEN {hour} < 0 OR {minute} < 0 THEN '-' ELSE '+' END"
    return f"({sign} || LPAD(ABS({hour}), 2, '0') || ':' || LPAD(ABS({minute}), 2, '0'))", i + 1


# Words that H2 reserves and Oracle does not, with what follows where they are no names.
_JOIN_WORDS = {
    "FULL": ("OUTER", "JOIN"),
    "LEFT": ("OUTER", "JOIN"),
    "RIGHT": ("OUTER", "JOIN"),
    "INNER": ("JOIN",),
    "CROSS": ("JOIN", "APPLY"),
    "NATURAL": ("JOIN", "LEFT", "RIGHT", "FULL", "INNER"),
    "PARTITION": ("BY",),
}


def _join_word(t: Translator, i: int) -> tuple[str, int] | None:
    word = t.tokens[i].value
    if not t.word(i + 1, *_JOIN_WORDS[word]):
        return quoted(word), i + 1
    if word == "FULL":
        raise not_modelled("FULL OUTER JOIN", offset=t.tokens[i].start)
    return None


def _rowid(t: Translator, i: int) -> tuple[str, int]:  # noqa: ARG001 - all of the table take the same arguments
    return ROWID.format(""), i + 1


def _table(t: Translator, i: int) -> tuple[str, int] | None:
    """Translate ``TABLE(SYS.ODCINUMBERLIST(...)) alias``, whose column is COLUMN_VALUE."""
    if not t.symbol(i + 1, "("):
        return None
    j = i + 4 if t.word(i + 2, "SYS") and t.symbol(i + 3, ".") else i + 2
    if not t.word(j, *_LISTS) or not t.symbol(j + 1, "("):
        raise not_modelled("this table function", offset=t.tokens[i].start)
    values, behind = t.arguments(j + 1)
    kind = NUMBER if t.word(j, "ODCINUMBERLIST") else "VARCHAR"
    alias, behind = "LIST$", behind + 1
    if t.name(behind):
        token = t.tokens[behind]
        if not token.is_word("WHERE", "UNION", "MINUS", "INTERSECT", "ORDER", "GROUP", "JOIN", "ON", "INNER",
                             "LEFT", "CROSS", "FETCH", "OFFSET", "HAVING", "CONNECT", "START"):  # fmt: skip
            alias, behind = quoted(token.value), behind + 1
    casts = ", ".join(f"CAST({value} AS {kind})" for value in values)
    return f"UNNEST(ARRAY[{casts}]) {alias}(COLUMN_VALUE)", behind


def _connect(t: Translator, i: int) -> tuple[str, int] | None:
    if t.word(i + 1, "BY"):
        raise not_modelled("CONNECT BY", offset=t.tokens[i].start)
    return None


def _from(t: Translator, i: int) -> tuple[str, int] | None:
    """Translate ``FROM DUAL CONNECT BY LEVEL <= n``, which makes rows, and outer joins by ``(+)``."""
    if not (t.word(i + 1, "DUAL") and t.word(i + 2, "CONNECT") and t.word(i + 3, "BY")):
        return old_outer_join(t, i)
    if not ((t.word(i + 4, "LEVEL") or t.word(i + 4, "ROWNUM")) and t.symbol(i + 5, "<=", "<")):
        raise not_modelled("this form of CONNECT BY", offset=t.tokens[i + 2].start)
    j = t.end_of_clause(i + 6, len(t.tokens), "ORDER", "UNION", "MINUS", "FETCH", "OFFSET")
    last = f"CAST({t.render(i + 6, j)} AS BIGINT){' - 1' if t.symbol(i + 5, '<') else ''}"
    return f'FROM (SELECT X AS "LEVEL" FROM SYSTEM_RANGE(1, GREATEST({last}, 1)))', j  # noqa: S608 - it is the translated statement


def _level(t: Translator, i: int) -> tuple[str, int]:  # noqa: ARG001 - all of the table take the same arguments
    return '"LEVEL"', i + 1


def _insert(t: Translator, i: int) -> tuple[str, int] | None:
    if i > 0 and t.symbol(i + 1, "(") and t.tokens[0].is_word("MERGE"):
        # H2 takes no qualified names in the list of columns.
        close = t.closing(i + 1)
        names = [quoted(t.tokens[b - 1].value) for _, b in t.items(i + 2, close)]
        return f"INSERT ({', '.join(names)})", close + 1
    if i == 0 and t.word(1, "ALL", "FIRST"):
        raise not_modelled(f"INSERT {t.tokens[1].value}", offset=0)
    return None


def _as(t: Translator, i: int) -> tuple[str, int]:
    """Quote a column's alias: it may be any word that Oracle does not reserve, and H2 reserves more."""
    following = i + 1
    if t.kind(following, TokenKind.NAME):
        behind = following + 1
        if behind >= len(t.tokens) or t.symbol(behind, ",", ")") or t.word(behind, "FROM"):
            return f"AS {quoted(t.tokens[following].value)}", following + 1
    return "AS", i + 1


def _in_list(t: Translator, i: int) -> tuple[str, int] | None:
    """Translate IN of a check, which H2 can compare only as long as the session lives that has made it.

    It does so with lists of constants alone, so the first one is made none.
    """
    if not t.word(0, "CREATE", "ALTER") or not t.symbol(i + 1, "(") or t.word(i + 2, "SELECT", "WITH"):
        return None
    (first, *others), behind = t.arguments(i + 1)
    first = f"CASE WHEN CURRENT_USER IS NULL THEN {first} ELSE {first} END"
    return f"IN ({', '.join([first, *others])})", behind


def _any_of_list(t: Translator, i: int) -> tuple[str, int] | None:
    """Translate ``= ANY (1, 2)``: H2 has it of queries and arrays."""
    if not t.symbol(i + 1, "(") or t.word(i + 2, "SELECT", "WITH"):
        return None
    values, behind = t.arguments(i + 1)
    return f"ANY(ARRAY[{', '.join(values)}])", behind


def _lateral(t: Translator, i: int) -> tuple[str, int] | None:
    if t.symbol(i + 1, "("):
        raise not_modelled("LATERAL", offset=t.tokens[i].start)
    return None


def _to_clob(t: Translator, i: int) -> tuple[str, int] | None:
    """Translate ``TO_CLOB(a) || b``, which is a CLOB as well: to H2 it is a VARCHAR."""
    if not t.symbol(i + 1, "("):
        return None
    end = t.closing(i + 1) + 1
    written = f"CAST({t.render(i + 2, end - 1)} AS CLOB)"
    behind = end
    while t.symbol(behind, "||") and not t.word(behind + 1, "CASE"):
        # A name with points, a literal or a bind; arguments or parentheses.
        behind += 1 if t.symbol(behind + 1, "(") else 2
        while t.symbol(behind, "."):
            behind += 2
        if t.symbol(behind, "("):
            behind = t.closing(behind) + 1
    return (written if behind == end else f"CAST({written} {t.render(end, behind)} AS CLOB)"), behind


def _json_array(t: Translator, i: int) -> tuple[str, int] | None:
    """Translate ``JSON_ARRAYAGG(x RETURNING CLOB)``; its other options are not modelled."""
    if not t.symbol(i + 1, "("):
        return None
    return f"CAST(JSON_ARRAYAGG({t.render(i + 2, json_array_end(t, i))}) AS CLOB)", t.closing(i + 1) + 1


SPECIAL: dict[str, _Special] = {
    "SELECT": lambda t, i: rows_of_dual(t, i) or _select(t, i),
    "WITH": _with,
    "CAST": _cast,
    "USER": _user,
    "UID": _uid,
    "DATE": _date,
    "CURRENT_DATE": _current_date,
    "TIMESTAMP": _timestamp,
    "MINUS": _set_operation,
    "EXCEPT": _set_operation,
    "INTERSECT": _set_operation,
    "ROWID": _rowid,
    "DBTIMEZONE": _dbtimezone,
    "SESSIONTIMEZONE": _sessiontimezone,
    **dict.fromkeys(_JOIN_WORDS, _join_word),
    "IN": _in_list,
    "ANY": _any_of_list,
    **dict.fromkeys(("LIKEC", "LIKE2", "LIKE4"), lambda t, i: ("LIKE", i + 1)),  # noqa: ARG005 - all of the table take the same arguments
    "TABLE": _table,
    "FROM": _from,
    "CONNECT": _connect,
    "LEVEL": _level,
    "INSERT": _insert,
    "AS": _as,
    "LATERAL": _lateral,
    "JSON_ARRAYAGG": _json_array,
    "TO_CLOB": _to_clob,
}
"""What translates a word, by the word: returns SQL and the position behind, or `None` for nothing special."""
