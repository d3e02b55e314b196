"""A database of PostgreSQL's."""

from __future__ import annotations

import contextlib
import secrets
from functools import lru_cache
from importlib import resources

import psycopg
from psycopg import conninfo as conninfos

from oracle_standin.engine._database import EngineDatabase
from oracle_standin.engine._store import Source
from oracle_standin.engine._text import literal
from oracle_standin.errors import StandinError
from oracle_standin.postgresql._binaries import MINIMUM
from oracle_standin.postgresql._catalogue import catalogue_statements
from oracle_standin.postgresql._errors import Said, oracle_error
from oracle_standin.postgresql._inner import for_postgresql
from oracle_standin.postgresql._link import Link, PostgreSQLError
from oracle_standin.postgresql._names import Names
from oracle_standin.postgresql._results import Translations
from oracle_standin.postgresql._server import PrivateServer
from oracle_standin.postgresql._session import PostgreSQLSession
from oracle_standin.profiles import Profile
from oracle_standin.values import Value

__all__ = ["PostgreSQLDatabase"]

_SETUP = (
    "SET client_min_messages = warning",
    "SET check_function_bodies = off",
    "SET search_path = sys, pg_catalog",
)
_SESSION = (
    "SET client_min_messages = error",
    "SET search_path = sys, pg_catalog",
    "SET datestyle = 'ISO, YMD'",
    "SET intervalstyle = 'iso_8601'",
    "SET extra_float_digits = 1",
    "SET bytea_output = 'hex'",
    "SET TIME ZONE 'UTC'",
)


class PostgreSQLDatabase(EngineDatabase):
    """One database of its own on a server; see `oracle_standin.postgresql.open_database`.

    Parameters
    ----------
    profile, service, url
        As for that.
    server : `PrivateServer`, optional
        What it lives on, and ends, if there is no ``url``.
    """

    def __init__(
        self, profile: Profile, *, service: str, server: PrivateServer | None = None, url: str | None = None
    ) -> None:
        super().__init__(profile, service=service)
        self._server = server
        self._name = f"standin_{secrets.token_hex(8)}"
        self._made = False
        self.translations = Translations()
        try:
            conninfo = self._server.conninfo if self._server is not None else _checked(url or "")
            self._maintenance = _connect(conninfo)
            self.engine = _engine(self._maintenance.version)
            self._make_database()
            self._conninfo = conninfos.make_conninfo(conninfo, dbname=self._name)
            self._admin = _connect(self._conninfo)
            self.names = Names(self._note_name)
            # One transaction for all: a thousand statements.
            self._admin.run("BEGIN")
            self._prepare_schemas()
            self._create()
            self._service_function()
            self._admin.run("COMMIT")
        except BaseException:
            self.close()
            raise

    def _make_database(self) -> None:
        try:
            self._maintenance.run(
                f"CREATE DATABASE {self._name} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'"
            )
        except PostgreSQLError as error:
            raise StandinError(
                "PostgreSQL",
                reason=f"no database can be made: {error.message}",
                hint="The role of --postgresql-url needs CREATEDB.",
            ) from None
        self._made = True

    def _prepare_schemas(self) -> None:
        self._admin.run("; ".join(_SETUP))
        self._admin.run("CREATE SCHEMA sys")
        self._admin.run("DROP SCHEMA public")
        self._admin.run("CREATE SCHEMA standin")
        self._admin.run((resources.files("oracle_standin.postgresql") / "functions.sql").read_text())
        for statement in catalogue_statements():
            self._admin.run(statement)

    def _service_function(self) -> None:
        self._admin.run(
            "CREATE FUNCTION sys.service_name() RETURNS text LANGUAGE sql IMMUTABLE AS"
            f" $body$ SELECT {literal(self.service)}::text $body$"
        )

    def _note_name(self, short: str, name: str) -> None:
        with self._lock:
            self._admin.run(
                "INSERT INTO standin.long_names VALUES ($1, $2) ON CONFLICT DO NOTHING", short, name
            )

    def execute(self, sql: str, *values: Value) -> list[tuple[str | None, ...]]:
        """Run SQL of the bookkeeping's with all rights, at once permanent."""
        given = [None if value is None or value == "" else str(value) for value in values]
        with self._lock:
            try:
                return self._admin.run(for_postgresql(sql), *given)
            except PostgreSQLError as error:
                raise oracle_error(error, Said(text=sql, names=self.names)) from None

    def _make_schema(self, name: str) -> None:
        with self._lock:
            self._admin.run(f"CREATE SCHEMA IF NOT EXISTS {self.names.quoted(name)}")

    def _drop_schema(self, name: str) -> None:
        with self._lock:
            self._admin.run(f"DROP SCHEMA {self.names.quoted(name)} CASCADE")

    def _connect(self, user: str, *, user_id: int, serial: int) -> PostgreSQLSession:
        link = _connect(self._conninfo)
        link.run("; ".join(_SESSION))
        return PostgreSQLSession(self, user, link, user_id=user_id, serial=serial)

    # -- what is there -------------------------------------------------------

    def has_table(self, owner: str, name: str) -> bool:
        """Return whether there is a table or view."""
        return self._has_table_at(self.ddl_generation, owner, name)

    def synonyms(self) -> dict[tuple[str, str], tuple[str, str]]:
        """Return what each synonym stands for, by owner and name."""
        return self._synonyms_at(self.ddl_generation)

    def identities(self) -> dict[tuple[str, str], str]:
        """Return the column that is always an identity, by owner and name of the table."""
        return self._identities_at(self.ddl_generation)

    @lru_cache(maxsize=2)  # noqa: B019  (as below)
    def _identities_at(self, generation: int) -> dict[tuple[str, str], str]:
        del generation
        rows = self.execute(
            "SELECT OWNER, TABLE_NAME, COLUMN_NAME FROM STANDIN.COLUMNS WHERE GENERATION_TYPE = 'ALWAYS'"
        )
        return {(a or "", b or ""): c or "" for a, b, c in rows}

    @lru_cache(maxsize=4096)  # noqa: B019  (one database lives as long as its process)
    def _has_table_at(self, generation: int, owner: str, name: str) -> bool:
        del generation
        if owner == "SYS":
            return False
        with self._lock:
            # One look-up: there may be thousands of tables, and each DDL is a new generation.
            return bool(
                self._admin.run(
                    "SELECT 1 FROM pg_class WHERE oid = to_regclass($1) AND relkind IN ('r', 'v')",
                    self.names.path(owner, name),
                )
            )

    def _key_columns(self, owner: str, table: str) -> list[tuple[str | None, ...]]:
        with self._lock:
            rows = self._admin.run(
                "SELECT k.conname, a.attname FROM pg_constraint k"
                " CROSS JOIN LATERAL unnest(k.conkey) WITH ORDINALITY u(number, i)"
                " JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.number"
                " WHERE k.conrelid = to_regclass($1) AND k.contype IN ('p', 'u') ORDER BY k.conname, u.i",
                self.names.path(owner, table),
            )
        return [(name, self.names.outer(column or "")) for name, column in rows]

    @lru_cache(maxsize=2)  # noqa: B019  (as above)
    def _synonyms_at(self, generation: int) -> dict[tuple[str, str], tuple[str, str]]:
        del generation
        rows = self.execute("SELECT OWNER, SYNONYM_NAME, TABLE_OWNER, TABLE_NAME FROM STANDIN.SYNONYMS")
        return {(a or "", b or ""): (c or "", d or "") for a, b, c, d in rows}

    def source(self, table: int, column: int) -> Source | None:
        """Return the column of a table or view that PostgreSQL knows by two numbers."""
        found = self._sources_at(self.ddl_generation, table).get(column)
        return found[0] if found is not None else None

    def nullable(self, table: int, column: int) -> bool:
        """Return whether a column that PostgreSQL knows by two numbers may be NULL."""
        found = self._sources_at(self.ddl_generation, table).get(column)
        return found is None or found[1]

    @lru_cache(maxsize=4096)  # noqa: B019  (as above)
    def _sources_at(self, generation: int, table: int) -> dict[int, tuple[Source, bool]]:
        del generation
        with self._lock:
            rows = self._admin.run(
                "SELECT n.nspname, c.relname, a.attname, a.attnum, a.attnotnull FROM pg_attribute a"
                " JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace"
                " WHERE a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped",
                str(table),
            )
        outer = self.names.outer
        found = {}
        for schema, name, column, number, filled in rows:
            owner, real = outer(schema or ""), outer(name or "")
            if (schema or "").startswith("pg_temp"):
                # A global temporary table: its name in the session tells whose it is.
                owner, _, real = real.partition(".")
            source = Source(owner=owner, table=real, column=outer(column or ""))
            found[int(number or 0)] = (source, filled != "t")
        return found

    # -- views that are not valid --------------------------------------------

    def restore_views(self) -> None:
        """Make the views again that went with what they read: in Oracle they stay, invalid."""
        there = self._views_there()
        left = {key: sql for key, sql in self.views.items() if key not in there}
        while left:
            made = []
            for key, sql in left.items():
                with contextlib.suppress(PostgreSQLError), self._lock:
                    self._admin.run(sql)
                    made.append(key)
            if not made:
                return
            for key in made:
                del left[key]

    def _views_there(self) -> set[tuple[str, str]]:
        rows = self.execute("SELECT TABLE_SCHEMA, TABLE_NAME FROM INFORMATION_SCHEMA.TABLES")
        return {(owner or "", name or "") for owner, name in rows}

    def _shut_down(self) -> None:
        with contextlib.suppress(AttributeError):
            self._admin.close()
        with contextlib.suppress(AttributeError, PostgreSQLError):
            if self._made:
                self._made = False
                self._maintenance.run(f"DROP DATABASE IF EXISTS {self._name} WITH (FORCE)")
            self._maintenance.close()
        if self._server is not None:
            self._server.close()


def _engine(version: int) -> str:
    if version < MINIMUM * 10_000:
        raise StandinError(
            "PostgreSQL",
            reason=f"the server has version {version // 10_000}, and {MINIMUM} or newer is needed",
            hint="Name another server by --postgresql-url, or none.",
        )
    return f"PostgreSQL {version // 10_000}.{version % 10_000}"


def _checked(url: str) -> str:
    """Return how to connect to somebody's server; a command line is no place for a password."""
    try:
        given = conninfos.conninfo_to_dict(url)
    except psycopg.Error as error:
        raise StandinError(
            "--postgresql-url", reason=str(error).strip(), hint="For example postgresql://user@host:5432/db."
        ) from None
    if "password" in given:
        raise StandinError(
            "--postgresql-url",
            reason="it has a password, which others can see in the list of processes",
            hint="Put the password into PGPASSWORD or the file PGPASSFILE.",
        )
    return url


def _connect(conninfo: str) -> Link:
    try:
        return Link(conninfo)
    except psycopg.Error as error:
        raise StandinError(
            "PostgreSQL",
            reason=str(error).strip(),
            hint="Check --postgresql-url; a password belongs into PGPASSWORD or the file PGPASSFILE.",
        ) from None
