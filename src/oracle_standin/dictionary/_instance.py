"""The V$ views and others about the instance, the database and its parameters; all V$ views together."""

from __future__ import annotations

from oracle_standin.dictionary._sessions import session_views
from oracle_standin.dictionary._spec import CONTAINER, Fixed
from oracle_standin.profiles import Profile

__all__ = ["DATABASE_NAME", "views"]

DATABASE_NAME = "STANDIN"
"""What the database calls itself."""

_PARAMETER = (
    """
    NUM NUMBER = P.NUM
    NAME VARCHAR2(80) = P.NAME
    TYPE NUMBER = P.TYPE
    VALUE,DISPLAY_VALUE VARCHAR2(4000) = P.SETTING
    DEFAULT_VALUE VARCHAR2(255)
    ISDEFAULT VARCHAR2(9) = P.ISDEFAULT
    ISSES_MODIFIABLE VARCHAR2(5) = 'FALSE'
    ISSYS_MODIFIABLE VARCHAR2(9) = 'FALSE'
    ISPDB_MODIFIABLE,ISINSTANCE_MODIFIABLE VARCHAR2(5) = 'FALSE'
    ISMODIFIED VARCHAR2(10) = 'FALSE'
    ISADJUSTED,ISDEPRECATED,ISBASIC VARCHAR2(5) = 'FALSE'
    DESCRIPTION,UPDATE_COMMENT VARCHAR2(255)
    HASH NUMBER = ORA_HASH(P.NAME)
    """
    + CONTAINER
)

_NLS = "PARAMETER VARCHAR2(128) = N.PARAMETER\nVALUE VARCHAR2(64) = "

_SESSION_VALUE = """COALESCE((SELECT X.SETTING FROM STANDIN.SESSION_PARAMETERS X \
WHERE X.SID = SESSION_ID() AND X.PARAMETER = N.PARAMETER), N.SETTING)"""

_SQL = (
    """
    SQL_TEXT VARCHAR2(1000)
    SQL_FULLTEXT CLOB
    SQL_ID VARCHAR2(13)
    SHARABLE_MEM,PERSISTENT_MEM,RUNTIME_MEM,SORTS,LOADED_VERSIONS,OPEN_VERSIONS,USERS_OPENING NUMBER
    FETCHES,EXECUTIONS,USERS_EXECUTING,LOADS NUMBER
    FIRST_LOAD_TIME VARCHAR2(19)
    INVALIDATIONS,PARSE_CALLS,DISK_READS,DIRECT_WRITES,BUFFER_GETS NUMBER
    APPLICATION_WAIT_TIME,CONCURRENCY_WAIT_TIME,CLUSTER_WAIT_TIME,USER_IO_WAIT_TIME NUMBER
    ROWS_PROCESSED,COMMAND_TYPE NUMBER
    OPTIMIZER_MODE VARCHAR2(10)
    OPTIMIZER_COST,PARSING_USER_ID,PARSING_SCHEMA_ID NUMBER
    PARSING_SCHEMA_NAME VARCHAR2(128)
    HASH_VALUE,PLAN_HASH_VALUE,CHILD_NUMBER NUMBER
    SERVICE,MODULE,ACTION VARCHAR2(64)
    CPU_TIME,ELAPSED_TIME NUMBER
    LAST_LOAD_TIME VARCHAR2(19)
    LAST_ACTIVE_TIME DATE
    """
    + CONTAINER
)


def _parameters() -> list[Fixed]:
    return [
        Fixed(
            name=name,
            comment="Initialization parameters",
            source="STANDIN.PARAMETERS P",
            columns=_PARAMETER,
        )
        for name in ("V$PARAMETER", "V$SYSTEM_PARAMETER", "V$SPPARAMETER")
    ] + [
        Fixed(
            name="V$NLS_PARAMETERS",
            comment="NLS parameters of the session and character sets",
            public=True,
            source="STANDIN.NLS N",
            where="N.PARAMETER <> 'NLS_RDBMS_VERSION'",
            columns=_NLS + _SESSION_VALUE + "\n" + CONTAINER,
        ),
        Fixed(
            name="NLS_SESSION_PARAMETERS",
            comment="NLS parameters of the user session",
            public=True,
            source="STANDIN.NLS N",
            where="N.IN_SESSION = 'Y'",
            columns=_NLS + _SESSION_VALUE,
        ),
        Fixed(
            name="NLS_INSTANCE_PARAMETERS",
            comment="NLS parameters of the instance",
            public=True,
            source="STANDIN.NLS N",
            where="N.IN_SESSION = 'Y'",
            columns=_NLS + "N.SETTING",
        ),
        Fixed(
            name="NLS_DATABASE_PARAMETERS",
            comment="Permanent NLS parameters of the database",
            public=True,
            source="STANDIN.NLS N",
            columns=_NLS + "N.SETTING",
        ),
        Fixed(
            name="DATABASE_PROPERTIES",
            comment="Permanent database properties",
            public=True,
            source="(SELECT PARAMETER NAME, SETTING FROM STANDIN.NLS"
            " UNION ALL SELECT 'DEFAULT_PERMANENT_TABLESPACE', 'USERS' FROM STANDIN.INSTANCE"
            " UNION ALL SELECT 'DEFAULT_TEMP_TABLESPACE', 'TEMP' FROM STANDIN.INSTANCE"
            " UNION ALL SELECT 'DBTIMEZONE', '00:00' FROM STANDIN.INSTANCE) P",
            columns="PROPERTY_NAME VARCHAR2(128) = P.NAME\nPROPERTY_VALUE VARCHAR2(4000) = P.SETTING\n"
            "DESCRIPTION VARCHAR2(4000)",
        ),
    ]


def _database(profile: Profile, service: str) -> list[Fixed]:
    version = f"{profile.major}.0.0.0.0"
    full = profile.version_text
    return [
        Fixed(
            name="V$VERSION",
            comment="Version of the server",
            public=True,
            columns=f"""
            BANNER VARCHAR2(80) = '{profile.banner}'
            BANNER_FULL VARCHAR2(160) = '{profile.banner}' || CHR(10) || 'Version {full}'
            BANNER_LEGACY VARCHAR2(80) = '{profile.banner}'
            CON_ID NUMBER = 0
            """,
        ),
        Fixed(
            name="PRODUCT_COMPONENT_VERSION",
            comment="Version of the server",
            public=True,
            columns=f"""
            PRODUCT VARCHAR2(64) = 'oracle_standin (not an Oracle Database)'
            VERSION VARCHAR2(64) = '{version}'
            VERSION_FULL VARCHAR2(64) = '{full}'
            STATUS VARCHAR2(64) = 'Stand-in'
            """,
        ),
        Fixed(
            name="V$INSTANCE",
            comment="The instance",
            source="STANDIN.INSTANCE I",
            columns=f"""
            INSTANCE_NUMBER NUMBER = 1
            INSTANCE_NAME VARCHAR2(16) = '{DATABASE_NAME.lower()}'
            HOST_NAME VARCHAR2(64) = 'localhost'
            VERSION,VERSION_LEGACY VARCHAR2(17) = '{version}'
            VERSION_FULL VARCHAR2(17) = '{full}'
            STARTUP_TIME DATE = I.STARTUP_TIME
            STATUS VARCHAR2(12) = 'OPEN'
            PARALLEL VARCHAR2(3) = 'NO'
            THREAD# NUMBER = 1
            ARCHIVER VARCHAR2(7) = 'STOPPED'
            LOG_SWITCH_WAIT VARCHAR2(15)
            LOGINS VARCHAR2(10) = 'ALLOWED'
            SHUTDOWN_PENDING VARCHAR2(3) = 'NO'
            DATABASE_STATUS VARCHAR2(17) = 'ACTIVE'
            INSTANCE_ROLE VARCHAR2(18) = 'PRIMARY_INSTANCE'
            ACTIVE_STATE VARCHAR2(9) = 'NORMAL'
            BLOCKED VARCHAR2(3) = 'NO'
            CON_ID NUMBER = 0
            INSTANCE_MODE VARCHAR2(11) = 'REGULAR'
            EDITION VARCHAR2(7) = 'STANDIN'
            FAMILY VARCHAR2(80)
            DATABASE_TYPE VARCHAR2(15) = 'SINGLE'
            """,
        ),
        Fixed(
            name="V$DATABASE",
            comment="The database",
            source="STANDIN.INSTANCE I",
            columns=f"""
            DBID NUMBER = ORA_HASH('{DATABASE_NAME}')
            NAME VARCHAR2(9) = '{DATABASE_NAME}'
            CREATED DATE = I.STARTUP_TIME
            RESETLOGS_CHANGE# NUMBER = 1
            LOG_MODE VARCHAR2(12) = 'NOARCHIVELOG'
            CHECKPOINT_CHANGE# NUMBER = 1
            CONTROLFILE_TYPE VARCHAR2(7) = 'CURRENT'
            OPEN_RESETLOGS VARCHAR2(11) = 'NOT ALLOWED'
            OPEN_MODE VARCHAR2(20) = 'READ WRITE'
            PROTECTION_MODE,PROTECTION_LEVEL VARCHAR2(20) = 'MAXIMUM PERFORMANCE'
            REMOTE_ARCHIVE VARCHAR2(8) = 'ENABLED'
            DATABASE_ROLE VARCHAR2(16) = 'PRIMARY'
            SWITCHOVER_STATUS VARCHAR2(20) = 'NOT ALLOWED'
            GUARD_STATUS VARCHAR2(7) = 'NONE'
            SUPPLEMENTAL_LOG_DATA_MIN VARCHAR2(8) = 'NO'
            FORCE_LOGGING VARCHAR2(39) = 'NO'
            PLATFORM_ID NUMBER = 13
            PLATFORM_NAME VARCHAR2(101) = 'Linux x86 64-bit'
            FLASHBACK_ON VARCHAR2(18) = 'NO'
            DB_UNIQUE_NAME VARCHAR2(30) = '{DATABASE_NAME}'
            CDB VARCHAR2(3) = 'YES'
            CON_ID NUMBER = 0
            """,
        ),
        *(
            Fixed(
                name=name,
                comment="The pluggable database",
                source="STANDIN.INSTANCE I",
                columns=f"""
                CON_ID NUMBER = 3
                DBID,CON_UID NUMBER = ORA_HASH('{service}')
                NAME VARCHAR2(128) = '{service}'
                OPEN_MODE VARCHAR2(10) = 'READ WRITE'
                RESTRICTED VARCHAR2(3) = 'NO'
                OPEN_TIME TIMESTAMP = I.STARTUP_TIME
                TOTAL_SIZE NUMBER = 1073741824
                BLOCK_SIZE NUMBER = 8192
                RECOVERY_STATUS VARCHAR2(8) = 'ENABLED'
                """,
            )
            for name in ("V$PDBS", "V$CONTAINERS")
        ),
        *(
            Fixed(
                name=name,
                comment="Services",
                columns=f"""
                SERVICE_ID NUMBER = 1
                NAME VARCHAR2(64) = LOWER('{service}')
                NETWORK_NAME VARCHAR2(512) = LOWER('{service}')
                PDB VARCHAR2(128) = '{service}'
                """
                + CONTAINER,
            )
            for name in ("V$SERVICES", "V$ACTIVE_SERVICES")
        ),
        Fixed(
            name="V$RESOURCE_LIMIT",
            comment="Use of resources",
            source="(SELECT NAME, SETTING, (SELECT COUNT(*) FROM STANDIN.SESSIONS) USED"
            " FROM STANDIN.PARAMETERS WHERE NAME IN ('processes', 'sessions')) R",
            columns="""
            RESOURCE_NAME VARCHAR2(30) = R.NAME
            CURRENT_UTILIZATION,MAX_UTILIZATION NUMBER = R.USED
            INITIAL_ALLOCATION,LIMIT_VALUE VARCHAR2(10) = LPAD(R.SETTING, 10)
            """
            + CONTAINER,
        ),
    ]


def _none() -> list[Fixed]:
    """Return views of what the stand-in keeps none of."""
    return [
        Fixed(name=name, comment="Statements; none are kept", where="1 = 0", columns=_SQL)
        for name in ("V$SQL", "V$SQLAREA")
    ] + [
        Fixed(
            name="V$SESSION_LONGOPS",
            comment="Long operations; none are kept",
            where="1 = 0",
            columns="SID,SERIAL# NUMBER\nOPNAME,TARGET VARCHAR2(64)\nSOFAR,TOTALWORK NUMBER\n" + CONTAINER,
        ),
        Fixed(
            name="V$TEMPSEG_USAGE",
            comment="Temporary segments; none are kept",
            where="1 = 0",
            columns="USERNAME VARCHAR2(128)\nSESSION_ADDR RAW(8)\nSESSION_NUM NUMBER\nSQL_ID VARCHAR2(13)\n"
            "TABLESPACE VARCHAR2(31)\nCONTENTS VARCHAR2(9)\nSEGTYPE VARCHAR2(9)\nEXTENTS,BLOCKS NUMBER\n"
            + CONTAINER,
        ),
    ]


def views(profile: Profile, service: str) -> list[Fixed]:
    """Return the views.

    Parameters
    ----------
    profile : `~oracle_standin.profiles.Profile`
        Version that is shown.
    service : `str`
        Name of the service, and so of the pluggable database.
    """
    return [*session_views(), *_parameters(), *_database(profile, service), *_none()]
