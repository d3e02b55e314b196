"""Views about users, roles, privileges, tablespaces and their use."""

from __future__ import annotations

from oracle_standin.dictionary._spec import Family, Fixed

__all__ = ["FAMILIES", "FIXED"]

_MINE = "IN (SELECT E.GRANTEE FROM STANDIN.GRANTEES E WHERE E.USERNAME = CURRENT_USER)"

_USER = """
    USERNAME KEY = U.USERNAME
    USER_ID NUMBER = U.USER_ID
"""
_USER_COMMON = """
    COMMON VARCHAR2(3) = CASE WHEN U.USERNAME IN ('SYS', 'SYSTEM') THEN 'YES' ELSE 'NO' END
    ORACLE_MAINTAINED VARCHAR2(1) = CASE WHEN U.USERNAME IN ('SYS', 'SYSTEM') THEN 'Y' ELSE 'N' END
    INHERITED VARCHAR2(3) = CASE WHEN U.USERNAME IN ('SYS', 'SYSTEM') THEN 'YES' ELSE 'NO' END
    DEFAULT_COLLATION VARCHAR2(100) = 'USING_NLS_COMP'
    IMPLICIT,ALL_SHARD VARCHAR2(3) = 'NO'
"""
_USER_STATUS = """
    ACCOUNT_STATUS VARCHAR2(32) = U.ACCOUNT_STATUS
    LOCK_DATE DATE = CASE WHEN U.ACCOUNT_STATUS LIKE '%LOCKED' THEN U.CREATED END
    EXPIRY_DATE DATE = CASE WHEN U.ACCOUNT_STATUS LIKE 'EXPIRED%' THEN U.CREATED END
    DEFAULT_TABLESPACE VARCHAR2(30) = U.DEFAULT_TABLESPACE
    TEMPORARY_TABLESPACE,LOCAL_TEMP_TABLESPACE VARCHAR2(30) = U.TEMPORARY_TABLESPACE
    CREATED DATE = U.CREATED
"""

_TAB_PRIV = """
    GRANTABLE VARCHAR2(3) = G.GRANTABLE
    HIERARCHY,COMMON VARCHAR2(3) = 'NO'
    TYPE VARCHAR2(24) = G.TYPE
    INHERITED VARCHAR2(3) = 'NO'
"""
_TAB_PRIVS = (
    """
    GRANTEE KEY = G.GRANTEE
    OWNER KEY = G.OWNER
    TABLE_NAME KEY = G.OBJECT_NAME
    GRANTOR KEY = G.GRANTOR
    PRIVILEGE VARCHAR2(40) = G.PRIVILEGE
    """
    + _TAB_PRIV
)

_SYS_PRIV = """
    PRIVILEGE VARCHAR2(40) = G.PRIVILEGE
    ADMIN_OPTION VARCHAR2(3) = G.ADMIN_OPTION
    COMMON,INHERITED VARCHAR2(3) = 'NO'
"""
_ROLE_PRIV = """
    GRANTED_ROLE KEY = G.GRANTED_ROLE
    ADMIN_OPTION VARCHAR2(3) = G.ADMIN_OPTION
    DELEGATE_OPTION VARCHAR2(3) = 'NO'
    DEFAULT_ROLE VARCHAR2(3) = 'YES'
"""
_COMMON = """
    COMMON,INHERITED VARCHAR2(3) = 'NO'
"""

_QUOTA = """
    BYTES NUMBER = (SELECT COALESCE(SUM(S.BYTES), 0) FROM STANDIN.SEGMENTS S \
WHERE S.OWNER = Q.USERNAME AND S.TABLESPACE_NAME = Q.TABLESPACE_NAME)
    MAX_BYTES NUMBER = Q.MAX_BYTES
    BLOCKS NUMBER = (SELECT COALESCE(SUM(S.BYTES), 0) / 8192 FROM STANDIN.SEGMENTS S \
WHERE S.OWNER = Q.USERNAME AND S.TABLESPACE_NAME = Q.TABLESPACE_NAME)
    MAX_BLOCKS NUMBER = CASE WHEN Q.MAX_BYTES < 0 THEN -1 ELSE Q.MAX_BYTES / 8192 END
    DROPPED VARCHAR2(3) = CASE WHEN EXISTS (SELECT 1 FROM STANDIN.TABLESPACES S \
WHERE S.TABLESPACE_NAME = Q.TABLESPACE_NAME) THEN 'NO' ELSE 'YES' END
"""

FIXED = (
    Fixed(
        name="ALL_USERS",
        comment="Information about all users of the database",
        public=True,
        source="STANDIN.USERS U",
        columns=_USER + "CREATED DATE = U.CREATED" + _USER_COMMON + "EXTERNAL_SHARD VARCHAR2(3) = 'NO'",
    ),
    Fixed(
        name="DBA_USERS",
        comment="Information about all users of the database",
        source="STANDIN.USERS U",
        columns=_USER
        + "PASSWORD VARCHAR2(4000)"
        + _USER_STATUS
        + """
        PROFILE VARCHAR2(128) = 'DEFAULT'
        INITIAL_RSRC_CONSUMER_GROUP VARCHAR2(128) = 'DEFAULT_CONSUMER_GROUP'
        EXTERNAL_NAME VARCHAR2(4000)
        PASSWORD_VERSIONS VARCHAR2(17) = CASE WHEN U.PASSWORD IS NOT NULL THEN '12C' END
        EDITIONS_ENABLED VARCHAR2(1) = 'N'
        AUTHENTICATION_TYPE VARCHAR2(8) = CASE WHEN U.PASSWORD IS NULL THEN 'NONE' ELSE 'PASSWORD' END
        PROXY_ONLY_CONNECT VARCHAR2(1) = 'N'
        LAST_LOGIN TIMESTAMP
        """
        + _USER_COMMON
        + "PASSWORD_CHANGE_DATE DATE = U.CREATED",
    ),
    Fixed(
        name="USER_USERS",
        comment="Information about the current user",
        public=True,
        source="STANDIN.USERS U",
        where="U.USERNAME = CURRENT_USER",
        columns=_USER
        + _USER_STATUS
        + """
        INITIAL_RSRC_CONSUMER_GROUP VARCHAR2(128) = 'DEFAULT_CONSUMER_GROUP'
        EXTERNAL_NAME VARCHAR2(4000)
        PROXY_ONLY_CONNECT VARCHAR2(1) = 'N'
        """
        + _USER_COMMON,
    ),
    Fixed(
        name="DBA_ROLES",
        comment="All roles of the database",
        source="STANDIN.ROLES R",
        columns="""
        ROLE KEY = R.ROLE
        ROLE_ID NUMBER = R.ROLE_ID
        PASSWORD_REQUIRED VARCHAR2(8) = 'NO'
        AUTHENTICATION_TYPE VARCHAR2(11) = 'NONE'
        COMMON VARCHAR2(3) = CASE R.ORACLE_MAINTAINED WHEN 'Y' THEN 'YES' ELSE 'NO' END
        ORACLE_MAINTAINED VARCHAR2(1) = R.ORACLE_MAINTAINED
        INHERITED VARCHAR2(3) = CASE R.ORACLE_MAINTAINED WHEN 'Y' THEN 'YES' ELSE 'NO' END
        IMPLICIT VARCHAR2(3) = 'NO'
        EXTERNAL_NAME VARCHAR2(4000)
        """,
    ),
    Fixed(
        name="ALL_TAB_PRIVS",
        comment="Grants on objects that concern the user, its roles or PUBLIC",
        public=True,
        source="STANDIN.OBJECT_GRANTS G",
        where=f"(G.OWNER = CURRENT_USER OR G.GRANTOR = CURRENT_USER OR G.GRANTEE {_MINE})",
        columns="""
        GRANTOR KEY = G.GRANTOR
        GRANTEE KEY = G.GRANTEE
        TABLE_SCHEMA KEY = G.OWNER
        TABLE_NAME KEY = G.OBJECT_NAME
        PRIVILEGE VARCHAR2(40) = G.PRIVILEGE
        """
        + _TAB_PRIV,
    ),
    Fixed(
        name="USER_TAB_PRIVS",
        comment="Grants on objects of which the user is owner, grantor or grantee",
        public=True,
        source="STANDIN.OBJECT_GRANTS G",
        where="(G.OWNER = CURRENT_USER OR G.GRANTOR = CURRENT_USER OR G.GRANTEE = CURRENT_USER)",
        columns=_TAB_PRIVS,
    ),
    Fixed(
        name="USER_TAB_PRIVS_MADE",
        comment="Grants on objects of the user",
        public=True,
        source="STANDIN.OBJECT_GRANTS G",
        where="G.OWNER = CURRENT_USER",
        columns=_TAB_PRIVS.replace("OWNER KEY = G.OWNER", ""),
    ),
    Fixed(
        name="USER_TAB_PRIVS_RECD",
        comment="Grants on objects to the user",
        public=True,
        source="STANDIN.OBJECT_GRANTS G",
        where="G.GRANTEE = CURRENT_USER",
        columns=_TAB_PRIVS.replace("GRANTEE KEY = G.GRANTEE", ""),
    ),
    Fixed(
        name="DBA_TAB_PRIVS",
        comment="All grants on objects",
        source="STANDIN.OBJECT_GRANTS G",
        columns=_TAB_PRIVS,
    ),
    Fixed(
        name="USER_SYS_PRIVS",
        comment="System privileges granted to the user",
        public=True,
        source="STANDIN.SYSTEM_GRANTS G",
        where="G.GRANTEE IN (CURRENT_USER, 'PUBLIC')",
        columns="USERNAME KEY = G.GRANTEE" + _SYS_PRIV,
    ),
    Fixed(
        name="DBA_SYS_PRIVS",
        comment="System privileges granted to users and roles",
        source="STANDIN.SYSTEM_GRANTS G",
        columns="GRANTEE KEY = G.GRANTEE" + _SYS_PRIV,
    ),
    Fixed(
        name="USER_ROLE_PRIVS",
        comment="Roles granted to the user",
        public=True,
        source="STANDIN.ROLE_GRANTS G",
        where="G.GRANTEE IN (CURRENT_USER, 'PUBLIC')",
        columns="USERNAME KEY = G.GRANTEE" + _ROLE_PRIV + "OS_GRANTED VARCHAR2(3) = 'NO'" + _COMMON,
    ),
    Fixed(
        name="DBA_ROLE_PRIVS",
        comment="Roles granted to users and roles",
        source="STANDIN.ROLE_GRANTS G",
        columns="GRANTEE KEY = G.GRANTEE" + _ROLE_PRIV + _COMMON,
    ),
    Fixed(
        name="ROLE_SYS_PRIVS",
        comment="System privileges granted to roles of the user",
        public=True,
        source="STANDIN.SYSTEM_GRANTS G JOIN STANDIN.ROLES R ON R.ROLE = G.GRANTEE",
        where=f"G.GRANTEE {_MINE}",
        columns="ROLE KEY = G.GRANTEE" + _SYS_PRIV,
    ),
    Fixed(
        name="ROLE_TAB_PRIVS",
        comment="Privileges on objects granted to roles of the user",
        public=True,
        source="STANDIN.OBJECT_GRANTS G JOIN STANDIN.ROLES R ON R.ROLE = G.GRANTEE",
        where=f"G.GRANTEE {_MINE}",
        columns="""
        ROLE KEY = G.GRANTEE
        OWNER KEY = G.OWNER
        TABLE_NAME KEY = G.OBJECT_NAME
        COLUMN_NAME VARCHAR2(128)
        PRIVILEGE VARCHAR2(40) = G.PRIVILEGE
        GRANTABLE VARCHAR2(3) = G.GRANTABLE
        """
        + _COMMON,
    ),
    Fixed(
        name="ROLE_ROLE_PRIVS",
        comment="Roles granted to roles of the user",
        public=True,
        source="STANDIN.ROLE_GRANTS G JOIN STANDIN.ROLES R ON R.ROLE = G.GRANTEE",
        where=f"G.GRANTEE {_MINE}",
        columns="""
        ROLE KEY = G.GRANTEE
        GRANTED_ROLE KEY = G.GRANTED_ROLE
        ADMIN_OPTION VARCHAR2(3) = G.ADMIN_OPTION
        """
        + _COMMON,
    ),
    Fixed(
        name="SESSION_PRIVS",
        comment="Privileges which the user currently has set",
        public=True,
        source=f"(SELECT DISTINCT PRIVILEGE FROM STANDIN.SYSTEM_GRANTS WHERE GRANTEE {_MINE}) G",  # noqa: S608 - it is made of what stands here
        columns="PRIVILEGE VARCHAR2(40) = G.PRIVILEGE",
    ),
    Fixed(
        name="SESSION_ROLES",
        comment="Roles which the user currently has enabled",
        public=True,
        source="STANDIN.ROLES R",
        where=f"R.ROLE {_MINE}",
        columns="ROLE KEY = R.ROLE",
    ),
    Fixed(
        name="DBA_TS_QUOTAS",
        comment="Tablespace quotas of all users",
        source="STANDIN.QUOTAS Q",
        columns="TABLESPACE_NAME VARCHAR2(30) = Q.TABLESPACE_NAME\nUSERNAME KEY = Q.USERNAME" + _QUOTA,
    ),
    Fixed(
        name="USER_TS_QUOTAS",
        comment="Tablespace quotas of the user",
        public=True,
        source="STANDIN.QUOTAS Q",
        where="Q.USERNAME = CURRENT_USER",
        columns="TABLESPACE_NAME VARCHAR2(30) = Q.TABLESPACE_NAME" + _QUOTA,
    ),
    Fixed(
        name="DBA_DATA_FILES",
        comment="Files of the database",
        source="STANDIN.DATA_FILES S",
        columns="""
        FILE_NAME VARCHAR2(513) = S.FILE_NAME
        FILE_ID NUMBER = S.FILE_ID
        TABLESPACE_NAME VARCHAR2(30) = S.TABLESPACE_NAME
        BYTES NUMBER = S.BYTES
        BLOCKS NUMBER = S.BYTES / 8192
        STATUS VARCHAR2(9) = 'AVAILABLE'
        RELATIVE_FNO NUMBER = S.FILE_ID
        AUTOEXTENSIBLE VARCHAR2(3) = CASE S.INCREMENT_BY WHEN 0 THEN 'NO' ELSE 'YES' END
        MAXBYTES NUMBER = S.MAXBYTES
        MAXBLOCKS NUMBER = S.MAXBYTES / 8192
        INCREMENT_BY NUMBER = S.INCREMENT_BY
        USER_BYTES NUMBER = S.BYTES - 1048576
        USER_BLOCKS NUMBER = S.BYTES / 8192 - 128
        ONLINE_STATUS VARCHAR2(7) = CASE S.TABLESPACE_NAME WHEN 'SYSTEM' THEN 'SYSTEM' ELSE 'ONLINE' END
        LOST_WRITE_PROTECT VARCHAR2(7) = 'OFF'
        """,
    ),
)
"""Views that are not of one form for ALL_, USER_ and DBA_."""

FAMILIES = (
    Family(
        name="TABLESPACES",
        comment="tablespaces",
        prefixes=("USER", "DBA"),
        source="STANDIN.TABLESPACES S",
        user_where="TRUE",
        user_drops=(),
        columns="""
        TABLESPACE_NAME VARCHAR2(30) = S.TABLESPACE_NAME
        BLOCK_SIZE NUMBER = 8192
        INITIAL_EXTENT NUMBER = 65536
        NEXT_EXTENT NUMBER
        MIN_EXTENTS NUMBER = 1
        MAX_EXTENTS NUMBER = 2147483645
        MAX_SIZE NUMBER = 2147483645
        PCT_INCREASE NUMBER
        MIN_EXTLEN NUMBER = 65536
        STATUS VARCHAR2(9) = 'ONLINE'
        CONTENTS VARCHAR2(21) = S.CONTENTS
        LOGGING VARCHAR2(9) = CASE S.CONTENTS WHEN 'TEMPORARY' THEN 'NOLOGGING' ELSE 'LOGGING' END
        FORCE_LOGGING VARCHAR2(3) = 'NO'
        EXTENT_MANAGEMENT VARCHAR2(10) = 'LOCAL'
        ALLOCATION_TYPE VARCHAR2(9) = CASE S.CONTENTS WHEN 'TEMPORARY' THEN 'UNIFORM' ELSE 'SYSTEM' END
        SEGMENT_SPACE_MANAGEMENT VARCHAR2(6) = CASE WHEN S.TABLESPACE_NAME = 'SYSTEM' \
OR S.CONTENTS <> 'PERMANENT' THEN 'MANUAL' ELSE 'AUTO' END
        DEF_TAB_COMPRESSION VARCHAR2(8) = 'DISABLED'
        RETENTION VARCHAR2(11) = CASE S.CONTENTS WHEN 'UNDO' THEN 'NOGUARANTEE' ELSE 'NOT APPLY' END
        BIGFILE VARCHAR2(3) = S.BIGFILE
        PREDICATE_EVALUATION VARCHAR2(7) = 'HOST'
        ENCRYPTED VARCHAR2(3) = 'NO'
        COMPRESS_FOR VARCHAR2(30)
        """,
    ),
    Family(
        name="SEGMENTS",
        comment="storage segments, with sizes estimated from the rows written",
        prefixes=("USER", "DBA"),
        source="STANDIN.SEGMENTS S",
        owner="S.OWNER",
        columns="""
        OWNER KEY = S.OWNER
        SEGMENT_NAME VARCHAR2(128) = S.SEGMENT_NAME
        PARTITION_NAME VARCHAR2(128)
        SEGMENT_TYPE VARCHAR2(18) = 'TABLE'
        SEGMENT_SUBTYPE VARCHAR2(10) = 'ASSM'
        TABLESPACE_NAME VARCHAR2(30) = S.TABLESPACE_NAME
        HEADER_FILE,HEADER_BLOCK NUMBER
        BYTES NUMBER = S.BYTES
        BLOCKS NUMBER = S.BYTES / 8192
        EXTENTS NUMBER = S.BYTES / 65536
        INITIAL_EXTENT NUMBER = 65536
        NEXT_EXTENT NUMBER = 1048576
        MIN_EXTENTS NUMBER = 1
        MAX_EXTENTS NUMBER = 2147483645
        MAX_SIZE NUMBER = 2147483645
        RETENTION VARCHAR2(7)
        MINRETENTION,PCT_INCREASE,FREELISTS,FREELIST_GROUPS,RELATIVE_FNO NUMBER
        BUFFER_POOL,FLASH_CACHE,CELL_FLASH_CACHE VARCHAR2(7) = 'DEFAULT'
        """,
    ),
    Family(
        name="RECYCLEBIN",
        comment="dropped objects; there are none, as the recycle bin is off",
        prefixes=("USER", "DBA"),
        source="DUAL",
        where="1 = 0",
        user_where="TRUE",
        columns="""
        OWNER,OBJECT_NAME,ORIGINAL_NAME VARCHAR2(128)
        OPERATION VARCHAR2(9)
        TYPE VARCHAR2(25)
        TS_NAME VARCHAR2(30)
        CREATETIME,DROPTIME VARCHAR2(19)
        DROPSCN NUMBER
        PARTITION_NAME VARCHAR2(128)
        CAN_UNDROP,CAN_PURGE VARCHAR2(3)
        RELATED,BASE_OBJECT,PURGE_OBJECT,SPACE NUMBER
        """,
    ),
)
"""The families of this module."""
