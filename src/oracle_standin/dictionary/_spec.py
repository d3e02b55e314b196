"""How the dictionary's views are written down, and the SQL that it becomes."""

# ruff: noqa: S608  (the SQL is made of what stands here alone)

from __future__ import annotations

import re
from dataclasses import dataclass, field

__all__ = ["CONTAINER", "LONG_LENGTH", "Family", "Fixed", "visible"]

CONTAINER = "CON_ID NUMBER = 3\n"
"""The column of V$ views that says which container a row is about: the one pluggable database."""

LONG_LENGTH = 1_000_000
"""Length of a character column that stands for Oracle's LONG.

H2 has no LONG, and a CLOB would reach a client as a locator.  No other column
has exactly this length, so that an engine can describe it as a LONG.
"""

_TYPES = {
    "NUMBER": "DECFLOAT(40)",
    "DATE": "TIMESTAMP(0)",
    "TIMESTAMP": "TIMESTAMP(6)",
    "LONG": f"VARCHAR({LONG_LENGTH})",
    "CLOB": "CLOB",
}

_COLUMN = re.compile(
    r"(?P<names>[\w$#]+(?:,[\w$#]+)*)\s+(?P<type>[A-Z]\w*)(?:\((?P<size>\d+)\))?(?:\s*=\s*(?P<value>.+))?"
)


def visible(owner: str, name: str) -> str:
    """Return the condition under which the current user sees an object in the ALL_ views.

    Parameters
    ----------
    owner, name : `str`
        SQL expressions.

    Notes
    -----
    ``STANDIN.ALL_SEEING`` and ``STANDIN.GRANTEES`` are kept by the accounts.
    """
    return (
        f"({owner} = CURRENT_USER OR {owner} = 'PUBLIC'"
        " OR EXISTS (SELECT 1 FROM STANDIN.ALL_SEEING A WHERE A.USERNAME = CURRENT_USER)"
        " OR EXISTS (SELECT 1 FROM STANDIN.OBJECT_GRANTS G JOIN STANDIN.GRANTEES E ON E.GRANTEE = G.GRANTEE"
        f" WHERE E.USERNAME = CURRENT_USER AND G.OWNER = {owner} AND G.OBJECT_NAME = {name}))"
    )


def _columns(text: str) -> dict[str, str]:
    """Return the select expression per column name.

    A line is ``NAMES TYPE`` (NULL) or ``NAMES TYPE = expression``; names are
    separated by commas.  The type ``KEY`` is a name that is passed on as it
    is: a cast would keep H2 from looking it up.
    """
    found: dict[str, str] = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        match = _COLUMN.fullmatch(line)
        if match is None:
            raise ValueError(line)
        value = match["value"] or "NULL"
        size = f"({match['size']})" if match["size"] else ""
        kind = {"VARCHAR2": "VARCHAR", "RAW": "VARBINARY", "CHAR": "CHAR"}.get(match["type"])
        sql_type = f"{kind}{size}" if kind else _TYPES.get(match["type"], "")
        for name in match["names"].split(","):
            found[name] = value if match["type"] == "KEY" else f"CAST({value} AS {sql_type})"
    return found


def _create(view: str, columns: dict[str, str], source: str, where: str) -> str:
    selected = ", ".join(f'{value} AS "{name}"' for name, value in columns.items())
    return f'CREATE VIEW SYS."{view}" AS SELECT {selected} FROM {source} WHERE {where}'


@dataclass(frozen=True, kw_only=True)
class Family:
    """The ALL_, USER_ and DBA_ views of one kind of object.

    Attributes
    ----------
    name : `str`
        Name behind the prefix, such as ``TABLES``.
    comment : `str`
        What DICTIONARY says about it, behind "... of the user" and the like.
    source : `str`
        FROM clause.
    columns : `str`
        Columns as the ALL_ view has them; see ``_columns``.
    owner : `str`
        Expression of the owner that USER_ compares with the user.
    object : `str`
        Expression of the name of the object that must be visible in ALL_.
    where : `str`
        Condition of all three.
    user_drops : `tuple` [`str`, ...]
        Columns that the USER_ view does not have.
    prefixes : `tuple` [`str`, ...]
        Which of the views exist.
    all_where : `str`
        Condition of the ALL_ view, if it is not that the object is visible.
    user_where : `str`
        Condition of the USER_ view, if it is not about the owner.
    """

    name: str
    comment: str
    source: str
    columns: str
    owner: str = ""
    object: str = ""
    where: str = "TRUE"
    user_drops: tuple[str, ...] = ("OWNER",)
    prefixes: tuple[str, ...] = ("ALL", "USER", "DBA")
    all_where: str = ""
    user_where: str = ""

    def statements(self) -> dict[str, str]:
        """Return the statement per name of the views that it makes."""
        columns = _columns(self.columns)
        found = {}
        for prefix in self.prefixes:
            match prefix:
                case "ALL":
                    condition = self.all_where or visible(self.owner, self.object)
                case "USER":
                    condition = self.user_where or f"{self.owner} = CURRENT_USER"
                case _:
                    condition = "TRUE"
            kept = {
                name: value
                for name, value in columns.items()
                if prefix != "USER" or name not in self.user_drops
            }
            view = f"{prefix}_{self.name}"
            found[view] = _create(view, kept, self.source, f"{self.where} AND {condition}")
        return found


@dataclass(frozen=True, kw_only=True)
class Fixed:
    """One view of its own, such as ``V$SESSION`` or ``SESSION_PRIVS``.

    Attributes
    ----------
    name : `str`
        Its name; of a ``V$`` view as clients write it.  The view is then made
        as ``V_$`` (which is what privileges are granted on), and with a
        ``GV_$`` that has the instance's number in front.
    comment : `str`
        What DICTIONARY says about it.
    columns, source, where : `str`
        As in `Family`.
    public : `bool`
        Whether every user may read it.
    """

    name: str
    comment: str = ""
    columns: str = field(repr=False)
    source: str = "DUAL"
    where: str = "TRUE"
    public: bool = False

    def statements(self) -> dict[str, str]:
        """Return the statement per name of the views that it makes."""
        columns = _columns(self.columns)
        if not self.name.startswith("V$"):
            return {self.name: _create(self.name, columns, self.source, self.where)}
        bare = self.name.removeprefix("V$")
        single, overall = f"V_${bare}", f"GV_${bare}"
        numbered = {"INST_ID": "CAST(1 AS DECFLOAT(40))"} | columns
        return {
            single: _create(single, columns, self.source, self.where),
            overall: _create(overall, numbered, self.source, self.where),
        }

    def synonyms(self) -> dict[str, str]:
        """Return the view per name under which clients know it."""
        if not self.name.startswith("V$"):
            return {}
        bare = self.name.removeprefix("V$")
        return {f"V${bare}": f"V_${bare}", f"GV${bare}": f"GV_${bare}"}
