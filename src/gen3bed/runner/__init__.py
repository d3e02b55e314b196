"""Runs cells of the matrix: service up, suites, report, service down."""

from __future__ import annotations

from gen3bed.runner._plan import Plan, Request, look_at_server, make_plan
from gen3bed.runner._run import run_plan

__all__ = ["Plan", "Request", "look_at_server", "make_plan", "run_plan"]
