"""Faults: what goes wrong, at which call, for whom."""

from __future__ import annotations

from oracle_standin.faults._faults import Fault, Faults
from oracle_standin.faults._maker import FaultMaker, Injected, Place
from oracle_standin.faults._rules import (
    Action,
    Answer,
    Cut,
    Delay,
    Kill,
    Rule,
    When,
    rule_from_json,
    rule_to_json,
)

__all__ = [
    "Action",
    "Answer",
    "Cut",
    "Delay",
    "Fault",
    "FaultMaker",
    "Faults",
    "Injected",
    "Kill",
    "Place",
    "Rule",
    "When",
    "rule_from_json",
    "rule_to_json",
]
