"""A hash of a transform's code, of all the project code that it reaches, and of its declaration."""

from __future__ import annotations

import hashlib
import inspect
from typing import Any


def fingerprint(transform: Any) -> str:
    """Hex digest."""
    return hashlib.sha256(inspect.getsource(transform.function).encode()).hexdigest()
