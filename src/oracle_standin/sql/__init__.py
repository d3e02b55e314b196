"""Oracle's SQL as text: tokens, kinds of statements, binds, rules."""

from __future__ import annotations

from oracle_standin.sql._check import Catalogue, check
from oracle_standin.sql._classify import classify
from oracle_standin.sql._scanner import Token, TokenKind, scan

__all__ = ["Catalogue", "Token", "TokenKind", "check", "classify", "scan"]
