"""Errors about: tables."""

from __future__ import annotations

from skewguard.errors.base import SkewguardError


class TableError(SkewguardError):
    """Base of this module's errors."""
