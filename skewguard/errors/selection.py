"""Errors about: selection."""

from __future__ import annotations

from skewguard.errors.base import SkewguardError


class SelectionError(SkewguardError):
    """Base of this module's errors."""
