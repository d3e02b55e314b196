"""Making the dictionary in an empty database."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain

from oracle_standin.dictionary import _grants, _instance, _keys, _objects, _relations
from oracle_standin.dictionary._base import base_views
from oracle_standin.dictionary._spec import Family, Fixed
from oracle_standin.dictionary._tables import tables
from oracle_standin.profiles import PROFILES, Profile

__all__ = ["PUBLIC_VIEWS", "SYS_VIEWS", "install", "search_path"]

search_path = ("SYS",)
"""Schemas in which names without a schema are looked up behind the session's own."""

_FAMILIES: tuple[Family, ...] = (
    *_relations.FAMILIES,
    *_keys.FAMILIES,
    *_objects.FAMILIES,
    *_grants.FAMILIES,
)

_SYNONYMS = {
    "CAT": "USER_CATALOG",
    "COLS": "USER_TAB_COLUMNS",
    "DICT": "DICTIONARY",
    "IND": "USER_INDEXES",
    "OBJ": "USER_OBJECTS",
    "RECYCLEBIN": "USER_RECYCLEBIN",
    "SEQ": "USER_SEQUENCES",
    "SYN": "USER_SYNONYMS",
    "TABS": "USER_TABLES",
}
"""Short names that Oracle has for some views."""

_DICTIONARY = Fixed(
    name="DICTIONARY",
    comment="Description of data dictionary tables and views",
    public=True,
    source="STANDIN.SYS_VIEWS S",
    where="(S.FOR_PUBLIC = 'Y' OR EXISTS (SELECT 1 FROM STANDIN.GRANTEES E"
    " WHERE E.USERNAME = CURRENT_USER AND E.GRANTEE = 'SELECT_CATALOG_ROLE'))",
    columns="TABLE_NAME VARCHAR2(128) = S.VIEW_NAME\nCOMMENTS VARCHAR2(4000) = S.COMMENTS",
)

_FIXED = (*_grants.FIXED, _DICTIONARY)

_FAMILY_COMMENTS = {
    "ALL": "Accessible to the user: {}",
    "USER": "The user's own: {}",
    "DBA": "All of the database: {}",
}


def _names() -> tuple[dict[str, str], frozenset[str]]:
    """Return the view per name in SYS, and the names that every user may read."""
    views: dict[str, str] = {}
    public = {"DUAL"}
    for family in _FAMILIES:
        for prefix in family.prefixes:
            view = f"{prefix}_{family.name}"
            views[view] = view
            if prefix != "DBA":
                public.add(view)
    # The names do not depend on the version.
    for fixed in chain(_FIXED, _instance.views(PROFILES["19"], "")):
        names = dict.fromkeys(fixed.statements()) | fixed.synonyms()
        views |= {name: view or name for name, view in names.items()}
        if fixed.public:
            public |= names.keys()
    return views | _SYNONYMS, frozenset(public | _SYNONYMS.keys())


SYS_VIEWS, PUBLIC_VIEWS = _names()
"""The view per name in ``SYS`` (synonyms too); and the names that every user
may read, while the others need a privilege (ORA-00942)."""


def install(run: Callable[[str], object], profile: Profile, *, service: str = "FREEPDB1") -> None:
    """Make the schema's views and the tables behind them.

    Parameters
    ----------
    run : `~collections.abc.Callable`
        Runs one statement of H2's, with administrator's rights.
    profile : `~oracle_standin.profiles.Profile`
        Version that the views show.
    service : `str`
        Name of the service, which ``V$PDBS`` shows.

    Notes
    -----
    ``oracle_standin.engine._bookkeeping.BOOKKEEPING_DDL`` must have run before.
    Takes about 0.2 s.
    """
    for statement in chain(tables(profile), base_views()):
        run(statement)
    listed: list[tuple[str, str]] = []
    synonyms = dict(_SYNONYMS)
    for family in _FAMILIES:
        for name, statement in family.statements().items():
            run(statement)
            listed.append((name, _FAMILY_COMMENTS[name.partition("_")[0]].format(family.comment)))
    for fixed in chain(_FIXED, _instance.views(profile, service)):
        for name, statement in fixed.statements().items():
            run(statement)
            listed.append((name, fixed.comment))
        synonyms |= fixed.synonyms()
    for name, view in synonyms.items():
        run(f'CREATE SYNONYM SYS."{name}" FOR SYS."{view}"')
        listed.append((name, f"Synonym for {view}"))
    rows = ", ".join(
        "('{}', '{}', '{}', '{}')".format(
            name,
            comment.replace("'", "''"),
            "Y" if name in PUBLIC_VIEWS else "N",
            "N" if name in synonyms else "Y",
        )
        for name, comment in listed
    )
    run(f"INSERT INTO STANDIN.SYS_VIEWS VALUES {rows}")  # noqa: S608 - it is made of what stands in this package
