"""Options of the other definitions: indexes, views, sequences, users."""

from __future__ import annotations

from oracle_standin.sql._patterns import STORAGE, patterns
from oracle_standin.sql._patterns_tables import IDENTITY

__all__ = [
    "ALTER_INDEX",
    "DATA_FILE",
    "DROP_OPTIONS",
    "INDEX",
    "MATERIALIZED",
    "SEQUENCE",
    "TABLESPACE",
    "USER",
]

SEQUENCE = {
    **IDENTITY,
    **patterns(
        """
        SHARD
        NOSHARD
        GLOBAL
        SESSION
        SHARING word
        RESTART
        RESTART START WITH number
        """
    ),
}
"""Of a sequence."""

INDEX = {
    **STORAGE,
    **patterns(
        """
        ONLINE
        REVERSE
        SORT
        NOSORT
        INVISIBLE
        VISIBLE
        UNUSABLE
        USABLE
        LOCAL
        LOCAL group
        GLOBAL
        GLOBAL PARTITION BY word group group
        INDEXTYPE IS name
        PARAMETERS group
        COMPUTE STATISTICS
        INDEXING FULL
        INDEXING PARTIAL
        """
    ),
}
"""Behind the columns of an index."""

ALTER_INDEX = {
    **STORAGE,
    **patterns(
        """
        REBUILD
        REBUILD PARTITION identifier
        ONLINE
        REVERSE
        NOREVERSE
        RENAME TO identifier
        INVISIBLE
        VISIBLE
        UNUSABLE
        ENABLE
        DISABLE
        COALESCE
        SHRINK SPACE
        MONITORING USAGE
        NOMONITORING USAGE
        """
    ),
}
"""What ALTER INDEX does."""

MATERIALIZED = {
    **STORAGE,
    **patterns(
        """
        BUILD IMMEDIATE
        BUILD DEFERRED
        REFRESH
        REFRESH FAST
        REFRESH COMPLETE
        REFRESH FORCE
        NEVER REFRESH
        FAST
        COMPLETE
        FORCE
        ON DEMAND
        ON COMMIT
        ON STATEMENT
        START WITH value
        NEXT value
        WITH PRIMARY KEY
        WITH ROWID
        USING INDEX
        USING NO INDEX
        FOR UPDATE
        ENABLE QUERY REWRITE
        DISABLE QUERY REWRITE
        ENABLE ON QUERY COMPUTATION
        DISABLE ON QUERY COMPUTATION
        ON PREBUILT TABLE
        """
    ),
}
"""Of a materialized view."""

USER = patterns(
    """
    IDENTIFIED BY identifier
    IDENTIFIED BY identifier REPLACE identifier
    IDENTIFIED BY VALUES string
    IDENTIFIED EXTERNALLY
    IDENTIFIED GLOBALLY
    NO AUTHENTICATION
    DEFAULT TABLESPACE identifier
    TEMPORARY TABLESPACE identifier
    LOCAL TEMPORARY TABLESPACE identifier
    QUOTA UNLIMITED ON identifier
    QUOTA number ON identifier
    PROFILE identifier
    PASSWORD EXPIRE
    ACCOUNT LOCK
    ACCOUNT UNLOCK
    ENABLE EDITIONS
    CONTAINER
    DEFAULT COLLATION identifier
    DEFAULT ROLE ALL
    DEFAULT ROLE NONE
    """
)
"""Of a user."""

DATA_FILE = patterns(
    """
    SIZE number
    REUSE
    AUTOEXTEND OFF
    AUTOEXTEND ON
    AUTOEXTEND ON NEXT number
    AUTOEXTEND ON MAXSIZE UNLIMITED
    AUTOEXTEND ON MAXSIZE number
    AUTOEXTEND ON NEXT number MAXSIZE UNLIMITED
    AUTOEXTEND ON NEXT number MAXSIZE number
    """
)
"""Of a data file."""

TABLESPACE = patterns(
    """
    BLOCKSIZE number
    LOGGING
    NOLOGGING
    FORCE LOGGING
    ONLINE
    OFFLINE
    EXTENT MANAGEMENT LOCAL
    EXTENT MANAGEMENT LOCAL AUTOALLOCATE
    EXTENT MANAGEMENT LOCAL UNIFORM
    EXTENT MANAGEMENT LOCAL UNIFORM SIZE number
    SEGMENT SPACE MANAGEMENT AUTO
    SEGMENT SPACE MANAGEMENT MANUAL
    FLASHBACK ON
    FLASHBACK OFF
    """
)
"""Of a tablespace, behind its files."""

DROP_OPTIONS = patterns(
    """
    CASCADE CONSTRAINTS
    CASCADE
    PURGE
    FORCE
    ONLINE
    VALIDATE
    PRESERVE TABLE
    INCLUDING CONTENTS
    INCLUDING CONTENTS AND DATAFILES
    INCLUDING CONTENTS AND DATAFILES CASCADE CONSTRAINTS
    INCLUDING CONTENTS KEEP DATAFILES
    INCLUDING CONTENTS KEEP DATAFILES CASCADE CONSTRAINTS
    INCLUDING CONTENTS CASCADE CONSTRAINTS
    """
)
"""Behind what is dropped; which belong to which, the grammar says."""
