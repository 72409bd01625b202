"""Errors about: store."""

from __future__ import annotations

from skewguard.errors.base import SkewguardError


class StoreError(SkewguardError):
    """Base of this module's errors."""
