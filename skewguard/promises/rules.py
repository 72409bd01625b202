"""From a contract, a declared dtype and the type of a column: the SQL that finds values that break a promise."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, assert_never

import pyarrow as pa

from skewguard import dtypes, sql
from skewguard.contract import Contract
from skewguard.dtypes import Dtype
from skewguard.equality.pairs import Operand
from skewguard.equality.physical import FLOATS, NUMBERS, Family, element_of, family_of
from skewguard.errors.definition import DtypeError
from skewguard.model import Promise

# The smallest number that fits, and the first above it that does not.
WHOLE = {"Int32": (-(2.0**31), 2.0**31), "Int64": (-(2.0**63), 2.0**63)}
MOST_SHOWN = 8  # of the categories


@dataclass(frozen=True, kw_only=True)
class Promised:
    """What is promised of one feature; `absolute` and `relative` are the tolerance of its numbers."""

    position: int
    dtype: str
    contract: Contract
    absolute: float = 0.0
    relative: float = 0.0

    @property
    def asks(self) -> tuple[bool, bool, bool]:
        """Which promises beside the dtype are made: no nulls, a range, categories."""
        contract = self.contract
        return contract.nullable is False, contract.range is not None, contract.categories is not None

    def said(self, promise: Promise) -> str:
        """A promise as people read it."""
        match promise:
            case Promise.DTYPE:
                return self.dtype
            case Promise.NULLABLE:
                return "not null"
            case Promise.RANGE:
                return _range(*(self.contract.range or (None, None)))
            case Promise.CATEGORIES:
                return _listed(self.contract.categories or ())
            case _:
                assert_never(promise)


@dataclass(frozen=True, kw_only=True)
class Test:
    """One promise as a question to values, beside the columns of `bounds`.

    `of_nulls`: it is asked of the rows that the side has, else of values. `told_if_kept`: the contract says it in so
    many words, so that it is told too where nothing breaks it.
    """

    promise: Promise
    broken: sql.Expression
    of_nulls: bool = False
    told_if_kept: bool = True


def bounds(promised: Sequence[Promised]) -> pa.Table:
    """What is promised of each feature, as a table: position, least, most, absolute, relative, allowed."""
    ranges = [each.contract.range or (None, None) for each in promised]
    categories = [None if each.contract.categories is None else list(each.contract.categories) for each in promised]
    return pa.table(
        {
            "position": pa.array([each.position for each in promised], pa.int32()),
            "least": pa.array([least for least, _ in ranges], pa.float64()),
            "most": pa.array([most for _, most in ranges], pa.float64()),
            "absolute": pa.array([each.absolute for each in promised], pa.float64()),
            "relative": pa.array([each.relative for each in promised], pa.float64()),
            "allowed": pa.array(categories, pa.list_(pa.string())),
        }
    )


def tests_of(promised: Promised, operand: Operand) -> Iterator[Test]:
    """The questions that values of this physical type can be asked; of a column of nulls, only whether they may be."""
    never_null, ranged, listed = promised.asks
    if never_null:
        yield Test(promise=Promise.NULLABLE, broken=operand.null, of_nulls=True)
    if ranged and operand.family in (*NUMBERS, Family.DECIMAL):
        exact = operand.family in (Family.INTEGER, Family.DECIMAL)
        near = [sql.constant(0.0)] * 2 if exact else [sql.column("absolute"), sql.column("relative")]
        limits = (sql.column("least"), sql.column("most"))
        yield Test(promise=Promise.RANGE, broken=sql.function("breaks_range", operand.value, *limits, *near))
    if listed and operand.family is Family.TEXT:
        broken = sql.function("breaks_categories", operand.value, sql.column("allowed"))
        yield Test(promise=Promise.CATEGORIES, broken=broken)
    unfit = _unfit(promised.dtype, operand)
    if unfit is not None:
        yield Test(promise=Promise.DTYPE, broken=unfit, told_if_kept=False)


def _range(least: float | None, most: float | None) -> str:
    if least is None:
        return f"at most {most:g}"
    return f"at least {least:g}" if most is None else f"{least:g} to {most:g}"


def _unfit(declared: str, operand: Operand) -> sql.Expression | None:
    """Whether a value cannot be the declared dtype; None where every value of this physical type can."""
    dtype = _parsed(declared)
    if dtype is None:
        return None
    if dtype.family in (dtypes.Family.ARRAY, dtypes.Family.SET):
        return _unfit_elements(dtype.element, operand)
    match dtype.family:
        case dtypes.Family.INTEGER:
            return _unfit_whole(dtype.name, operand)
        case dtypes.Family.FLOAT if operand.family is Family.TEXT:
            return _call("breaks_number_text", operand.value)
        case dtypes.Family.FLOAT if dtype.name == "Float32" and operand.family is Family.DOUBLE:
            return _call("breaks_single", operand.value)
        case dtypes.Family.BOOL if operand.family in NUMBERS:
            return _call("breaks_boolean", operand.value.cast(sql.DataType("DOUBLE")))
        case dtypes.Family.BOOL if operand.family is Family.TEXT:
            return _call("breaks_boolean_text", operand.value)
        case dtypes.Family.TIMESTAMP if operand.family is Family.TEXT:
            return _call("breaks_moment_text", operand.value)
    return None


def _unfit_whole(name: str, operand: Operand) -> sql.Expression | None:
    if operand.family is Family.TEXT:
        return _call("breaks_whole_text", operand.value, *WHOLE[name])
    if operand.family in (*FLOATS, Family.DECIMAL) or (operand.family is Family.INTEGER and not _fits(name, operand)):
        return _call("breaks_whole", operand.value.cast(sql.DataType("DOUBLE")), *WHOLE[name])
    return None


def _fits(name: str, operand: Operand) -> bool:
    small = {"TINYINT", "SMALLINT", "INTEGER", "UTINYINT", "USMALLINT"}
    return str(operand.physical) in (small if name == "Int32" else small | {"BIGINT", "UINTEGER"})


def _unfit_elements(element: Dtype | None, operand: Operand) -> sql.Expression | None:
    if element is None or operand.family is not Family.LIST:
        return None
    inner = family_of(element_of(operand.physical))
    if element.family is dtypes.Family.INTEGER and inner in FLOATS:
        return _call("breaks_whole_list", operand.value, *WHOLE[element.name])
    if element.name == "Float32" and inner is Family.DOUBLE:
        return _call("breaks_single_list", operand.value)
    return None


def _parsed(declared: str) -> Dtype | None:
    try:
        return dtypes.parse(declared)
    except DtypeError:  # a dtype of a Feast to come promises nothing that is known here
        return None


def _call(macro: str, value: sql.Expression, *arguments: Any) -> sql.Expression:
    return sql.function(macro, value, *(sql.constant(each) for each in arguments))


def _listed(categories: tuple[str, ...]) -> str:
    shown = ", ".join(categories[:MOST_SHOWN])
    more = len(categories) - MOST_SHOWN
    return f"one of {shown}" + (f" and {more} more" if more > 0 else "")
