"""What both kinds of transform are: a marked function that any process finds by its name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from skewguard.definition import reach

if TYPE_CHECKING:
    from skewguard.contract import Feature


@dataclass(frozen=True, kw_only=True, eq=False)
class MarkedTransform:
    """A function under one of the decorators, and the features that it gives."""

    function: Callable[..., Any]
    features: tuple[Feature, ...]

    @property
    def path(self) -> str:
        """Where any process finds it: `module.function`."""
        return reach.named(self.function)

    @property
    def name(self) -> str:
        """The function's own name."""
        return self.function.__name__

    @cached_property
    def fingerprint(self) -> str:
        """A hash of the function's code, of all the project code that it reaches, and of its declaration."""
        from skewguard.fingerprint import fingerprint

        return fingerprint(self)
