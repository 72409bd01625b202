"""Chooses, for one feature and two physical types, the SQL that says whether two values differ, and how."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import duckdb
from duckdb import CaseExpression, ConstantExpression, Expression, FunctionExpression

from skewguard.equality.judge import Judge
from skewguard.equality.physical import FLOATS, MOMENTS, NUMBERS, Family, element_of, family_of
from skewguard.equality.rules import Form, Rule

_UNDECLARED = (Form.ANY, Form.JSON)
_PLAIN = (Form.INTEGER, Form.FLOAT, Form.BOOLEAN, Form.TEXT, Form.BYTES, Form.INSTANT, Form.ANY)
_SAME_TYPE = (Family.BOOLEAN, Family.BYTES, Family.UUID, Family.OTHER)


@dataclass(frozen=True, kw_only=True)
class Operand:
    """One side's value of a feature: an expression and its DuckDB type."""

    value: Expression
    physical: Any

    @property
    def family(self) -> Family:
        """What its type is like."""
        return family_of(self.physical)

    @property
    def null(self) -> Expression:
        """Whether there is no value."""
        return FunctionExpression("no_number", self.value) if self.family in FLOATS else self.value.isnull()

    def cast(self, physical: str) -> Operand:
        """The same value as another type that holds all of this one's values."""
        target = duckdb.sqltype(physical)
        return Operand(value=self.value.cast(target), physical=target)


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Two sides of a feature: whether they differ, and the code of how (codes.sql).

    `departure` is the code of cells that are known to differ, for which it costs less.
    """

    differs: Expression
    code: Expression
    departure: Expression


def pair_of(rule: Rule, offline: Operand, online: Operand, judge: Judge) -> Pair:
    """The SQL for `offline` against `online` by `rule`."""
    offline, online = _settled(offline, online), _settled(online, offline)
    differs = _native(rule, offline, online)
    if differs is None:
        code = _judged(rule, offline, online, judge)
        return Pair(differs=code != ConstantExpression(0), code=code, departure=code)
    nulls = (offline.null, online.null)
    return Pair(
        differs=differs,
        code=FunctionExpression("code_of", differs, *nulls),
        departure=FunctionExpression("code_of", ConstantExpression(True), *nulls),
    )


def _settled(operand: Operand, other: Operand) -> Operand:
    """A column of nulls takes the other's type; enumerations are text, arrays of fixed size are lists."""
    if operand.family is Family.NULL:
        operand = operand.cast("VARCHAR" if other.family is Family.NULL else str(other.physical))
    if operand.physical.id == "enum":
        return operand.cast("VARCHAR")
    if operand.physical.id == "array":
        return operand.cast(f"{element_of(operand.physical)}[]")
    return operand


def _native(rule: Rule, offline: Operand, online: Operand) -> Expression | None:
    """By macros alone; None where only the specification can tell."""
    families = (offline.family, online.family)
    if all(family in NUMBERS for family in families):
        return _numbers(rule, offline, online) if rule.form in _PLAIN else None
    if all(family in MOMENTS for family in families):
        return _moments(rule, offline, online)
    if families == (Family.LIST, Family.LIST) and rule.form in (Form.LIST, Form.ANY):
        return _lists(rule.inner, offline, online)
    if families == (Family.TEXT, Family.TEXT):
        return _distinct(offline, online) if rule.form in (*_PLAIN, Form.SECONDS) else None
    same = str(offline.physical) == str(online.physical)
    return _distinct(offline, online) if same and offline.family in _SAME_TYPE else None


def _judged(rule: Rule, offline: Operand, online: Operand, judge: Judge) -> Expression:
    """By the specification, which is asked only where the values are not the same as stored."""
    types = (offline.physical, online.physical)
    asked = judge.code(rule, offline.value, online.value, types)
    if str(types[0]) != str(types[1]):
        return asked
    zero = ConstantExpression(0).cast(duckdb.sqltypes.TINYINT)
    same = FunctionExpression("values_differ", offline.value, online.value) == ConstantExpression(False)
    return CaseExpression(same, zero).otherwise(asked)


def _distinct(offline: Operand, online: Operand) -> Expression:
    return FunctionExpression("values_differ", offline.value, online.value)


def _tolerance(rule: Rule, offline: Operand, online: Operand) -> tuple[Expression, Expression]:
    whole = Family.INTEGER in (offline.family, online.family)
    exact = rule.form in _UNDECLARED and rule.exact_integers and whole
    absolute, relative = (0.0, 0.0) if exact else (rule.absolute, rule.relative)
    double = duckdb.sqltypes.DOUBLE
    return ConstantExpression(absolute).cast(double), ConstantExpression(relative).cast(double)


def _numbers(rule: Rule, offline: Operand, online: Operand) -> Expression:
    values, tolerance = (offline.value, online.value), _tolerance(rule, offline, online)
    match offline.family is Family.INTEGER, online.family is Family.INTEGER:
        case True, True:
            return FunctionExpression("integers_differ", *values, *tolerance)
        case True, False:
            return FunctionExpression("mixed_differ", *values, *values, *tolerance)
        case False, True:
            return FunctionExpression("mixed_differ", *values, *reversed(values), *tolerance)
    return FunctionExpression("floats_differ", *values, *tolerance)


def _moments(rule: Rule, offline: Operand, online: Operand) -> Expression:
    if rule.form is not Form.SECONDS and offline.family is online.family is Family.MOMENT:
        return _distinct(offline, online)
    name = "seconds_differ" if rule.form is Form.SECONDS else "instants_differ"
    return FunctionExpression(name, offline.value, online.value, _nanoseconds(offline), _nanoseconds(online))


def _nanoseconds(operand: Operand) -> Expression:
    fine = operand.family is Family.FINE_MOMENT
    return FunctionExpression("nanoseconds_of_fine" if fine else "nanoseconds_of", operand.value)


def _lists(inner: Rule, offline: Operand, online: Operand) -> Expression | None:
    first, second = (Operand(value=each.value, physical=element_of(each.physical)) for each in (offline, online))
    families = (first.family, second.family)
    if all(family in NUMBERS for family in families) and inner.form in _PLAIN:
        parts = ["integer" if family is Family.INTEGER else "float" for family in dict.fromkeys(families)]
        name = "_".join(dict.fromkeys(parts)) + "_lists_differ"
        return FunctionExpression(name, offline.value, online.value, *_tolerance(inner, first, second))
    same = str(first.physical) == str(second.physical)
    plain = first.family in (Family.TEXT, *_SAME_TYPE) and inner.form in _PLAIN
    return _distinct(offline, online) if same and plain else None
