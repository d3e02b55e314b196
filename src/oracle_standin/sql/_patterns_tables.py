"""Options of tables, their columns and constraints."""

from __future__ import annotations

from oracle_standin.sql._patterns import STORAGE, patterns

__all__ = ["ALTER_TABLE", "IDENTITY", "STATE", "TABLE"]

STATE = patterns(
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

TABLE = {
    **STORAGE,
    **patterns(
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
    **patterns(
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

IDENTITY = patterns(
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
