"""One bit per feature and row: which cells of a row are worth a second look."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import reduce

from skewguard.sql import Expression, Relation, column, constant, function

BITS = 60  # of a mask: DuckDB shifts 64-bit integers, and its own sums of them are signed


def masks(differing: Sequence[Expression]) -> list[Expression]:
    """`mask0`, `mask1`, ...: bit `position % BITS` of mask `position // BITS` is set where that feature differs."""
    bits = [function("bit_if", differs, constant(position % BITS)) for position, differs in enumerate(differing)]
    chunks = [bits[start : start + BITS] for start in range(0, len(bits), BITS)]
    joined = [reduce(lambda mask, bit: function("|", mask, bit), chunk) for chunk in chunks]
    return [mask.alias(f"mask{i}") for i, mask in enumerate(joined)]


def any_set(features: int) -> Expression:
    """Whether a row has any bit set."""
    parts = [column(f"mask{i}") != constant(0) for i in range(-(-features // BITS))]
    return reduce(lambda one, other: one | other, parts)


def is_set(position: int) -> Expression:
    """Whether a row has the bit of the feature at `position` set."""
    return function("has_bit", column(f"mask{position // BITS}"), constant(position % BITS))


def set_anywhere(relation: Relation, features: int) -> Iterator[int]:
    """The positions of the features whose bit is set in any row of `relation`."""
    parts = [f"bit_or(mask{i})" for i in range(-(-features // BITS))]
    found = relation.aggregate(", ".join(parts)).fetchall()[0]
    for position in range(features):
        if (found[position // BITS] or 0) >> position % BITS & 1:
            yield position
