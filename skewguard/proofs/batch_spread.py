"""Picks a few of many evenly, the ends among them: a law looks at some places of an example, the same each time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

Item = TypeVar("Item")


def spread(items: Sequence[Item], most: int) -> list[Item]:
    """At most `most` of `items`, in order; all where they are no more."""
    if len(items) <= most:
        return list(items)
    if most == 1:
        return [items[len(items) // 2]]
    return [items[round(at * (len(items) - 1) / (most - 1))] for at in range(most)]
