"""The client of a control port."""

from __future__ import annotations

import http.client
import json
import os
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self, override

from oracle_standin.control._ready import read_ready_file
from oracle_standin.errors import StandinError
from oracle_standin.faults import FaultMaker, Injected, Rule, rule_from_json, rule_to_json
from oracle_standin.statement_log import Summary

__all__ = ["READY_VARIABLE", "TOKEN_VARIABLE", "URL_VARIABLE", "Control", "RemoteFault", "SessionInfo"]

READY_VARIABLE = "ORACLE_STANDIN_READY_FILE"
"""Environment variable with the path of a server's ready file."""
URL_VARIABLE = "ORACLE_STANDIN_CONTROL_URL"
"""Environment variable with the address of a control port."""
TOKEN_VARIABLE = "ORACLE_STANDIN_TOKEN"  # noqa: S105 - the name of a variable
"""Environment variable with the token of a control port."""

_TIMEOUT = 60.0


@dataclass(frozen=True, kw_only=True)
class SessionInfo:
    """A session of the server.

    Attributes
    ----------
    number : `int`
        Its number, from 1; also its ``SID``.
    user : `str`
        Whose it is.
    client : `str`
        What the client calls the connection.
    attributes : `dict` [`str`, `str`]
        What the client says it does: ``module``, ``action`` and their like.
    """

    number: int
    user: str
    client: str = ""
    attributes: dict[str, str] = field(default_factory=dict)


class RemoteFault(Injected):
    """A fault that was added through a control port."""

    def __init__(self, control: Control, told: Mapping[str, Any]) -> None:
        self.number = int(told["number"])
        self.rule = rule_from_json(told["rule"])
        self._control = control
        self._struck: int = told["struck"]
        self._removed = False

    @property
    @override
    def struck(self) -> int:
        if not self._removed:
            (told,) = self._control.request("GET", f"/faults/{self.number}")["faults"]
            self._struck = told["struck"]
        return self._struck

    @override
    def remove(self) -> None:
        if self._removed:
            return
        (told,) = self._control.request("DELETE", f"/faults/{self.number}")["faults"]
        self._struck, self._removed = told["struck"], True


class Control(FaultMaker):
    """Makes faults in a server of another process, reads its counts and ends its sessions.

    Every method raises `~oracle_standin.errors.StandinError` if the server
    does not answer, or refuses.

    Parameters
    ----------
    url : `str`
        Where the control port is.
    token : `str`
        What it must be shown.
    """

    def __init__(self, url: str, token: str) -> None:
        self.url = url
        self._token = token
        self._address = urllib.parse.urlsplit(url).netloc

    @classmethod
    def from_ready_file(cls, path: Path) -> Self:
        """Return the control of the server that wrote the file."""
        ready = read_ready_file(path)
        if not ready.control_url:
            raise StandinError(
                f"ready file {path}",
                reason="its server has no control port",
                hint="Start `oracle-standin serve` with --control-port 0.",
            )
        return cls(ready.control_url, ready.control_token)

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> Self:
        """Return the control that `URL_VARIABLE` and `TOKEN_VARIABLE`, or `READY_VARIABLE` name."""
        if URL_VARIABLE in environ and TOKEN_VARIABLE in environ:
            return cls(environ[URL_VARIABLE], environ[TOKEN_VARIABLE])
        if READY_VARIABLE in environ:
            return cls.from_ready_file(Path(environ[READY_VARIABLE]))
        raise StandinError(
            "control port",
            reason="it is not said where it is",
            hint=f"Set {READY_VARIABLE} to the server's ready file, or {URL_VARIABLE} and {TOKEN_VARIABLE}.",
        )

    def request(self, method: str, target: str, body: object = None) -> dict[str, Any]:
        """Return the answer to a request of any kind."""
        # Not by urllib: a proxy that the environment names cannot reach this machine's loopback.
        connection = http.client.HTTPConnection(self._address, timeout=_TIMEOUT)
        try:
            data = None if body is None else json.dumps(body)
            connection.request(method, target, data, {"Authorization": f"Bearer {self._token}"})
            response = connection.getresponse()
            answer: dict[str, Any] = json.loads(response.read())
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise StandinError(
                f"control port {self.url}",
                reason=f"it does not answer: {error}",
                hint="Look whether the server runs, and whether the ready file is that of this server.",
            ) from None
        finally:
            connection.close()
        if response.status != http.client.OK:
            raise StandinError(f"control port {self.url}", reason=answer["error"], hint=answer["hint"])
        return answer

    # Faults.

    @override
    def add(self, rule: Rule) -> RemoteFault:
        (told,) = self.request("POST", "/faults", rule_to_json(rule))["faults"]
        return RemoteFault(self, told)

    @override
    def injected(self) -> list[Injected]:
        return [RemoteFault(self, told) for told in self.request("GET", "/faults")["faults"]]

    @override
    def clear(self) -> None:
        self.request("DELETE", "/faults")

    def remove(self, number: int) -> None:
        """Remove a fault."""
        self.request("DELETE", f"/faults/{number}")

    # Sessions, counts, health.

    def sessions(self, user: str | None = None) -> list[SessionInfo]:
        """Return the sessions, of one user or of all."""
        return [SessionInfo(**told) for told in self.request("GET", _of("/sessions", user=user))["sessions"]]

    def kill_session(self, number: int) -> None:
        """End a session; its client is told by ORA-00028 with its next call."""
        self.request("DELETE", f"/sessions/{number}")

    def cut_session(self, number: int) -> None:
        """Close the socket of a session's client."""
        self.request("DELETE", f"/sessions/{number}?how=cut")

    def kill_sessions(self, user: str) -> int:
        """End all sessions of a user; return how many there were."""
        return len(self.request("DELETE", _of("/sessions", user=user))["sessions"])

    def summary(self, user: str | None = None) -> Summary:
        """Return what was counted since the server started, of one user or of all."""
        return Summary.from_json(self.request("GET", _of("/statistics", user=user)))

    def health(self) -> dict[str, Any]:
        """Return what the server says of itself, after it has asked its engine something."""
        return self.request("GET", "/health")


def _of(path: str, **query: str | None) -> str:
    given = {name: value for name, value in query.items() if value is not None}
    return f"{path}?{urllib.parse.urlencode(given)}" if given else path
