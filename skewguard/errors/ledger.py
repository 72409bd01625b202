"""Errors about: ledger."""

from __future__ import annotations

from skewguard.errors.base import SkewguardError


class LedgerError(SkewguardError):
    """Base of this module's errors."""
