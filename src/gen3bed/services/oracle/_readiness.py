"""Wait until an Oracle database is really open, and say in typed errors why it is not."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import sqlalchemy

from gen3bed.errors import (
    CredentialsError,
    Gen3bedError,
    ReadOnlyServerError,
    ServerTooOldError,
    ServiceError,
    ServiceNotReadyError,
    StorageFullError,
    UsageError,
)
from gen3bed.services._signs import Evidence, Sign, after, first_sign
from gen3bed.services.oracle._connection import connect
from gen3bed.services.oracle._server import ServerState, read_state

__all__ = ["STAGES", "classify", "wait_until_ready"]

_POLL = 0.2
"""Seconds between two attempts: a database takes ten seconds and more to open."""


_SIGNS = (
    Sign(
        r"No space left on device|ORA-(12954|27072|27044|01653|01654|01536|19502)",
        StorageFullError,
        "there is no room left where the database keeps its data",
        "Make room on that disk, or give Docker more; an Oracle image and its data take up to 6 GB.",
        in_log=True,
    ),
    Sign(
        r"out of memory|ORA-(27102|27104|27125|00845|04031|56752)",
        ServiceNotReadyError,
        "the database could not get the memory it needs",
        "End other programs, or raise the limit: Oracle Free takes 2 GB and more.",
        in_log=True,
    ),
    Sign(
        r"ORA-01017|ORA-01005",
        CredentialsError,
        "the server refused name or password",
        "Correct the entry for this server in the db-auth file that LSST_DB_AUTH names.",
    ),
    Sign(
        r"ORA-28000",
        CredentialsError,
        "the account is locked",
        "Ask the database administrator for: ALTER USER ... ACCOUNT UNLOCK.",
    ),
    Sign(
        r"ORA-28001|ORA-28002",
        CredentialsError,
        "the account's password has expired",
        "Give it a new password, with the administrator's help, and put that into the db-auth file.",
    ),
    Sign(
        r"ORA-01045",
        CredentialsError,
        "the account may not log in",
        "Ask the database administrator for: GRANT CREATE SESSION.",
    ),
    Sign(
        r"DPY-3010|DPY-3015",
        ServerTooOldError,
        "it is too old for python-oracledb's thin mode",
        "Use a server of version 19c or newer.",
    ),
    Sign(
        r"DPY-3001|ORA-12660",
        ServiceError,
        "it demands Oracle's own network encryption, which python-oracledb's thin mode does not have",
        "Use its port for TCPS with ?protocol=tcps, or let a Butler use the driver's thick mode.",
    ),
    Sign(
        r"ORA-12505|DPY-6003",
        UsageError,
        "the listener knows no such SID",
        "Write the service name behind the host, as in oracle://user@host:1521/SERVICE.",
    ),
    Sign(
        r"ORA-(12516|12518|12519|12520|00018|00020)",
        ServiceError,
        "the server has no free process or session",
        "Use fewer workers with -n, or ask for higher PROCESSES.",
    ),
    Sign(
        r"ORA-16000|ORA-16456",
        ReadOnlyServerError,
        "the database is open for reading only",
        "Use the primary database, opened READ WRITE.",
    ),
    Sign(
        r"certificate has expired",
        ServiceError,
        "the server's certificate, or that of its authority, has expired",
        "Ask the server's administrator to renew it; then nothing has to change here, "
        "unless the authority is a new one: its certificate belongs into the ewallet.pem of wallet_location.",
    ),
    Sign(
        r"certificate is not yet valid",
        ServiceError,
        "the server's certificate is not valid yet",
        "Compare the clocks of this machine and of the server.",
    ),
    Sign(
        r"CERTIFICATE_VERIFY_FAILED.*(self.signed certificate|issuer certificate|first certificate)",
        ServiceError,
        "no authority that the wallet names has signed the server's certificate",
        "Get the authority's certificate from the server's administrator, as ewallet.pem in the directory"
        " that the URL's query names as wallet_location.",
    ),
    Sign(
        r"DPY-6006|name on the.*certificate",
        ServiceError,
        "the server's certificate is for another host",
        "Write the host as the certificate has it, or ask the server's administrator for one of this name.",
    ),
    Sign(
        r"NO_CERTIFICATE_OR_CRL_FOUND|\[PEM:",
        UsageError,
        "ewallet.pem in the wallet's directory holds no certificate",
        "Get it again from the server's administrator, as a text file with BEGIN CERTIFICATE in it.",
    ),
    Sign(
        r"CERTIFICATE_VERIFY_FAILED|certificate verify failed|DPY-6004|DPY-2017|\[SSL[:\]]",
        ServiceError,
        "no encrypted connection could be made as the URL demands",
        "Check protocol=tcps, whether the port is that for encrypted connections, wallet_location and the"
        " server's certificate.",
    ),
    Sign(
        r"DPY-4026|DPY-4027|ewallet\.pem|wallet .*(missing|not found|was not found)",
        UsageError,
        "the wallet or the configuration directory cannot be used",
        "Name a directory with ewallet.pem as wallet_location in the URL's query.",
    ),
    Sign(
        r"Name or service not known|nodename nor servname|failure in name resolution|DPY-4012",
        ServiceError,
        "the host's name cannot be resolved",
        "Correct the host in the URL.",
    ),
)
"""From what a server or client says to what it means, most telling first."""

STAGES = (
    (r"DPY-6005|Connection refused|DPY-4011|timed out", "the listener does not answer"),
    (r"ORA-12514|ORA-12528|DPY-6001|DPY-6000", "the listener answers, and does not know the service yet"),
    (r"ORA-01034|ORA-27101|ORA-01033|ORA-12526", "the service is there, and the instance is starting"),
    (r"ORA-01109|ORA-65054|ORA-01219", "the instance is up, and the pluggable database is not open yet"),
)
"""How far a start has come, by what a client is told; the first is the earliest.
Services are registered, and pluggable databases opened, some seconds after
the container says that it runs: https://github.com/gvenzl/oci-oracle-free/issues/137"""


def classify(subject: str, evidence: Evidence) -> Gen3bedError | None:
    """Return the error that the evidence amounts to.

    Parameters
    ----------
    subject : `str`
        How the error names the server.
    evidence : `Evidence`
        All that is known.

    Returns
    -------
    error : `Gen3bedError` or `None`
        `None` if the server may just need more time.
    """
    if (error := first_sign(_SIGNS, subject, evidence)) or not evidence.waited:
        return error
    stage = _stage(evidence.message)
    return ServiceNotReadyError(
        subject,
        reason=f"{stage or 'it cannot be connected to'}{after(evidence)}",
        hint="Check host, port and service name, which is no SID; an encrypted port needs ?protocol=tcps"
        " behind the service; a machine that is busy needs more time."
        if stage
        else "What the client was told is below.",
        detail=evidence.detail,
    )


def _stage(message: str) -> str:
    return next((text for pattern, text in reversed(STAGES) if re.search(pattern, message)), "")


def wait_until_ready(
    url: sqlalchemy.URL,
    *,
    subject: str,
    timeout: float,
    ended: Callable[[], str] = lambda: "",
    log: Callable[[], str] = lambda: "",
    patience: float = 10.0,
) -> ServerState:
    """Wait until the database answers a query, and return what it says.

    Parameters
    ----------
    url : `sqlalchemy.URL`
        Address with name and password.
    subject : `str`
        How errors name the server; without password.
    timeout : `float`
        Seconds to go on trying; there is always one attempt.
    ended : `~collections.abc.Callable`, optional
        Returns how the server ended, or an empty string while it runs.
    log : `~collections.abc.Callable`, optional
        Returns the server's log.
    patience : `float`, optional
        Seconds that one attempt may take.

    Raises
    ------
    UsageError
        Raised if the URL has an option that the driver refuses.
    Gen3bedError
        Raised in the subclass that fits what was seen: see `classify`.
    """
    import oracledb  # noqa: PLC0415

    begin = time.monotonic()
    while True:
        try:
            with connect(url, patience=patience) as connection:
                return read_state(connection)
        except (TypeError, ValueError) as err:
            # The driver looks at its arguments before it asks any server.
            raise UsageError(
                subject,
                reason=f"the URL's options cannot be used: {str(err).strip()}",
                hint="Correct what follows the question mark; it takes python-oracledb's parameters,"
                " such as protocol and wallet_location.",
            ) from err
        except (oracledb.Error, OSError) as err:
            message = str(err)
        waited = time.monotonic() - begin
        how = ended()
        final = bool(how) or waited >= timeout
        evidence = Evidence(
            message=message,
            ended=how,
            waited=max(waited, 0.001) if final else 0.0,
            log=log() if final else "",
        )
        # While it starts, SYSTEM's password is not ours yet.
        starting = timeout > 0 and not final and "ORA-01017" in message
        if not starting and (error := classify(subject, evidence)) is not None:
            raise error
        time.sleep(_POLL)
