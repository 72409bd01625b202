"""From a contract, a declared dtype and the type of a column: the SQL that finds values that break a promise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

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


@dataclass(frozen=True, kw_only=True)
class Test:
    """One promise as a question to a column. `of_nulls`: it is asked of the rows that the side has, else of values.

    `told_if_kept`: the contract says it in so many words, so that it is told too where nothing breaks it.
    """

    promise: Promise
    expected: str
    broken: sql.Expression
    of_nulls: bool = False
    told_if_kept: bool = True


def tests_of(promised: Promised, operand: Operand) -> Iterator[Test]:
    """The questions that values of this physical type can be asked; of a column of nulls, only whether they may be."""
    contract = promised.contract
    if contract.nullable is False:
        yield Test(promise=Promise.NULLABLE, expected="not null", broken=operand.null, of_nulls=True)
    if contract.range is not None and operand.family in (*NUMBERS, Family.DECIMAL):
        yield _range(promised, operand, contract.range)
    if contract.categories is not None and operand.family is Family.TEXT:
        broken = _call("breaks_categories", operand.value, list(contract.categories))
        yield Test(promise=Promise.CATEGORIES, expected=_listed(contract.categories), broken=broken)
    unfit = _unfit(promised.dtype, operand)
    if unfit is not None:
        yield Test(promise=Promise.DTYPE, expected=promised.dtype, broken=unfit, told_if_kept=False)


def _range(promised: Promised, operand: Operand, bounds: tuple[float | None, float | None]) -> Test:
    least, most = bounds
    exact = operand.family in (Family.INTEGER, Family.DECIMAL)
    near = (0.0, 0.0) if exact else (promised.absolute, promised.relative)
    double = sql.DataType("DOUBLE")
    limits = [sql.constant(each).cast(double) for each in (least, most)]
    broken = sql.function("breaks_range", operand.value, *limits, *(sql.constant(each) for each in near))
    match bounds:
        case (None, _):
            expected = f"at most {most:g}"
        case (_, None):
            expected = f"at least {least:g}"
        case _:
            expected = f"{least:g} to {most:g}"
    return Test(promise=Promise.RANGE, expected=expected, broken=broken)


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
