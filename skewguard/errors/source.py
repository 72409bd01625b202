"""Errors about: source."""

from __future__ import annotations

from skewguard.errors.base import SkewguardError


class SourceError(SkewguardError):
    """Base of this module's errors."""
