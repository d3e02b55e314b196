"""What an administrator of a registry on Oracle needs now and then.

Example: ``python -m gen3bed.oracle remove-half-made oracle+oracledb://BUTLER@db.example.org/FREEPDB1``.
The password comes from the db-auth file.
"""

from __future__ import annotations

import argparse
import sys

from lsst.daf.butler.registry import RegistryConfig

from gen3bed.oracle._database import OracleDatabase
from gen3bed.oracle._errors import HalfMadeSchemaError
from gen3bed.oracle._schema import remove_half_made_schema

__all__ = ["main"]


def main(arguments: list[str] | None = None) -> int:
    """Run a command, and return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m gen3bed.oracle", description=__doc__)
    commands = parser.add_subparsers(required=True)
    command = commands.add_parser("remove-half-made", help="drop a schema whose making has failed")
    command.add_argument("url", help="as in the repository's configuration, without a password")
    command.add_argument("--namespace", help="the user whose schema it is, if not the URL's")
    given = parser.parse_args(arguments)
    config = RegistryConfig()
    config["db"] = given.url
    engine = OracleDatabase.makeEngine(config.connectionString)
    try:
        names = remove_half_made_schema(engine, given.namespace and given.namespace.lower())
    except HalfMadeSchemaError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    finally:
        engine.dispose()
    sys.stdout.write(f"Removed {len(names)} tables.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
