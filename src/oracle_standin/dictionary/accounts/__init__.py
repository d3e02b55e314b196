"""Users, roles, privileges and quotas."""

from __future__ import annotations

from oracle_standin.dictionary.accounts._accounts import Accounts

__all__ = ["Accounts"]
