"""The texts of the errors that the rules raise, by ORA number."""

from __future__ import annotations

from oracle_standin.errors import OracleError

__all__ = ["refusal"]

# As Oracle 19c words them; {} is the name that is at fault.
_TEXTS = {
    900: "invalid SQL statement",
    901: "invalid CREATE command",
    902: "invalid datatype",
    903: "invalid table name",
    904: "{}: invalid identifier",
    905: "missing keyword",
    906: "missing left parenthesis",
    907: "missing right parenthesis",
    908: "missing NULL keyword",
    909: "invalid number of arguments",
    910: "specified length too long for its datatype",
    911: "invalid character",
    913: "too many values",
    920: "invalid relational operator",
    922: "missing or invalid option",
    923: "FROM keyword not found where expected",
    924: "missing BY keyword",
    925: "missing INTO keyword",
    926: "missing VALUES keyword",
    927: "missing equal sign",
    928: "missing SELECT keyword",
    932: "inconsistent datatypes: expected - got {}",
    933: "SQL command not properly ended",
    936: "missing expression",
    937: "not a single-group group function",
    938: "not enough arguments for function",
    940: "invalid ALTER command",
    947: "not enough values",
    950: "invalid DROP option",
    953: "missing or invalid index name",
    957: "duplicate column name",
    969: "missing ON keyword",
    971: "missing SET keyword",
    972: "identifier is too long",
    979: "not a GROUP BY expression",
    987: "missing or invalid username(s)",
    988: "missing or invalid password(s)",
    990: "missing or invalid privilege",
    995: "missing or invalid synonym identifier",
    998: "must name this expression with a column alias",
    999: "missing or invalid view name",
    1027: "bind variables not allowed for data definition operations",
    1704: "string literal too long",
    1723: "zero-length columns are not allowed",
    1727: "numeric precision specifier is out of range (1 to 38)",
    1728: "numeric scale specifier is out of range (-84 to 127)",
    1735: "invalid ALTER TABLE option",
    1737: "valid modes: [ROW] SHARE, [[SHARE] ROW] EXCLUSIVE, SHARE UPDATE",
    1745: "invalid host/bind variable name",
    1747: "invalid user.table.column, table.column, or column specification",
    1754: "a table may contain only one column of type LONG",
    1765: "specifying owner's name of the table is not allowed",
    1767: "UPDATE ... SET expression must be a subquery",
    1780: "string literal required",
    1789: "query block has incorrect number of result columns",
    1790: "expression must have same datatype as corresponding expression",
    1792: "maximum number of columns in a table or view is 1000",
    1795: "maximum number of expressions in a list is {}",
    1935: "missing user or role name",
    1937: "missing or invalid role name",
    2012: "missing USING keyword",
    2014: "cannot select FOR UPDATE from view with DISTINCT, GROUP BY, etc.",
    2017: "integer value required",
    2065: "illegal option for ALTER SYSTEM",
    2084: "database name is missing a component",
    2158: "invalid CREATE INDEX option",
    2179: "valid options: ISOLATION LEVEL {{ SERIALIZABLE | READ COMMITTED }}",
    2180: "invalid option for CREATE TABLESPACE",
    2181: "invalid option to ROLLBACK WORK",
    2185: "a token other than WORK follows COMMIT",
    2243: "invalid ALTER INDEX or ALTER MATERIALIZED VIEW option",
    2248: "invalid option for ALTER SESSION",
    2250: "missing or invalid constraint name",
    2253: "constraint specification not allowed here",
    2260: "table can have only one primary key",
    2277: "invalid sequence name",
    2286: "no options specified for ALTER SEQUENCE",
    2327: "cannot create index on expression with datatype LOB",
    2329: "column of datatype LOB cannot be unique or a primary key",
    2420: "missing schema authorization clause",
    3290: "Invalid truncate command - missing CLUSTER or TABLE keyword",
    3291: "Invalid truncate option - missing STORAGE keyword",
    6550: (
        'line 1, column {}:\nPLS-00103: Encountered the symbol "end-of-file" when expecting one of the '
        "following:\n\n   ( begin case declare end exception exit for goto if loop mod null pragma\n   raise "
        "return select update while with << ;"
    ),
    14451: "unsupported feature with temporary table",
    22848: "cannot use {} type as comparison key",
    25154: "column part of USING clause cannot have qualifier",
    30005: "missing or invalid WAIT interval",
    30088: "datetime/interval precision is out of range",
    30089: "missing or invalid <datetime field>",
    30484: "missing window specification for this function",
    30491: "missing ORDER BY clause",
    32039: "recursive WITH clause must have column alias list",
    32040: "recursive WITH clause must use a UNION ALL operation",
    32463: "cannot create an object with a name matching private temporary table prefix",
    38302: "invalid PURGE option",
    40441: "JSON syntax error",
}


def refusal(number: int, offset: int, name: object = "") -> OracleError:
    """Return the error of a number.

    Parameters
    ----------
    number : `int`
        The ORA number, one of those that the rules use.
    offset : `int`
        Where in the statement, in characters from 0.
    name : `object`
        What the text names, if it names anything.
    """
    return OracleError(number, _TEXTS[number].format(name), offset=offset)
