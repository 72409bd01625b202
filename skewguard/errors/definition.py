"""Errors about: definition."""

from __future__ import annotations

from skewguard.errors.base import SkewguardError


class DefinitionError(SkewguardError):
    """Base of this module's errors."""
