"""Errors about: config."""

from __future__ import annotations

from skewguard.errors.base import SkewguardError


class ConfigError(SkewguardError):
    """Base of this module's errors."""
