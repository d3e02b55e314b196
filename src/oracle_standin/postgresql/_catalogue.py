"""Views for the bookkeeping over PostgreSQL's own catalogue.

They have the columns of H2's ``INFORMATION_SCHEMA`` that the dictionary reads.
PostgreSQL's own ``information_schema`` is slow and has its names.
"""

# ruff: noqa: S608  (the SQL is made of what stands here alone)
from __future__ import annotations

from oracle_standin.postgresql._inner import CATALOGUE
from oracle_standin.postgresql._names import LOWER_TO_UPPER

__all__ = ["catalogue_statements"]


def _name(column: str) -> str:
    """Return SQL for Oracle's name of what PostgreSQL calls so."""
    # The catalogue's names have the collation "C", and no index of a column
    # of the default collation serves a comparison with them.
    text = f'({column}::text COLLATE "default")'
    swapped = f"translate({text}, '{LOWER_TO_UPPER[0]}', '{LOWER_TO_UPPER[1]}')"
    found = f"(SELECT l.name FROM standin.long_names l WHERE l.short = {text})"
    # Of the type that the bookkeeping has: a condition goes into the parts of
    # a UNION only if all have one type.
    return f"coalesce({found}, {swapped})::varchar"


_USERS = "n.nspname NOT IN ('standin', 'catalogue', 'information_schema') AND n.nspname !~ '^pg_'"


def catalogue_statements() -> list[str]:
    """Return the statements that make the views."""
    views = {
        "tables": f"""SELECT {_name("n.nspname")} table_schema, {_name("c.relname")} table_name
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind IN ('r', 'v') AND n.nspname <> 'sys' AND {_USERS}""",
        "columns": _COLUMNS,
        "table_constraints": f"""SELECT {_name("n.nspname")} constraint_schema, {_name("k.conname")}
                constraint_name,
                {_name("n.nspname")} table_schema, {_name("c.relname")} table_name,
                CASE k.contype WHEN 'p' THEN 'PRIMARY KEY' WHEN 'u' THEN 'UNIQUE' WHEN 'f' THEN 'FOREIGN KEY'
                    ELSE 'CHECK' END constraint_type
            FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
            JOIN pg_namespace n ON n.oid = c.relnamespace WHERE {_USERS}""",
        "key_column_usage": f"""SELECT {_name("n.nspname")} constraint_schema, {_name("n.nspname")}
                table_schema, {_name("c.relname")} table_name, {_name("k.conname")} constraint_name,
                {_name("a.attname")} column_name, u.i::int ordinal_position,
                CASE WHEN k.contype = 'f' THEN array_position(p.conkey, k.confkey[u.i]) END
                    position_in_unique_constraint
            FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
            JOIN pg_namespace n ON n.oid = c.relnamespace
            CROSS JOIN LATERAL unnest(k.conkey) WITH ORDINALITY u(number, i)
            JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = u.number
            LEFT JOIN pg_constraint p ON k.contype = 'f' AND p.conindid = k.conindid
                AND p.contype IN ('p', 'u')
            WHERE k.contype IN ('p', 'u', 'f') AND {_USERS}""",
        "referential_constraints": f"""SELECT {_name("n.nspname")} constraint_schema, {_name("k.conname")}
                constraint_name, {_name("pn.nspname")} unique_constraint_schema,
                {_name("p.conname")} unique_constraint_name,
                CASE k.confdeltype WHEN 'c' THEN 'CASCADE' WHEN 'n' THEN 'SET NULL' ELSE 'NO ACTION' END
                    delete_rule
            FROM pg_constraint k JOIN pg_namespace n ON n.oid = k.connamespace
            JOIN pg_constraint p ON p.conindid = k.conindid AND p.contype IN ('p', 'u')
            JOIN pg_namespace pn ON pn.oid = p.connamespace
            WHERE k.contype = 'f' AND {_USERS}""",
        "sequences": f"""SELECT {_name("n.nspname")} sequence_schema, {_name("c.relname")} sequence_name,
                s.seqmin minimum_value, s.seqmax maximum_value, s.seqincrement increment,
                CASE WHEN s.seqcycle THEN 'YES' ELSE 'NO' END cycle_option, s.seqcache cache,
                coalesce(pg_sequence_last_value(c.oid) + s.seqincrement, s.seqstart) base_value
            FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid
            JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE {_USERS} AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid
                AND d.classid = 'pg_class'::regclass AND d.deptype IN ('i', 'a'))""",
        "sessions": """SELECT a.pid session_id,
                CASE a.state WHEN 'active' THEN 'RUNNING' ELSE 'SLEEP' END session_state,
                a.backend_xid IS NOT NULL contains_uncommitted,
                CASE WHEN a.wait_event_type = 'Lock' THEN (pg_blocking_pids(a.pid))[1] END blocker_id
            FROM pg_stat_activity a WHERE a.datname = current_database()""",
    }
    return [
        f"CREATE SCHEMA {CATALOGUE}",
        "CREATE TABLE standin.long_names (short text PRIMARY KEY, name text NOT NULL)",
        *(f"CREATE VIEW {CATALOGUE}.{name} AS {query}" for name, query in views.items()),
    ]


_COLUMNS = f"""SELECT {_name("n.nspname")} table_schema, {_name("c.relname")} table_name,
    {_name("a.attname")} column_name,
    CASE t.typname WHEN 'text' THEN CASE c.relkind WHEN 'v' THEN 'CHARACTER VARYING'
            ELSE 'CHARACTER LARGE OBJECT' END
        WHEN 'varchar' THEN 'CHARACTER VARYING' WHEN 'bpchar' THEN 'CHARACTER'
        WHEN 'name' THEN 'CHARACTER VARYING' WHEN 'unknown' THEN 'CHARACTER VARYING'
        WHEN 'bytea' THEN 'BINARY VARYING' WHEN 'float8' THEN 'DOUBLE PRECISION' WHEN 'float4' THEN 'REAL'
        WHEN 'timestamp' THEN 'TIMESTAMP' WHEN 'timestamptz' THEN 'TIMESTAMP WITH TIME ZONE'
        WHEN 'interval' THEN 'INTERVAL' WHEN 'bool' THEN 'BOOLEAN' WHEN 'json' THEN 'JSON'
        WHEN 'jsonb' THEN 'JSON'
        WHEN 'numeric' THEN CASE WHEN a.atttypmod < 0 THEN 'DECFLOAT' ELSE 'NUMERIC' END
        ELSE 'BIGINT' END data_type,
    CASE WHEN t.typname IN ('varchar', 'bpchar') AND a.atttypmod > 4 THEN a.atttypmod - 4
        WHEN t.typname IN ('varchar', 'text', 'name', 'bytea') THEN 4000 END character_maximum_length,
    CASE WHEN t.typname IN ('timestamp', 'timestamptz') THEN
            CASE WHEN a.atttypmod < 0 THEN 6 ELSE a.atttypmod END
        WHEN t.typname = 'interval' THEN 6 END datetime_precision,
    CASE WHEN t.typname = 'interval' THEN CASE WHEN a.atttypmod >= 0 AND (a.atttypmod >> 16) & 32767 = 6
        THEN 'YEAR TO MONTH' ELSE 'DAY TO SECOND' END END interval_type,
    CASE WHEN t.typname = 'interval' THEN 2 END interval_precision,
    CASE WHEN t.typname = 'numeric' AND a.atttypmod >= 0 THEN ((a.atttypmod - 4) >> 16) & 65535 END
        numeric_precision,
    CASE WHEN t.typname = 'numeric' AND a.atttypmod >= 0 THEN (a.atttypmod - 4) & 2047 END numeric_scale,
    CASE WHEN a.attnotnull THEN 'NO' ELSE 'YES' END is_nullable,
    (SELECT count(*) FROM pg_attribute o WHERE o.attrelid = c.oid AND o.attnum BETWEEN 1 AND a.attnum
        AND NOT o.attisdropped)::int ordinal_position,
    TRUE is_visible, NULL::text generation_expression, NULL::text column_default,
    CASE a.attgenerated WHEN 's' THEN 'ALWAYS' ELSE 'NEVER' END is_generated,
    CASE WHEN s.seqrelid IS NULL THEN 'NO' ELSE 'YES' END is_identity,
    s.seqmin identity_minimum, s.seqmax identity_maximum, s.seqincrement identity_increment,
    CASE WHEN s.seqcycle THEN 'YES' ELSE 'NO' END identity_cycle, s.seqcache identity_cache,
    coalesce(pg_sequence_last_value(s.seqrelid) + s.seqincrement, s.seqstart) identity_base
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_depend d ON a.atthasdef AND d.refobjid = c.oid AND d.refobjsubid = a.attnum
    AND d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.deptype = 'a'
    AND d.objid IN (SELECT seqrelid FROM pg_sequence)
LEFT JOIN pg_sequence s ON s.seqrelid = d.objid
WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'v') AND {_USERS}"""
