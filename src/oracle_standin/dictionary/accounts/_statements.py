"""The statements about users, roles and privileges, parsed."""

from __future__ import annotations

from dataclasses import dataclass, field

from oracle_standin.dictionary.accounts._words import Words
from oracle_standin.errors import OracleError, not_modelled
from oracle_standin.sql._scanner import TokenKind

__all__ = ["AlterUser", "CreateRole", "CreateUser", "DropRole", "DropUser", "Grant", "Revoke", "parse"]

_UNITS = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}
UNLIMITED = -1


@dataclass(kw_only=True)
class _UserOptions:
    name: str
    password: str | None = None
    default_tablespace: str | None = None
    temporary_tablespace: str | None = None
    quotas: dict[str, int] = field(default_factory=dict)
    """Bytes by tablespace; -1 is UNLIMITED."""
    tablespaces: dict[str, int] = field(default_factory=dict)
    """Where each tablespace that the statement names stands in it."""
    locked: bool | None = None
    expired: bool | None = None
    only_password: bool = True
    """Whether nothing but the password is given: everybody may change their own."""


@dataclass(kw_only=True)
class CreateUser(_UserOptions):
    """CREATE USER."""

    if_not_exists: bool = False


@dataclass(kw_only=True)
class AlterUser(_UserOptions):
    """ALTER USER."""


@dataclass(kw_only=True)
class DropUser:
    """DROP USER."""

    name: str
    cascade: bool
    if_exists: bool


@dataclass(kw_only=True)
class CreateRole:
    """CREATE ROLE."""

    name: str


@dataclass(kw_only=True)
class DropRole:
    """DROP ROLE."""

    name: str


@dataclass(kw_only=True)
class _Privileges:
    privileges: list[str]
    """System privileges, roles or (with an object) object privileges; ALL stands for itself."""
    grantees: list[str]
    schema: str | None = None
    object: str | None = None


@dataclass(kw_only=True)
class Grant(_Privileges):
    """GRANT."""

    option: bool = False
    """WITH ADMIN OPTION or WITH GRANT OPTION."""


@dataclass(kw_only=True)
class Revoke(_Privileges):
    """REVOKE."""


AccountStatement = CreateUser | AlterUser | DropUser | CreateRole | DropRole | Grant | Revoke


def parse(text: str) -> AccountStatement | None:
    """Return what a statement about accounts says, or `None` for any other statement.

    Raises
    ------
    oracle_standin.errors.OracleError
        Raised for what Oracle refuses to parse, or what is not modelled.
    """
    words = Words(text)
    if words.take("CREATE", "USER"):
        exists = words.take("IF", "NOT", "EXISTS")
        return _user_options(words, CreateUser(name=_user(words), if_not_exists=exists))
    if words.take("ALTER", "USER"):
        return _user_options(words, AlterUser(name=_user(words)))
    if words.take("DROP", "USER"):
        exists = words.take("IF", "EXISTS")
        name = _user(words)
        cascade = words.take("CASCADE")
        words.end()
        return DropUser(name=name, cascade=cascade, if_exists=exists)
    return _parse_other(words)


def _parse_other(words: Words) -> AccountStatement | None:
    """Read a statement about roles and privileges."""
    if words.take("CREATE", "ROLE"):
        name = words.name(1937, "missing or invalid role name")
        words.take("NOT", "IDENTIFIED")
        if words.take("IDENTIFIED"):
            raise not_modelled("roles with passwords", offset=words.offset)
        _container(words)
        words.end()
        return CreateRole(name=name)
    if words.take("DROP", "ROLE"):
        name = words.name(1937, "missing or invalid role name")
        words.end()
        return DropRole(name=name)
    if words.take("GRANT"):
        return _grant(words)
    return _revoke(words) if words.take("REVOKE") else None


def _user(words: Words) -> str:
    return words.name(1935, "missing user or role name")


def _container(words: Words) -> None:
    if words.take("CONTAINER", "=", "CURRENT") or words.take("CONTAINER", "=", "ALL"):
        return


def _tablespace(words: Words, user: _UserOptions) -> str:
    offset = words.offset
    name = words.name(959, "tablespace '' does not exist")
    user.tablespaces.setdefault(name, offset)
    return name


def _user_options[T: _UserOptions](words: Words, user: T) -> T:
    while words.peek() is not None:
        if words.take("IDENTIFIED", "BY"):
            if words.take("VALUES"):
                raise not_modelled("passwords by their hash", offset=words.offset)
            user.password = words.password()
            if words.take("REPLACE"):
                words.password()
            continue
        _container(words)
        if words.peek() is None:
            break
        user.only_password = False
        _user_option(words, user)
    return user


def _user_option(words: Words, user: _UserOptions) -> None:
    if words.take("NO", "AUTHENTICATION"):
        user.password = None
    elif words.take("IDENTIFIED"):
        raise not_modelled("authentication by others", offset=words.offset)
    elif words.take("DEFAULT", "ROLE"):
        if not words.take("ALL"):
            raise not_modelled("default roles other than all", offset=words.offset)
    elif words.take("PROFILE"):
        profile = words.name(2380, "profile does not exist")
        if profile != "DEFAULT":
            raise OracleError(2380, f"profile {profile} does not exist", offset=words.offset)
    elif not (_space_option(words, user) or _status_option(words, user)):
        raise OracleError(922, "missing or invalid option", offset=words.offset)


def _space_option(words: Words, user: _UserOptions) -> bool:
    """Read an option about tablespaces; return whether there was one."""
    if words.take("DEFAULT", "TABLESPACE"):
        user.default_tablespace = _tablespace(words, user)
    elif words.take("TEMPORARY", "TABLESPACE") or words.take("LOCAL", "TEMPORARY", "TABLESPACE"):
        user.temporary_tablespace = _tablespace(words, user)
    elif words.take("QUOTA"):
        size = _size(words)
        words.demand("ON", number=922, message="missing or invalid option")
        user.quotas[_tablespace(words, user)] = size
    else:
        return False
    return True


def _status_option(words: Words, user: _UserOptions) -> bool:
    """Read an option about the account; return whether there was one."""
    if words.take("PASSWORD", "EXPIRE"):
        user.expired = True
    elif words.take("ACCOUNT", "LOCK"):
        user.locked = True
    elif words.take("ACCOUNT", "UNLOCK"):
        user.locked = False
    else:
        return words.take("ENABLE", "EDITIONS") or words.take("DEFAULT", "COLLATION", "USING_NLS_COMP")
    return True


def _size(words: Words) -> int:
    if words.take("UNLIMITED"):
        return UNLIMITED
    token = words.next()
    if token.kind is not TokenKind.NUMBER or not token.value.isdigit():
        raise OracleError(922, "missing or invalid option", offset=token.start)
    following = words.peek()
    if following is not None and following.value in _UNITS:
        words.at += 1
        return int(token.value) * _UNITS[following.value]
    return int(token.value)


def _privileges(words: Words, stop: str) -> tuple[list[str], str | None, str | None]:
    """Read privileges and, behind ON, the object."""
    privileges: list[str] = []
    current: list[str] = []
    while not (words.take(stop) or words.take("ON")):
        token = words.next()
        if token.is_symbol("("):
            raise not_modelled("privileges on columns", offset=token.start)
        if token.is_symbol(","):
            privileges.append(_privilege(current, token.start))
            current = []
        elif token.kind in (TokenKind.NAME, TokenKind.QUOTED):
            current.append(token.value)
        else:
            raise OracleError(990, "missing or invalid privilege", offset=token.start)
    privileges.append(_privilege(current, words.offset))
    read = words.tokens[words.at - 1]
    if not read.is_word("ON"):
        return privileges, None, None
    if words.take("DIRECTORY") or words.take("EDITION") or words.take("JAVA"):
        raise not_modelled("privileges on directories, editions and Java", offset=words.offset)
    schema, name = None, words.name(903, "invalid table name")
    if words.take("."):
        schema, name = name, words.name(903, "invalid table name")
    words.demand(stop, number=905, message="missing keyword")
    return privileges, schema, name


def _privilege(words: list[str], offset: int) -> str:
    if not words:
        raise OracleError(990, "missing or invalid privilege", offset=offset)
    name = " ".join(words)
    return "ALL" if name in ("ALL", "ALL PRIVILEGES") else name


def _grant(words: Words) -> Grant:
    privileges, schema, name = _privileges(words, "TO")
    grantees = words.names(987, "missing or invalid username(s)")
    if words.take("IDENTIFIED"):
        raise not_modelled("GRANT ... IDENTIFIED BY", offset=words.offset)
    option = words.take("WITH", "GRANT" if name else "ADMIN", "OPTION")
    words.take("WITH", "HIERARCHY", "OPTION")
    _container(words)
    words.end()
    return Grant(privileges=privileges, grantees=grantees, schema=schema, object=name, option=option)


def _revoke(words: Words) -> Revoke:
    privileges, schema, name = _privileges(words, "FROM")
    grantees = words.names(987, "missing or invalid username(s)")
    words.take("CASCADE", "CONSTRAINTS")
    words.take("FORCE")
    _container(words)
    words.end()
    return Revoke(privileges=privileges, grantees=grantees, schema=schema, object=name)
