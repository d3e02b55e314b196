"""Users, what they may do and how much space they may use."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from oracle_standin.dictionary.accounts._check import Checker
from oracle_standin.dictionary.accounts._demands import demands
from oracle_standin.dictionary.accounts._granting import grant, revoke
from oracle_standin.dictionary.accounts._grants import Execute, Grants
from oracle_standin.dictionary.accounts._quota import Quotas, row_size
from oracle_standin.dictionary.accounts._statements import (
    AlterUser,
    CreateRole,
    CreateUser,
    DropRole,
    DropUser,
    Grant,
    Revoke,
    parse,
)
from oracle_standin.errors import OracleError
from oracle_standin.profiles import Profile
from oracle_standin.values import Value

__all__ = ["Accounts"]

_IF_EXISTS = 23
"""First version with IF [NOT] EXISTS."""


class Accounts:
    """The accounts of one database; safe for threads.

    Parameters
    ----------
    execute : `~collections.abc.Callable`
        Runs H2's SQL with values for its ``?``, with all rights and at once
        permanent, and returns a query's rows as texts.
    profile : `~oracle_standin.profiles.Profile`
        Version of the server.
    create_user : `~collections.abc.Callable`
        Makes a user and schema in the engine, by name and password (`None`
        with NO AUTHENTICATION); raises ORA-01920.
    drop_user : `~collections.abc.Callable`
        Drops one, by name and the keyword ``cascade``; raises ORA-01922 and ORA-01940.
    generation : `~collections.abc.Callable`, optional
        Returns a number that rises with each DDL; what was decided about
        synonyms and names is then forgotten.

    Notes
    -----
    The engine has made SYS and SYSTEM before, and calls

    * `log_in` before it opens a session,
    * `run` with every DDL statement; it has been run if that returns `True`,
    * `check` before every other statement,
    * `charge` before INSERT and MERGE, with the values,
    * `after_ddl` when DDL has succeeded.
    """

    def __init__(
        self,
        execute: Execute,
        profile: Profile,
        *,
        create_user: Callable[[str, str | None], None],
        drop_user: Callable[..., None],
        generation: Callable[[], int] = lambda: 0,
    ) -> None:
        self._execute = execute
        self._profile = profile
        self._create_user = create_user
        self._drop_user = drop_user
        self._generation = generation
        self._lock = threading.RLock()
        self.grants = Grants(execute, profile)
        self.quotas = Quotas(execute)
        self._checker = Checker(self.grants)

    # -- questions ---------------------------------------------------------------------------------

    def log_in(self, user: str) -> None:
        """Make sure that a user, whose password was right, may have a session.

        Raises
        ------
        oracle_standin.errors.OracleError
            Raised if the account is locked (ORA-28000), its password has
            expired (ORA-28001), or it lacks CREATE SESSION (ORA-01045).
        """
        status = self._value("ACCOUNT_STATUS", user) or ""
        if "LOCKED" in status:
            raise OracleError(28000, "The account is locked.")
        if "EXPIRED" in status:
            raise OracleError(28001, "the password has expired")
        if not self.grants.has(user, "CREATE SESSION"):
            raise OracleError(1045, f"user {user} lacks CREATE SESSION privilege; logon denied")

    def require(self, user: str, privilege: str) -> None:
        """Make sure that a user has a system privilege.

        Raises
        ------
        oracle_standin.errors.OracleError
            Raised if it has not (ORA-01031).
        """
        if not self.grants.has(user, privilege):
            raise OracleError(1031, "insufficient privileges")

    def check(self, text: str, user: str, schema: str) -> None:
        """Make sure that a user may run a statement.

        Parameters
        ----------
        text : `str`
            SQL of any kind; PL/SQL blocks are allowed, their statements are to be checked one by one.
        user : `str`
            Who runs it.
        schema : `str`
            The session's current schema.

        Raises
        ------
        oracle_standin.errors.OracleError
            Raised if the privilege is missing: ORA-01031 on what the user
            may see, ORA-00942, 02289, 01418 or 01434 on what it may not.
        """
        with self._lock:
            self._checker.check(text, user, schema, self._generation())

    def resolve(self, schema: str | None, name: str, current: str) -> tuple[str, str]:
        """Return owner and name of what a name stands for, following synonyms."""
        return self._checker.resolve(schema, name, current)

    def may_execute(self, user: str, owner: str, name: str) -> bool:
        """Return whether a user may call a stored procedure or function."""
        return (
            user == owner
            or self.grants.has(user, "EXECUTE ANY PROCEDURE")
            or "EXECUTE" in self.grants.on_object(user, owner, name)
        )

    def charge(self, text: str, user: str, schema: str, rows: Sequence[Sequence[Value]] = ((),)) -> None:
        """Count what an INSERT or MERGE writes against the quota of the table's owner.

        Parameters
        ----------
        text, user, schema : `str`
            The statement, as for `check`; any other statement counts nothing.
        rows : `~collections.abc.Sequence`
            Sets of values for the binds.  Literals and selected rows are not
            seen; a statement takes at least a table's first extent.

        Raises
        ------
        oracle_standin.errors.OracleError
            Raised if the owner has no quota (ORA-01950) or not enough (ORA-01536).
        """
        del user
        for demand in demands(text):
            if demand.action != "INSERT":
                continue
            with self._lock:
                owner, table = self._checker.resolve(demand.schema, demand.name, schema)
                tablespace = self._tablespace(owner, table)
                if tablespace is not None:
                    size = sum(map(row_size, rows))
                    unlimited = self.grants.has(owner, "UNLIMITED TABLESPACE")
                    self.quotas.charge(owner, table, tablespace, size, unlimited=unlimited)

    def _tablespace(self, owner: str, table: str) -> str | None:
        """Return the tablespace that a table is in; `None` if it is temporary or there is none."""
        rows = self._execute(
            "SELECT TABLESPACE_NAME, DURATION, KIND FROM STANDIN.TABLES WHERE OWNER = ? AND TABLE_NAME = ?",
            owner, table,
        )  # fmt: skip
        tablespace, duration, kind = rows[0] if rows else (None, None, None)
        if duration or "TEMPORARY" in (kind or ""):
            return None
        return tablespace or self._value("DEFAULT_TABLESPACE", owner)

    def _value(self, column: str, user: str) -> str | None:
        rows = self._execute(f"SELECT {column} FROM STANDIN.USERS WHERE USERNAME = ?", user)  # noqa: S608 - the names are ours
        return rows[0][0] if rows else None

    # -- statements --------------------------------------------------------------------------------

    def run(self, text: str, user: str, schema: str) -> bool:
        """Run a statement if it is about users, roles or privileges.

        Parameters
        ----------
        text, user, schema : `str`
            The statement, who runs it and the session's current schema.

        Returns
        -------
        done : `bool`
            Whether it was one, and has been run.

        Raises
        ------
        oracle_standin.errors.OracleError
            Raised as by a server: ORA-01031, 01917 to 01922, 01927, 01935,
            01951, 01952, 00959, 00990, 00988, 01749, 01932, 01934 and others.
        """
        statement = parse(text)
        if statement is None:
            return False
        with self._lock:
            match statement:
                case CreateUser():
                    self._create(statement, user)
                case AlterUser():
                    self._alter(statement, user)
                case DropUser():
                    self._drop(statement, user)
                case CreateRole():
                    self._create_role(statement.name, user)
                case DropRole():
                    self._drop_role(statement.name, user)
                case Grant():
                    grant(self.grants, self._resolved(statement, schema), user, self.users())
                case Revoke():
                    revoke(self.grants, self._resolved(statement, schema), user, self.users())
            self.grants.refresh(*self.users())
        return True

    def _resolved[T: (Grant, Revoke)](self, statement: T, schema: str) -> T:
        """Put the object that a name stands for into a statement."""
        if statement.object is not None:
            found = self._checker.resolve(statement.schema, statement.object, schema)
            statement.schema, statement.object = found
        return statement

    def users(self) -> frozenset[str]:
        """Return the names of all users."""
        return frozenset(str(name) for (name,) in self._execute("SELECT USERNAME FROM STANDIN.USERS"))

    def _create(self, statement: CreateUser, user: str) -> None:
        self.require(user, "CREATE USER")
        if statement.name in self.users() and statement.if_not_exists and self._profile.major >= _IF_EXISTS:
            return
        if statement.name in self.users() or statement.name in self.grants.known_roles:
            raise OracleError(1920, f"user name '{statement.name}' conflicts with another user or role name")
        self._check_tablespaces(statement)
        self._create_user(statement.name, statement.password)
        self._set_options(statement)

    def _alter(self, statement: AlterUser, user: str) -> None:
        if not (statement.name == user and statement.only_password):
            self.require(user, "ALTER USER")
        if statement.name not in self.users():
            raise OracleError(1918, f"user '{statement.name}' does not exist")
        self._check_tablespaces(statement)
        if statement.password is not None:
            self._update(statement.name, "PASSWORD", statement.password)
        self._set_options(statement)

    def _check_tablespaces(self, statement: CreateUser | AlterUser) -> None:
        known = {name for (name,) in self._execute("SELECT TABLESPACE_NAME FROM STANDIN.TABLESPACES")}
        for name, offset in statement.tablespaces.items():
            if name not in known:
                raise OracleError(959, f"tablespace '{name}' does not exist", offset=offset)

    def _set_options(self, statement: CreateUser | AlterUser) -> None:
        name = statement.name
        if statement.default_tablespace:
            self._update(name, "DEFAULT_TABLESPACE", statement.default_tablespace)
        if statement.temporary_tablespace:
            self._update(name, "TEMPORARY_TABLESPACE", statement.temporary_tablespace)
        for tablespace, size in statement.quotas.items():
            self.quotas.set(name, tablespace, size)
        status = self._value("ACCOUNT_STATUS", name) or ""
        locked = "LOCKED" in status if statement.locked is None else statement.locked
        # A new password is not expired.
        kept = "EXPIRED" in status and statement.password is None
        expired = statement.expired or kept
        words = [word for word, holds in (("EXPIRED", expired), ("LOCKED", locked)) if holds]
        self._update(name, "ACCOUNT_STATUS", " & ".join(words) or "OPEN")

    def _update(self, user: str, column: str, value: str) -> None:
        self._execute(f"UPDATE STANDIN.USERS SET {column} = ? WHERE USERNAME = ?", value, user)  # noqa: S608 - the names are ours

    def _drop(self, statement: DropUser, user: str) -> None:
        self.require(user, "DROP USER")
        name = statement.name
        if name not in self.users():
            if statement.if_exists and self._profile.major >= _IF_EXISTS:
                return
            raise OracleError(1918, f"user '{name}' does not exist")
        self._drop_user(name, cascade=statement.cascade)
        self.grants.forget_grantee(name)
        self.quotas.forget_user(name)
        self._execute("DELETE FROM STANDIN.NOT_NULLS WHERE OWNER = ?", name)
        self._execute("DELETE FROM STANDIN.OBJECT_TIMES WHERE OWNER = ?", name)

    def _create_role(self, name: str, user: str) -> None:
        self.require(user, "CREATE ROLE")
        if name in self.grants.known_roles or name in self.users():
            raise OracleError(1921, f"role name '{name}' conflicts with another user or role name")
        self.grants.add_role(name)
        self.grants.grant_role(user, name, option=True)

    def _drop_role(self, name: str, user: str) -> None:
        if name not in self.grants.known_roles:
            raise OracleError(1919, f"role '{name}' does not exist")
        if not self.grants.administers(user, self.grants.roles, name):
            self.require(user, "DROP ANY ROLE")
        self.grants.forget_grantee(name)

    def after_ddl(self, text: str, schema: str) -> None:
        """Take note that DDL has succeeded: what was granted on a dropped object, and its space, is gone.

        Parameters
        ----------
        text, schema : `str`
            The statement and the session's current schema.
        """
        truncated = text.lstrip()[:8].upper() == "TRUNCATE"
        for demand in demands(text):
            if demand.action == "DROP" and demand.kind != "TABLESPACE":
                owner = demand.schema or schema
                with self._lock:
                    self.quotas.release(owner, demand.name)
                    if not truncated and demand.kind != "INDEX":
                        self.grants.forget_object(owner, demand.name)

    def forget_table(self, owner: str, name: str) -> None:
        """Take note that a table was dropped with its tablespace."""
        with self._lock:
            self.quotas.release(owner, name)
            self.grants.forget_object(owner, name)
        self._execute("DELETE FROM STANDIN.NOT_NULLS WHERE OWNER = ? AND TABLE_NAME = ?", owner, name)
        self._execute("DELETE FROM STANDIN.OBJECT_TIMES WHERE OWNER = ? AND OBJECT_NAME = ?", owner, name)
