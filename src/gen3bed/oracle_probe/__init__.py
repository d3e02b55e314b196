"""What a user with a real Oracle server runs first: whether it does what the registry relies on."""

from __future__ import annotations

from gen3bed.oracle_probe._probe import Answer, Probe, ask_all
from gen3bed.oracle_probe._question import Question
from gen3bed.oracle_probe._questions import QUESTIONS

__all__ = ["QUESTIONS", "Answer", "Probe", "Question", "ask_all"]
