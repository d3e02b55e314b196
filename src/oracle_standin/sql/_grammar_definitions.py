"""The grammar of the other definitions: indexes, views, sequences, synonyms, users, grants, comments."""

from __future__ import annotations

from collections.abc import Callable

from oracle_standin.errors import not_modelled
from oracle_standin.sql._grammar_tables import Tables
from oracle_standin.sql._patterns_definitions import (
    ALTER_INDEX,
    DATA_FILE,
    DROP_OPTIONS,
    INDEX,
    MATERIALIZED,
    SEQUENCE,
    TABLESPACE,
    USER,
)
from oracle_standin.sql._scanner import Token, TokenKind

__all__ = ["Definitions"]

_DROPPED = {
    # what may follow the name, by the kind
    "TABLE": ("CASCADE", "PURGE"),
    "VIEW": ("CASCADE",),
    "INDEX": ("ONLINE", "FORCE"),
    "SEQUENCE": (),
    "SYNONYM": ("FORCE",),
    "USER": ("CASCADE",),
    "ROLE": (),
    "TYPE": ("FORCE", "VALIDATE"),
    "PROCEDURE": (),
    "FUNCTION": (),
    "PACKAGE": (),
    "TRIGGER": (),
    "DIRECTORY": (),
    "CONTEXT": (),
    "PROFILE": ("CASCADE",),
    "TABLESPACE": ("INCLUDING",),
    "CLUSTER": ("INCLUDING",),
    "OPERATOR": ("FORCE",),
    "LIBRARY": (),
    "EDITION": ("CASCADE",),
    "DOMAIN": ("FORCE",),
}
_COMMENTED = ("TABLE", "COLUMN", "INDEXTYPE", "OPERATOR", "EDITION")
_TWO_WORDS = (("MATERIALIZED", "VIEW"), ("DATABASE", "LINK"), ("PUBLIC", "SYNONYM"), ("PACKAGE", "BODY"),
              ("TYPE", "BODY"))  # fmt: skip


class Definitions(Tables):
    """Reads DDL."""

    def create(self) -> None:
        """Read what follows CREATE."""
        if self.take("OR"):
            self.expect(905, "REPLACE")
        if self.take("NO"):
            self.expect(905, "FORCE")
        while self.take("FORCE", "NOFORCE", "EDITIONABLE", "NONEDITIONABLE", "EDITIONING"):
            pass
        for words, read in _CREATED.items():
            if self.take_words(*words):
                read(self)
                return
        raise not_modelled(f"CREATE {self._next_word()}", offset=self.offset)

    def create_sequence(self) -> None:
        """Read what follows CREATE SEQUENCE."""
        self.if_not_exists()
        self.name(2277)
        self.options(SEQUENCE)
        self.finish()

    def create_index(self) -> None:
        """Read what follows CREATE INDEX."""
        self.if_not_exists()
        self.name(953)
        self.expect(969, "ON")
        if self.take("CLUSTER"):
            self.name()
        else:
            self.name()
            if self.at_identifier() and self.at_group(ahead=1):
                self.place += 1
            inner = self.inside(self.group())
            inner.listed(inner.indexed)
            inner.finish()
        self.options(INDEX)
        self.finish(2158)

    def indexed(self) -> None:
        """Read a column or expression of an index."""
        self.value()
        self.take("ASC", "DESC")

    def create_view(self) -> None:
        """Read what follows CREATE VIEW."""
        self.if_not_exists()
        self.name(999)
        if self.at_group():
            inner = self.inside(self.group())
            inner.listed(inner.view_column)
            inner.finish()
        if self.take("BEQUEATH"):
            self.take("CURRENT_USER", "DEFINER")
        self.expect(905, "AS")
        self.query_part()
        if self.take("WITH"):
            self.restriction()
        self.finish()

    def view_column(self) -> None:
        """Read a column's name in a view, or a constraint."""
        if self.at("CONSTRAINT", "PRIMARY", "UNIQUE", "FOREIGN") and not self._is_column():
            self.table_constraint()
            return
        self.identifier(904)
        self.take("VISIBLE", "INVISIBLE")
        while not self.ended and self._column_constraint():
            pass

    def create_materialized_view(self) -> None:
        """Read what follows CREATE MATERIALIZED VIEW."""
        if self.take("LOG"):
            raise not_modelled("CREATE MATERIALIZED VIEW LOG", offset=self.offset)
        self.if_not_exists()
        self.name(999)
        if self.at_group():
            self.names()
        self.options(MATERIALIZED)
        self.expect(905, "AS")
        self.query_part()
        self.finish()

    def create_synonym(self) -> None:
        """Read what follows CREATE SYNONYM."""
        self.if_not_exists()
        self.name(995)
        self.expect(905, "FOR")
        self.name()
        self.finish()

    def user(self) -> None:
        """Read what follows CREATE USER or ALTER USER."""
        self.if_not_exists()
        self.if_exists()
        self.identifier(1935)
        self.options(USER)
        if self.take_words("IDENTIFIED", "BY"):
            raise self.fail(988)
        self.finish(922)

    def create_role(self) -> None:
        """Read what follows CREATE ROLE."""
        self.identifier(1937)
        if self.take_words("NOT", "IDENTIFIED"):
            pass
        elif self.take_words("IDENTIFIED", "BY"):
            self.identifier()
        self.finish(922)

    def create_tablespace(self) -> None:
        """Read what follows CREATE TABLESPACE, of a permanent one."""
        self.identifier()
        if self.take("DATAFILE"):
            self.listed(self._data_file)
        self.options(TABLESPACE)
        self.finish(2180)

    def _data_file(self) -> None:
        self.take_kind(TokenKind.STRING)
        self.options(DATA_FILE)

    def alter(self) -> None:
        """Read what follows ALTER, of what is no session or system."""
        if self.ended:
            raise self.fail(940)
        if self.take("TABLE"):
            self.alter_table()
        elif self.take("INDEX"):
            self.if_exists()
            self.name(953)
            self.options(ALTER_INDEX)
            self.finish(2243)
        elif self.take("SEQUENCE"):
            self.if_exists()
            self.name(2277)
            self.options(SEQUENCE)
            self.finish(2286)
        elif self.take("USER"):
            self.user()
        elif self.take("VIEW") or self.take_words("MATERIALIZED", "VIEW"):
            self.if_exists()
            self.name(999)
            self.expect(922, "COMPILE")
            self.finish(922)
        else:
            raise not_modelled(f"ALTER {self._next_word()}", offset=self.offset)

    def drop(self) -> None:
        """Read what follows DROP."""
        item = self.peek()
        kind = item.value if isinstance(item, Token) else ""
        for words in _TWO_WORDS:
            if self.take_words(*words):
                kind = words[1]
                break
        else:
            self.place += 1
        if kind not in _DROPPED and kind not in {"LINK", "BODY"}:
            raise not_modelled(f"DROP {kind}", offset=self.offset)
        self.if_exists()
        self.name(_BAD_NAMES.get(kind, 903))
        while self.at(*_DROPPED.get(kind, ())) or (kind == "VIEW" and self.at("PRESERVE")):
            if not self.option(DROP_OPTIONS):
                raise self.fail(905)
        self.finish()

    def truncate(self) -> None:
        """Read what follows TRUNCATE."""
        if not self.take("TABLE", "CLUSTER"):
            raise self.fail(3290)
        self.name()
        if self.take("PRESERVE", "PURGE"):
            self.expect(3291, "MATERIALIZED", "VIEW", "LOG")
        if self.take("DROP", "REUSE"):
            self.take("ALL")
            self.expect(3291, "STORAGE")
        self.take("CASCADE")
        self.finish(3291)

    def comment(self) -> None:
        """Read what follows COMMENT."""
        self.expect(905, "ON")
        if not self.take_words("MATERIALIZED", "VIEW") and not self.take(*_COMMENTED):
            raise self.fail(905)
        self.name()
        self.expect(905, "IS")
        if not self.take_kind(TokenKind.STRING):
            raise self.fail(1780)
        self.finish()

    def grant(self) -> None:
        """Read what follows GRANT."""
        self._privileges("TO")
        self.listed(self._grantee)
        while self.take("WITH"):
            if not self.take("ADMIN", "GRANT", "HIERARCHY", "DELEGATE"):
                raise self.fail(905)
            self.expect(905, "OPTION")
        if self.take("CONTAINER"):
            self._container()
        self.finish()

    def _grantee(self) -> None:
        if not self.take("PUBLIC"):
            self.identifier(987)
        if self.take_words("IDENTIFIED", "BY"):
            self.identifier()

    def _container(self) -> None:
        if not self.take_symbol("="):
            raise self.fail(922)
        self.expect(922, str(self._next_word()))

    def revoke(self) -> None:
        """Read what follows REVOKE."""
        if self.take_words("GRANT", "OPTION", "FOR") or self.take_words("ADMIN", "OPTION", "FOR"):
            pass
        self._privileges("FROM")
        self.listed(self._grantee)
        self.take_words("CASCADE", "CONSTRAINTS")
        self.take("FORCE")
        if self.take("CONTAINER"):
            self._container()
        self.finish()

    def _privileges(self, behind: str) -> None:
        self.listed(lambda: self._privilege(behind))
        if self.take("ON"):
            if self.take("DIRECTORY", "EDITION", "USER", "SCHEMA") or self.take_words("MINING", "MODEL"):
                pass
            self.name()
        self.expect(905, behind)

    def _privilege(self, behind: str) -> None:
        """Read a privilege or role: words, or a name; with columns if there are some."""
        if not self.at_kind(TokenKind.NAME, TokenKind.QUOTED) or self.at("ON", behind):
            raise self.fail(990)
        while self.at_kind(TokenKind.NAME, TokenKind.QUOTED) and not self.at("ON", behind):
            self.place += 1
        if self.at_group():
            self.names()

    def rename(self) -> None:
        """Read what follows RENAME."""
        self.identifier(903)
        if self.at_symbol("."):
            raise self.fail(1765)
        self.expect(905, "TO")
        self.identifier(903)
        self.finish()

    def purge(self) -> None:
        """Read what follows PURGE."""
        if self.take("RECYCLEBIN", "DBA_RECYCLEBIN"):
            pass
        elif self.take("TABLE", "INDEX"):
            self.name(903)
        elif self.take("TABLESPACE"):
            self.identifier()
            if self.take("USER"):
                self.identifier()
        else:
            raise self.fail(38302)
        self.finish()


_BAD_NAMES = {"VIEW": 999, "INDEX": 953, "SEQUENCE": 2277, "SYNONYM": 995, "USER": 1935, "ROLE": 1937}
_CREATED: dict[tuple[str, ...], Callable[[Definitions], None]] = {
    ("TABLE",): Definitions.create_table,
    ("GLOBAL", "TEMPORARY", "TABLE"): Definitions.create_table,
    ("PRIVATE", "TEMPORARY", "TABLE"): Definitions.create_table,
    ("INDEX",): Definitions.create_index,
    ("UNIQUE", "INDEX"): Definitions.create_index,
    ("BITMAP", "INDEX"): Definitions.create_index,
    ("VIEW",): Definitions.create_view,
    ("MATERIALIZED", "VIEW"): Definitions.create_materialized_view,
    ("SEQUENCE",): Definitions.create_sequence,
    ("SYNONYM",): Definitions.create_synonym,
    ("PUBLIC", "SYNONYM"): Definitions.create_synonym,
    ("USER",): Definitions.user,
    ("ROLE",): Definitions.create_role,
    ("TABLESPACE",): Definitions.create_tablespace,
    ("BIGFILE", "TABLESPACE"): Definitions.create_tablespace,
    ("SMALLFILE", "TABLESPACE"): Definitions.create_tablespace,
}
