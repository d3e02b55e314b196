"""What an administrator of a registry on Oracle needs now and then.

Example: ``python -m gen3bed.oracle remove-half-made oracle+oracledb://BUTLER@db.example.org/FREEPDB1``.
The password comes from the db-auth file.
"""

from __future__ import annotations

import argparse
import sys

import sqlalchemy
from lsst.daf.butler.registry import RegistryConfig
from lsst.utils.db_auth import DbAuthError

from gen3bed.oracle._database import OracleDatabase
from gen3bed.oracle._errors import HalfMadeSchemaError, OldServerError
from gen3bed.oracle._schema import remove_half_made_schema

__all__ = ["main"]


def main(arguments: list[str] | None = None) -> int:
    """Run a command, and return its exit code.

    It is 0 if that was done, 1 if there was nothing to do, 2 if the URL was
    wrong, and 3 if the server or the credentials could not be used.
    """
    parser = argparse.ArgumentParser(prog="python -m gen3bed.oracle", description=__doc__)
    commands = parser.add_subparsers(required=True)
    command = commands.add_parser("remove-half-made", help="drop a schema whose making has failed")
    command.add_argument("url", help="as in the repository's configuration, without a password")
    command.add_argument("--namespace", help="the user whose schema it is, if not the URL's")
    given = parser.parse_args(arguments)
    if reason := _why_unfit(given.url):
        return _refuse(2, reason, "Write it as in the repository's configuration, without a password.")
    config = RegistryConfig()
    config["db"] = given.url
    try:
        engine = OracleDatabase.makeEngine(config.connectionString)
    except DbAuthError as error:
        return _refuse(3, str(error), "Correct the db-auth file that LSST_DB_AUTH names.")
    try:
        names = remove_half_made_schema(engine, given.namespace and given.namespace.lower())
    except HalfMadeSchemaError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except sqlalchemy.exc.DBAPIError as error:
        return _refuse(3, f"{engine.url.host}: {error.orig}", *error.detail)
    except OldServerError as error:
        return _refuse(3, str(error))
    finally:
        engine.dispose()
    sys.stdout.write(f"Removed {len(names)} tables.\n")
    return 0


def _why_unfit(text: str) -> str:
    try:
        url = sqlalchemy.make_url(text)
    except sqlalchemy.exc.ArgumentError:
        # What was given may hold a password.
        return "this is not the URL of a database"
    return "" if url.get_backend_name() == "oracle" else "this is not the URL of an Oracle database"


def _refuse(code: int, reason: str, *hints: str) -> int:
    lines = [f"error: {reason}", *(f"next step: {hint}" for hint in hints)]
    sys.stderr.write("\n".join(lines) + "\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
