"""How a transform of the catalogue says which laws it breaks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

Function = TypeVar("Function", bound=Callable[..., Any])

LABEL = "__breaks__"
SOUND = "none"


def breaks(*laws: str) -> Callable[[Function], Function]:
    """The exact laws that the function breaks; the very function is returned."""

    def mark(function: Function) -> Function:
        setattr(function, LABEL, frozenset(laws))
        return function

    return mark
