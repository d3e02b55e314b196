"""The options that commands and definitions may have, as patterns.

A pattern is words as they stand in a statement; in lower case what stands for
something else: ``name`` (with points), ``identifier``, ``number`` (with K, M
or G behind it), ``value``, ``string``, ``names`` (a list in parentheses),
``group`` (anything in parentheses) and ``word``.
"""

from __future__ import annotations

__all__ = [
    "ALTER_INDEX",
    "ALTER_SESSION",
    "ALTER_SYSTEM",
    "ALTER_TABLE",
    "ANALYZED",
    "COMMIT",
    "DROP_OPTIONS",
    "IDENTITY",
    "INDEX",
    "MATERIALIZED",
    "SEQUENCE",
    "SET_TRANSACTION",
    "STATE",
    "STORAGE",
    "TABLE",
    "USER",
    "Patterns",
]

Patterns = dict[str, tuple[tuple[str, ...], ...]]
"""Patterns by their first word, longer ones before shorter ones."""


def _patterns(text: str) -> Patterns:
    lines = sorted((tuple(line.split()) for line in text.splitlines() if line.split()), key=len, reverse=True)
    return {line[0]: tuple(other for other in lines if other[0] == line[0]) for line in lines}


STATE = _patterns(
    """
    NOT DEFERRABLE
    DEFERRABLE
    INITIALLY IMMEDIATE
    INITIALLY DEFERRED
    RELY
    NORELY
    ENABLE
    DISABLE
    VALIDATE
    NOVALIDATE
    EXCEPTIONS INTO name
    PRECHECK
    NOPRECHECK
    USING INDEX
    USING INDEX name
    USING INDEX group
    USING INDEX TABLESPACE name
    """
)
"""Of a constraint."""

STORAGE = _patterns(
    """
    TABLESPACE name
    PCTFREE number
    PCTUSED number
    INITRANS number
    MAXTRANS number
    STORAGE group
    LOGGING
    NOLOGGING
    COMPRESS
    COMPRESS number
    COMPRESS BASIC
    COMPRESS ADVANCED
    COMPRESS ADVANCED word
    COMPRESS FOR OLTP
    COMPRESS FOR ALL OPERATIONS
    COMPRESS FOR DIRECT_LOAD OPERATIONS
    COMPRESS FOR QUERY
    COMPRESS FOR QUERY word
    COMPRESS FOR ARCHIVE
    COMPRESS FOR ARCHIVE word
    ROW STORE COMPRESS
    ROW STORE COMPRESS BASIC
    ROW STORE COMPRESS ADVANCED
    COLUMN STORE COMPRESS
    COLUMN STORE COMPRESS FOR QUERY
    COLUMN STORE COMPRESS FOR QUERY word
    COLUMN STORE COMPRESS FOR ARCHIVE
    COLUMN STORE COMPRESS FOR ARCHIVE word
    NOCOMPRESS
    CACHE
    NOCACHE
    PARALLEL
    PARALLEL number
    NOPARALLEL
    MONITORING
    NOMONITORING
    """
)
"""Where and how something is stored."""

TABLE = {
    **STORAGE,
    **_patterns(
        """
        ENABLE ROW MOVEMENT
        DISABLE ROW MOVEMENT
        SEGMENT CREATION IMMEDIATE
        SEGMENT CREATION DEFERRED
        ORGANIZATION HEAP
        ORGANIZATION INDEX
        ORGANIZATION EXTERNAL group
        OVERFLOW
        INCLUDING identifier
        PCTTHRESHOLD number
        MAPPING TABLE
        NOMAPPING
        ROWDEPENDENCIES
        NOROWDEPENDENCIES
        RESULT_CACHE group
        READ ONLY
        READ WRITE
        INMEMORY
        NO INMEMORY
        INDEXING ON
        INDEXING OFF
        DEFAULT COLLATION identifier
        FLASHBACK ARCHIVE
        FLASHBACK ARCHIVE identifier
        NO FLASHBACK ARCHIVE
        MEMOPTIMIZE FOR READ
        CLUSTER name names
        LOB names STORE AS
        LOB names STORE AS SECUREFILE
        LOB names STORE AS BASICFILE
        LOB names STORE AS group
        LOB names STORE AS SECUREFILE group
        LOB names STORE AS BASICFILE group
        LOB names STORE AS SECUREFILE identifier
        LOB names STORE AS SECUREFILE identifier group
        NESTED TABLE identifier STORE AS identifier
        VARRAY identifier STORE AS LOB identifier
        PARTITION BY word group
        PARTITION BY word group group
        PARTITION BY word group INTERVAL group group
        PARTITION BY word group PARTITIONS number
        PARTITION BY word group PARTITIONS number STORE IN group
        PARTITION BY word group SUBPARTITION BY word group group
        PARTITION BY word group SUBPARTITION BY word group SUBPARTITIONS number group
        PARTITION BY word group INTERVAL group SUBPARTITION BY word group group
        ON COMMIT DELETE ROWS
        ON COMMIT PRESERVE ROWS
        ON COMMIT DROP DEFINITION
        ON COMMIT PRESERVE DEFINITION
        ANNOTATIONS group
        """
    ),
}
"""Behind the columns of a table."""

ALTER_TABLE = {
    **STORAGE,
    **_patterns(
        """
        DROP PRIMARY KEY
        DROP PRIMARY KEY CASCADE
        DROP PRIMARY KEY CASCADE DROP INDEX
        DROP PRIMARY KEY DROP INDEX
        DROP PRIMARY KEY KEEP INDEX
        DROP UNIQUE names
        DROP UNIQUE names CASCADE
        DROP UNIQUE names CASCADE DROP INDEX
        DROP UNIQUE names DROP INDEX
        DROP UNIQUE names KEEP INDEX
        DROP CONSTRAINT identifier
        DROP CONSTRAINT identifier CASCADE
        DROP CONSTRAINT identifier CASCADE DROP INDEX
        DROP CONSTRAINT identifier DROP INDEX
        DROP CONSTRAINT identifier KEEP INDEX
        DROP COLUMN identifier
        DROP COLUMN identifier CASCADE CONSTRAINTS
        DROP COLUMN identifier CASCADE CONSTRAINTS INVALIDATE
        DROP COLUMN identifier INVALIDATE
        DROP names
        DROP names CASCADE CONSTRAINTS
        DROP UNUSED COLUMNS
        DROP UNUSED COLUMNS CHECKPOINT number
        DROP PARTITION identifier
        DROP PARTITION identifier UPDATE GLOBAL INDEXES
        DROP PARTITION identifier UPDATE INDEXES
        DROP SUBPARTITION identifier
        SET UNUSED names
        SET UNUSED names CASCADE CONSTRAINTS
        SET UNUSED COLUMN identifier
        SET UNUSED COLUMN identifier CASCADE CONSTRAINTS
        RENAME TO identifier
        RENAME COLUMN identifier TO identifier
        RENAME CONSTRAINT identifier TO identifier
        RENAME PARTITION identifier TO identifier
        ENABLE ROW MOVEMENT
        DISABLE ROW MOVEMENT
        ENABLE TABLE LOCK
        DISABLE TABLE LOCK
        ENABLE ALL TRIGGERS
        DISABLE ALL TRIGGERS
        ENABLE PRIMARY KEY
        DISABLE PRIMARY KEY
        DISABLE PRIMARY KEY CASCADE
        ENABLE UNIQUE names
        DISABLE UNIQUE names
        DISABLE UNIQUE names CASCADE
        ENABLE CONSTRAINT identifier
        ENABLE VALIDATE CONSTRAINT identifier
        ENABLE NOVALIDATE CONSTRAINT identifier
        DISABLE CONSTRAINT identifier
        DISABLE CONSTRAINT identifier CASCADE
        DISABLE VALIDATE CONSTRAINT identifier
        DISABLE NOVALIDATE CONSTRAINT identifier
        MODIFY PRIMARY KEY
        READ ONLY
        READ WRITE
        SHRINK SPACE
        SHRINK SPACE COMPACT
        SHRINK SPACE CASCADE
        DEALLOCATE UNUSED
        ALLOCATE EXTENT
        MOVE
        MOVE ONLINE
        MOVE LOB names STORE AS group
        TRUNCATE PARTITION identifier
        TRUNCATE PARTITION identifier UPDATE INDEXES
        """
    ),
}
"""What ALTER TABLE does, besides adding and modifying."""

IDENTITY = _patterns(
    """
    START WITH number
    START WITH LIMIT VALUE
    INCREMENT BY number
    MINVALUE number
    NOMINVALUE
    MAXVALUE number
    NOMAXVALUE
    CACHE number
    NOCACHE
    CYCLE
    NOCYCLE
    ORDER
    NOORDER
    KEEP
    NOKEEP
    SCALE
    SCALE EXTEND
    SCALE NOEXTEND
    NOSCALE
    """
)
"""Of an identity column."""

SEQUENCE = {
    **IDENTITY,
    **_patterns(
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
    **_patterns(
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
    **_patterns(
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
    **_patterns(
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

USER = _patterns(
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

DROP_OPTIONS = _patterns(
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
    INCLUDING CONTENTS CASCADE CONSTRAINTS
    """
)
"""Behind what is dropped; which belong to which, the grammar says."""

SET_TRANSACTION = _patterns(
    """
    READ ONLY
    READ WRITE
    ISOLATION LEVEL SERIALIZABLE
    ISOLATION LEVEL READ COMMITTED
    USE ROLLBACK SEGMENT identifier
    NAME string
    """
)
"""Behind SET TRANSACTION."""

COMMIT = _patterns(
    """
    WORK
    COMMENT string
    WRITE
    IMMEDIATE
    BATCH
    WAIT
    NOWAIT
    FORCE string
    FORCE string number
    """
)
"""Behind COMMIT."""

ALTER_SESSION = _patterns(
    """
    ENABLE PARALLEL DML
    ENABLE PARALLEL DDL
    ENABLE PARALLEL QUERY
    DISABLE PARALLEL DML
    DISABLE PARALLEL DDL
    DISABLE PARALLEL QUERY
    FORCE PARALLEL DML
    FORCE PARALLEL DDL
    FORCE PARALLEL QUERY
    PARALLEL number
    ENABLE RESUMABLE
    DISABLE RESUMABLE
    ENABLE COMMIT IN PROCEDURE
    DISABLE COMMIT IN PROCEDURE
    ENABLE GUARD
    DISABLE GUARD
    ADVISE COMMIT
    ADVISE ROLLBACK
    ADVISE NOTHING
    CLOSE DATABASE LINK name
    """
)
"""Behind ALTER SESSION, besides SET."""

ALTER_SYSTEM = _patterns(
    """
    KILL SESSION string
    KILL SESSION string IMMEDIATE
    DISCONNECT SESSION string IMMEDIATE
    DISCONNECT SESSION string POST_TRANSACTION
    FLUSH SHARED_POOL
    FLUSH BUFFER_CACHE
    FLUSH GLOBAL CONTEXT
    CHECKPOINT
    CHECKPOINT GLOBAL
    CHECKPOINT LOCAL
    SWITCH LOGFILE
    ARCHIVE LOG CURRENT
    REGISTER
    ENABLE RESTRICTED SESSION
    DISABLE RESTRICTED SESSION
    """
)
"""Behind ALTER SYSTEM, besides SET."""

ANALYZED = _patterns(
    """
    TABLE name
    INDEX name
    CLUSTER name
    COMPUTE STATISTICS
    ESTIMATE STATISTICS
    ESTIMATE STATISTICS SAMPLE number PERCENT
    ESTIMATE STATISTICS SAMPLE number ROWS
    DELETE STATISTICS
    VALIDATE STRUCTURE
    VALIDATE STRUCTURE CASCADE
    LIST CHAINED ROWS
    """
)
"""Behind ANALYZE."""
