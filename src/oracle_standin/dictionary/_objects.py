"""Views about objects of all kinds, sequences, synonyms, and kinds that the stand-in has none of."""

from __future__ import annotations

from oracle_standin.dictionary._spec import Family, visible

__all__ = ["FAMILIES"]

_OBJECTS = Family(
    name="OBJECTS",
    comment="objects",
    source="""STANDIN.D_OBJECTS O
        LEFT JOIN STANDIN.OBJECT_TIMES W ON W.OWNER = O.OWNER AND W.OBJECT_NAME = O.OBJECT_NAME
        CROSS JOIN STANDIN.INSTANCE N""",
    columns="""
        OWNER KEY = O.OWNER
        OBJECT_NAME KEY = O.OBJECT_NAME
        SUBOBJECT_NAME VARCHAR2(128)
        OBJECT_ID NUMBER = ORA_HASH(O.OBJECT_TYPE || O.OWNER || '.' || O.OBJECT_NAME)
        DATA_OBJECT_ID NUMBER = CASE WHEN O.OBJECT_TYPE IN ('TABLE', 'INDEX') \
THEN ORA_HASH(O.OBJECT_TYPE || O.OWNER || '.' || O.OBJECT_NAME) END
        OBJECT_TYPE KEY = O.OBJECT_TYPE
        CREATED DATE = COALESCE(W.CREATED, N.STARTUP_TIME)
        LAST_DDL_TIME DATE = COALESCE(W.LAST_DDL_TIME, N.STARTUP_TIME)
        TIMESTAMP VARCHAR2(19) = TO_CHAR(COALESCE(W.LAST_DDL_TIME, N.STARTUP_TIME), 'YYYY-MM-DD:HH24:MI:SS')
        STATUS VARCHAR2(7) = 'VALID'
        TEMPORARY KEY = O.TEMPORARY
        GENERATED VARCHAR2(1) = O.GENERATED
        SECONDARY VARCHAR2(1) = 'N'
        NAMESPACE NUMBER = O.NAMESPACE
        EDITION_NAME VARCHAR2(128)
        SHARING VARCHAR2(13) = 'NONE'
        EDITIONABLE VARCHAR2(1) = CASE WHEN O.OBJECT_TYPE IN ('VIEW', 'SYNONYM') THEN 'Y' END
        ORACLE_MAINTAINED VARCHAR2(1) = CASE O.OWNER WHEN 'SYS' THEN 'Y' ELSE 'N' END
        APPLICATION VARCHAR2(1) = 'N'
        DEFAULT_COLLATION VARCHAR2(100) = \
CASE WHEN O.OBJECT_TYPE IN ('TABLE', 'VIEW') THEN 'USING_NLS_COMP' END
        DUPLICATED,SHARDED VARCHAR2(1) = 'N'
        CREATED_APPID,CREATED_VSNID,MODIFIED_APPID,MODIFIED_VSNID NUMBER
        """,
    owner="O.OWNER",
    object="O.SEEN_WITH",
)

_SEQUENCES = Family(
    name="SEQUENCES",
    comment="sequences",
    source="STANDIN.D_SEQUENCES Q",
    # H2 counts in 64 bits; its largest and smallest numbers stand for Oracle's.
    columns="""
        SEQUENCE_OWNER KEY = Q.OWNER
        SEQUENCE_NAME KEY = Q.SEQUENCE_NAME
        MIN_VALUE NUMBER = CASE Q.MINIMUM_VALUE WHEN -9223372036854775808 \
THEN -999999999999999999999999999 ELSE Q.MINIMUM_VALUE END
        MAX_VALUE NUMBER = CASE Q.MAXIMUM_VALUE WHEN 9223372036854775807 \
THEN 9999999999999999999999999999 ELSE Q.MAXIMUM_VALUE END
        INCREMENT_BY NUMBER = Q.INCREMENT
        CYCLE_FLAG VARCHAR2(1) = Q.CYCLE_FLAG
        ORDER_FLAG VARCHAR2(1) = Q.ORDER_FLAG
        CACHE_SIZE NUMBER = Q.CACHE_SIZE
        LAST_NUMBER NUMBER = Q.LAST_NUMBER
        SCALE_FLAG,EXTEND_FLAG,SHARDED_FLAG,SESSION_FLAG,KEEP_VALUE VARCHAR2(1) = 'N'
        """,
    owner="Q.OWNER",
    object="Q.SEQUENCE_NAME",
    user_drops=("SEQUENCE_OWNER",),
)

_SYNONYMS = Family(
    name="SYNONYMS",
    comment="synonyms",
    source="STANDIN.SYNONYMS Y",
    columns="""
        OWNER KEY = Y.OWNER
        SYNONYM_NAME KEY = Y.SYNONYM_NAME
        TABLE_OWNER KEY = Y.TABLE_OWNER
        TABLE_NAME KEY = Y.TABLE_NAME
        DB_LINK VARCHAR2(128) = Y.DB_LINK
        ORIGIN_CON_ID VARCHAR2(256) = '3'
        """,
    owner="Y.OWNER",
    # A synonym is seen with what it stands for.
    all_where=f"(Y.OWNER = CURRENT_USER OR Y.OWNER = 'PUBLIC' OR {visible('Y.TABLE_OWNER', 'Y.TABLE_NAME')})",
)

_CATALOG = Family(
    name="CATALOG",
    comment="tables, views, synonyms and sequences",
    source="STANDIN.D_OBJECTS O",
    columns="""
        OWNER KEY = O.OWNER
        TABLE_NAME KEY = O.OBJECT_NAME
        TABLE_TYPE VARCHAR2(11) = O.OBJECT_TYPE
        """,
    owner="O.OWNER",
    object="O.OBJECT_NAME",
    where="O.OBJECT_TYPE IN ('TABLE', 'VIEW', 'SYNONYM', 'SEQUENCE')",
)

_LOBS = Family(
    name="LOBS",
    comment="large objects in tables",
    source="STANDIN.COLUMNS B JOIN STANDIN.D_TABLES T ON T.OWNER = B.OWNER AND T.TABLE_NAME = B.TABLE_NAME",
    columns="""
        OWNER KEY = B.OWNER
        TABLE_NAME KEY = B.TABLE_NAME
        COLUMN_NAME VARCHAR2(4000) = B.COLUMN_NAME
        SEGMENT_NAME VARCHAR2(128) = \
'SYS_LOB' || LPAD(ORA_HASH(B.OWNER || '.' || B.TABLE_NAME || '.' || B.COLUMN_NAME), 10, '0') || '$$'
        TABLESPACE_NAME VARCHAR2(30) = T.TABLESPACE_NAME
        INDEX_NAME VARCHAR2(128) = \
'SYS_IL' || LPAD(ORA_HASH(B.OWNER || '.' || B.TABLE_NAME || '.' || B.COLUMN_NAME), 10, '0') || '$$'
        CHUNK NUMBER = 8192
        PCTVERSION,RETENTION,FREEPOOLS NUMBER
        CACHE VARCHAR2(10) = 'NO'
        LOGGING VARCHAR2(7) = 'YES'
        ENCRYPT VARCHAR2(4) = 'NO'
        COMPRESSION VARCHAR2(6) = 'NO'
        DEDUPLICATION VARCHAR2(15) = 'NO'
        IN_ROW VARCHAR2(3) = 'YES'
        FORMAT VARCHAR2(15) = CASE B.DATA_TYPE WHEN 'BLOB' THEN 'NOT APPLICABLE' ELSE 'ENDIAN NEUTRAL' END
        PARTITIONED VARCHAR2(3) = 'NO'
        SECUREFILE VARCHAR2(3) = 'YES'
        SEGMENT_CREATED VARCHAR2(3) = T.SEGMENT_CREATED
        RETENTION_TYPE VARCHAR2(7) = 'DEFAULT'
        RETENTION_VALUE NUMBER
        """,
    owner="B.OWNER",
    object="B.TABLE_NAME",
    where="B.DATA_TYPE IN ('CLOB', 'NCLOB', 'BLOB')",
)


def _none(name: str, comment: str, columns: str, *drops: str) -> Family:
    """Return views of what the stand-in has none of."""
    return Family(
        name=name,
        comment=comment,
        source="DUAL",
        columns=columns,
        where="1 = 0",
        all_where="TRUE",
        user_where="TRUE",
        user_drops=drops or ("OWNER",),
    )


_EMPTY = (
    _none(
        "DB_LINKS",
        "database links",
        """
        OWNER,DB_LINK,USERNAME VARCHAR2(128)
        HOST VARCHAR2(2000)
        CREATED DATE
        HIDDEN,SHARD_INTERNAL,VALID,INTRA_CDB VARCHAR2(3)
        """,
    ),
    _none(
        "TRIGGERS",
        "triggers",
        """
        OWNER,TRIGGER_NAME VARCHAR2(128)
        TRIGGER_TYPE VARCHAR2(16)
        TRIGGERING_EVENT VARCHAR2(246)
        TABLE_OWNER VARCHAR2(128)
        BASE_OBJECT_TYPE VARCHAR2(18)
        TABLE_NAME VARCHAR2(128)
        COLUMN_NAME VARCHAR2(4000)
        REFERENCING_NAMES VARCHAR2(422)
        WHEN_CLAUSE VARCHAR2(4000)
        STATUS VARCHAR2(8)
        DESCRIPTION VARCHAR2(4000)
        ACTION_TYPE VARCHAR2(11)
        TRIGGER_BODY LONG
        CROSSEDITION VARCHAR2(7)
        BEFORE_STATEMENT,BEFORE_ROW,AFTER_ROW,AFTER_STATEMENT,INSTEAD_OF_ROW VARCHAR2(3)
        FIRE_ONCE VARCHAR2(3)
        APPLY_SERVER_ONLY VARCHAR2(3)
        """,
    ),
    _none(
        "PROCEDURES",
        "procedures, functions and packages",
        """
        OWNER,OBJECT_NAME,PROCEDURE_NAME VARCHAR2(128)
        OBJECT_ID,SUBPROGRAM_ID NUMBER
        OVERLOAD VARCHAR2(40)
        OBJECT_TYPE VARCHAR2(13)
        AGGREGATE,PIPELINED VARCHAR2(3)
        IMPLTYPEOWNER,IMPLTYPENAME VARCHAR2(128)
        PARALLEL,INTERFACE,DETERMINISTIC VARCHAR2(3)
        AUTHID VARCHAR2(12)
        RESULT_CACHE VARCHAR2(3)
        ORIGIN_CON_ID NUMBER
        POLYMORPHIC VARCHAR2(5)
        """,
    ),
    _none(
        "ARGUMENTS",
        "arguments of procedures and functions",
        """
        OWNER,OBJECT_NAME,PACKAGE_NAME VARCHAR2(128)
        OBJECT_ID NUMBER
        OVERLOAD VARCHAR2(40)
        SUBPROGRAM_ID NUMBER
        ARGUMENT_NAME VARCHAR2(128)
        POSITION,SEQUENCE,DATA_LEVEL NUMBER
        DATA_TYPE VARCHAR2(30)
        DEFAULTED VARCHAR2(1)
        DEFAULT_VALUE LONG
        DEFAULT_LENGTH NUMBER
        IN_OUT VARCHAR2(9)
        DATA_LENGTH,DATA_PRECISION,DATA_SCALE,RADIX NUMBER
        CHARACTER_SET_NAME VARCHAR2(44)
        TYPE_OWNER,TYPE_NAME,TYPE_SUBNAME,TYPE_LINK VARCHAR2(128)
        TYPE_OBJECT_TYPE VARCHAR2(7)
        PLS_TYPE VARCHAR2(128)
        CHAR_LENGTH NUMBER
        CHAR_USED VARCHAR2(1)
        ORIGIN_CON_ID NUMBER
        """,
    ),
    _none(
        "SOURCE",
        "source text of stored objects",
        """
        OWNER,NAME VARCHAR2(128)
        TYPE VARCHAR2(12)
        LINE NUMBER
        TEXT VARCHAR2(4000)
        ORIGIN_CON_ID NUMBER
        """,
    ),
    _none(
        "ERRORS",
        "errors of stored objects",
        """
        OWNER,NAME VARCHAR2(128)
        TYPE VARCHAR2(12)
        SEQUENCE,LINE,POSITION NUMBER
        TEXT VARCHAR2(4000)
        ATTRIBUTE VARCHAR2(9)
        MESSAGE_NUMBER NUMBER
        """,
    ),
    _none(
        "TYPES",
        "types",
        """
        OWNER,TYPE_NAME VARCHAR2(128)
        TYPE_OID RAW(16)
        TYPECODE VARCHAR2(128)
        ATTRIBUTES,METHODS NUMBER
        PREDEFINED,INCOMPLETE,FINAL,INSTANTIABLE,PERSISTABLE VARCHAR2(3)
        SUPERTYPE_OWNER,SUPERTYPE_NAME VARCHAR2(128)
        LOCAL_ATTRIBUTES,LOCAL_METHODS NUMBER
        TYPEID RAW(16)
        """,
    ),
    _none(
        "DEPENDENCIES",
        "dependencies between objects",
        """
        OWNER,NAME VARCHAR2(128)
        TYPE VARCHAR2(19)
        REFERENCED_OWNER,REFERENCED_NAME VARCHAR2(128)
        REFERENCED_TYPE VARCHAR2(19)
        REFERENCED_LINK_NAME VARCHAR2(128)
        DEPENDENCY_TYPE VARCHAR2(4)
        """,
    ),
    _none(
        "PART_TABLES",
        "partitioned tables",
        """
        OWNER,TABLE_NAME VARCHAR2(128)
        PARTITIONING_TYPE,SUBPARTITIONING_TYPE VARCHAR2(9)
        PARTITION_COUNT,DEF_SUBPARTITION_COUNT,PARTITIONING_KEY_COUNT,SUBPARTITIONING_KEY_COUNT NUMBER
        STATUS VARCHAR2(8)
        DEF_TABLESPACE_NAME VARCHAR2(30)
        REF_PTN_CONSTRAINT_NAME VARCHAR2(128)
        INTERVAL VARCHAR2(1000)
        """,
    ),
    _none(
        "TAB_PARTITIONS",
        "partitions of tables",
        """
        TABLE_OWNER,TABLE_NAME VARCHAR2(128)
        COMPOSITE VARCHAR2(3)
        PARTITION_NAME VARCHAR2(128)
        SUBPARTITION_COUNT NUMBER
        HIGH_VALUE LONG
        HIGH_VALUE_LENGTH,PARTITION_POSITION NUMBER
        TABLESPACE_NAME VARCHAR2(30)
        NUM_ROWS,BLOCKS NUMBER
        LAST_ANALYZED DATE
        """,
        "TABLE_OWNER",
    ),
    _none(
        "PART_KEY_COLUMNS",
        "partitioning columns",
        """
        OWNER,NAME VARCHAR2(128)
        OBJECT_TYPE CHAR(5)
        COLUMN_NAME VARCHAR2(4000)
        COLUMN_POSITION,COLLATED_COLUMN_ID NUMBER
        """,
    ),
    _none(
        "PART_INDEXES",
        "partitioned indexes",
        """
        OWNER,INDEX_NAME,TABLE_NAME VARCHAR2(128)
        PARTITIONING_TYPE,SUBPARTITIONING_TYPE VARCHAR2(9)
        PARTITION_COUNT NUMBER
        LOCALITY VARCHAR2(6)
        ALIGNMENT VARCHAR2(12)
        """,
    ),
    _none(
        "IND_PARTITIONS",
        "partitions of indexes",
        """
        INDEX_OWNER,INDEX_NAME VARCHAR2(128)
        COMPOSITE VARCHAR2(3)
        PARTITION_NAME VARCHAR2(128)
        HIGH_VALUE LONG
        PARTITION_POSITION NUMBER
        STATUS VARCHAR2(8)
        TABLESPACE_NAME VARCHAR2(30)
        """,
        "INDEX_OWNER",
    ),
    _none(
        "EXTERNAL_TABLES",
        "external tables",
        """
        OWNER,TABLE_NAME,TYPE_OWNER,TYPE_NAME VARCHAR2(128)
        DEFAULT_DIRECTORY_OWNER,DEFAULT_DIRECTORY_NAME VARCHAR2(128)
        """,
    ),
    _none(
        "MVIEW_LOGS",
        "logs of materialized views",
        """
        LOG_OWNER,MASTER,LOG_TABLE,LOG_TRIGGER VARCHAR2(128)
        ROWIDS,PRIMARY_KEY,OBJECT_ID,FILTER_COLUMNS,SEQUENCE,INCLUDE_NEW_VALUES VARCHAR2(3)
        """,
        "",
    ),
)

FAMILIES = (_OBJECTS, _SEQUENCES, _SYNONYMS, _CATALOG, _LOBS, *_EMPTY)
"""The families of this module."""
