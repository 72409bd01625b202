"""The values that inputs are made of, by declared dtype: usual ones, ones that break real code, and the extremes.

Usual values are what any caller may send; odd ones are zeros, empty texts, letters composed and decomposed, moments at
which clocks change; extremes are the ends of a type, 2^53 + 1 and the infinities. Extremes stay in examples of their
own: what raises on them because a result fits no number is no fault (laws/raising.py).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from skewguard import dtypes
from skewguard.contract import Contract
from skewguard.dtypes import Dtype, Family
from skewguard.proofs.subject import InputColumn

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

BITS = {"Int32": 31, "Int64": 63}
EXACT = 2**53
GENERATED = 10**6
MOST_NAMED, LONGEST_NAMED = 4, 40
WORDS = ("a", "b", "B", "New York", "42", " x ")
ODD_WORDS = ("", "São", "Sa\u0303o", "ΩMEGA", "never seen before", "7", "true", "None", "🙂")
# Of every sort of letter a few: all of Unicode, which Hypothesis could draw from, takes it seconds to list.
LETTERS = "aAzZ019 _-'\"%.,;:/éßİıΩж漢\u0301\u00a0🙂"
UUIDS = ("0b0e7a35-6e6f-4ab5-a7f1-5f3c1b6f3f10", "c9bf9e57-1685-4c89-bafb-ff5af830be8a")
MOMENTS = (
    datetime(2024, 3, 5, 17, 45, tzinfo=UTC),
    datetime(2024, 3, 5, 18, 30, 15, tzinfo=UTC),
    datetime(2023, 11, 20, 4, 0, tzinfo=UTC),
)
ODD_MOMENTS = (
    datetime(2024, 3, 10, 7, 30, tzinfo=UTC),  # 2:30 in New York, were there one that night
    datetime(2024, 11, 3, 5, 30, tzinfo=UTC),  # 1:30 in New York, which that night has twice
    datetime(2024, 11, 3, 6, 30, tzinfo=UTC),
    datetime(2024, 3, 31, 1, 30, tzinfo=UTC),  # the same gap in Europe
    datetime(2024, 2, 29, 23, 59, 59, tzinfo=UTC),
    datetime(2024, 1, 1, tzinfo=UTC),
    datetime(1969, 12, 31, 23, 59, 58, tzinfo=UTC),
)


def usual(column: InputColumn) -> list[Any]:
    """At least one value that nobody would call odd; the first is the simplest."""
    return within(column, _usual(dtypes.parse(column.dtype))) or _fallback(column)


def odd(column: InputColumn) -> list[Any]:
    """Values that are allowed and often forgotten. Of a request Feast refuses what is empty and no text, untyped."""
    found = within(column, _odd(dtypes.parse(column.dtype)))
    return [each for each in found if each not in (b"", [])] if column.request else found


def extreme(column: InputColumn) -> list[Any]:
    """The ends of what the type holds."""
    return within(column, _extreme(dtypes.parse(column.dtype)))


def named(column: InputColumn) -> list[Any]:
    """The first of the constants in the transform's code that the column can hold; a text that is a number as one."""
    dtype = dtypes.parse(column.dtype)
    match dtype.family:
        case Family.INTEGER:
            numbers = [each for each in map(_number, column.named) if each is not None and each.is_integer()]
            limit = 2 ** BITS.get(dtype.name, 63)
            found: list[Any] = [int(each) for each in numbers if -limit <= each < limit]
        case Family.FLOAT:
            found = [each for each in map(_number, column.named) if each is not None]
        case Family.TEXT if dtype.name == "String":
            found = [each for each in column.named if isinstance(each, str) and len(each) <= LONGEST_NAMED]
        case _:
            found = []
    return within(column, list(dict.fromkeys(found)))[:MOST_NAMED]


def _number(value: float | str) -> float | None:
    """None of what is no number, or one so large that a transform may rightly raise on it."""
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return None if math.isnan(number) or is_extreme(number) else number


def is_null(value: Any) -> bool:
    """No value: None, or NaN, which most of Feast's forms do not tell from it."""
    return value is None or (isinstance(value, float) and math.isnan(value))


def is_extreme(value: Any) -> bool:
    """A number so large that arithmetic on it may leave its type, or no finite number."""
    if isinstance(value, list | set | tuple):
        return any(map(is_extreme, value))
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return not (math.isnan(value) or abs(value) <= 2**31)


def is_inexact(value: Any) -> bool:
    """A whole number that a double does not hold."""
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) > EXACT


def _usual(dtype: Dtype) -> list[Any]:
    match dtype.family:
        case Family.INTEGER:
            return [1, 2, 5, 40]
        case Family.FLOAT:
            return [1.0, 2.5, 4.0, 0.25]
        case Family.DECIMAL:
            return ["1", "2.50"]
        case Family.BOOL:
            return [True, False]
        case Family.BYTES:
            return [b"a", b"bc"]
        case Family.TIMESTAMP:
            return list(MOMENTS)
        case Family.TEXT:
            return list(UUIDS if dtype.name in ("Uuid", "TimeUuid") else WORDS)
        case Family.JSON:
            return ['{"name": "a", "count": 1}', '{"name": "b", "count": 2}']
        case Family.MAP:
            return [{"a": "1"}, {"a": "2", "b": "3"}]
        case Family.STRUCT:
            return [{name: _usual(each)[at % len(_usual(each))] for name, each in dtype.fields} for at in range(2)]
    assert dtype.element is not None
    few = _usual(dtype.element)
    made = [few[:1], few[:2], few[1:2]]
    return [set(each) for each in made] if dtype.family is Family.SET else made


def _odd(dtype: Dtype) -> list[Any]:
    match dtype.family:
        case Family.INTEGER:
            return [0, -1, -40, 1000]
        case Family.FLOAT:
            return [0.0, -0.0, -1.5, 0.1, 1e-9, 12345.678]
        case Family.TEXT if dtype.name == "String":
            return list(ODD_WORDS)
        case Family.BYTES:
            return [b"", b"\x00\xff"]
        case Family.TIMESTAMP:
            return list(ODD_MOMENTS)
        case Family.ARRAY:
            return [[]]
    return []


def _extreme(dtype: Dtype) -> list[Any]:
    match dtype.family:
        case Family.INTEGER:
            limit = 2 ** BITS.get(dtype.name, 63)
            return [limit - 1, -limit, *([EXACT + 1] if dtype.name == "Int64" else [])]
        case Family.FLOAT:
            return [math.inf, -math.inf, 1e30 if dtype.name == "Float32" else 1e300]
    return []


def within(column: InputColumn, values: Sequence[Any]) -> list[Any]:
    """Those that the input's contract allows."""
    return [value for value in values if _allowed(column.contract, value)]


def _allowed(contract: Contract, value: Any) -> bool:
    if contract.categories is not None and isinstance(value, str):
        return value in contract.categories
    if contract.range is not None and isinstance(value, int | float):
        least, most = contract.range
        return (least is None or value >= least) and (most is None or value <= most)
    return True


def _fallback(column: InputColumn) -> list[Any]:
    """Where the contract allows none of the usual values: its own."""
    if column.contract.categories:
        return list(column.contract.categories)
    least, most = column.contract.range or (None, None)
    bounds = [each for each in (least, most) if each is not None] or [1]
    whole = dtypes.parse(column.dtype).family is Family.INTEGER
    return [math.ceil(each) if whole else float(each) for each in bounds]


@cache
def _moments() -> SearchStrategy[Any]:
    from hypothesis import strategies

    span = int(datetime(2035, 1, 1, tzinfo=UTC).timestamp())
    return strategies.integers(0, span).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))


def strategy(column: InputColumn) -> SearchStrategy[Any]:
    """Hypothesis's way to make values of the column, nulls apart."""
    from hypothesis import strategies

    dtype, known = dtypes.parse(column.dtype), [*usual(column), *odd(column), *named(column)]
    listed = strategies.sampled_from(known)
    least, most = column.contract.range or (None, None)
    match dtype.family:
        case Family.INTEGER:
            low = -GENERATED if least is None else math.ceil(least)
            high = GENERATED if most is None else int(most)
            return listed | strategies.integers(min(low, high), max(low, high))
        case Family.FLOAT:
            lowest = -float(GENERATED) if least is None else float(least)
            highest = float(GENERATED) if most is None else float(most)
            # Rounded: digits that no 32 bits hold would differ between the paths whatever a transform does.
            made = strategies.floats(min(lowest, highest), max(lowest, highest), allow_nan=False)
            return listed | made.map(lambda value: round(value, 3))
        case Family.TIMESTAMP:
            return listed | _moments()
        case Family.TEXT if dtype.name == "String" and column.contract.categories is None:
            return listed | strategies.text(strategies.sampled_from(LETTERS), max_size=6)
    return listed
