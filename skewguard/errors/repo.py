"""Errors about: repo."""

from __future__ import annotations

from skewguard.errors.base import SkewguardError


class RepoError(SkewguardError):
    """Base of this module's errors."""
