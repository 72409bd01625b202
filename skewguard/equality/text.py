"""How a cell's values are written down: text at the precision that shows a difference, numbers, and their distance."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
from duckdb import CaseExpression, ConstantExpression, Expression, FunctionExpression

from skewguard.equality.judge import Judge
from skewguard.equality.pairs import Operand
from skewguard.equality.physical import NUMBERS, Family, element_of, family_of

_NESTED = (Family.STRUCT, Family.MAP, Family.LIST)


def text_of(operand: Operand, peers: Sequence[Operand], judge: Judge) -> Expression:
    """The value as text, null where there is none. A single float beside a double is written as the double it is."""
    varchar = duckdb.sqltypes.VARCHAR
    peers = [each for each in peers if each.family is not Family.NULL]
    if operand.family is Family.LIST and family_of(element_of(operand.physical)) in NUMBERS:
        wide = any(each.family is Family.LIST and "FLOAT" not in str(each.physical) for each in peers)
        single = family_of(element_of(operand.physical)) is Family.SINGLE
        text = (operand.cast("DOUBLE[]") if wide and single else operand).value.cast(varchar)
    elif operand.family in _NESTED:
        text = judge.shown(operand.value, operand.physical)
    elif operand.family is Family.SINGLE and any(each.family is not Family.SINGLE for each in peers):
        text = operand.cast("DOUBLE").value.cast(varchar)
    else:
        text = operand.value.cast(varchar)
    return CaseExpression(operand.null, ConstantExpression(None).cast(varchar)).otherwise(text)


def told_apart(
    operand: Operand, other: Operand, peers: Sequence[Operand], judge: Judge, differing: Expression
) -> Expression:
    """The text of `operand`, with its type where `other` differs from it and would read the same."""
    text = text_of(operand, peers, judge)
    printed_type = ConstantExpression(str(operand.physical))
    apart = FunctionExpression("told_apart", text, text_of(other, peers, judge), printed_type)
    return CaseExpression(differing, apart).otherwise(text)


def number_of(operand: Operand) -> Expression:
    """The value as a double, null where it is not a number."""
    double = duckdb.sqltypes.DOUBLE
    if operand.family not in (*NUMBERS, Family.DECIMAL):
        return ConstantExpression(None).cast(double)
    number = operand.value.cast(double)
    return CaseExpression(operand.null, ConstantExpression(None).cast(double)).otherwise(number)


def distance_of(offline: Operand, online: Operand) -> Expression:
    """`abs(offline - online)`, of integers without the loss of a conversion; null where either is not a number."""
    match offline.family, online.family:
        case Family.INTEGER, Family.INTEGER:
            return FunctionExpression("integer_distance", offline.value, online.value)
        case Family.INTEGER, (Family.SINGLE | Family.DOUBLE):
            return FunctionExpression("mixed_distance", offline.value, online.value)
        case ((Family.SINGLE | Family.DOUBLE), Family.INTEGER):
            return FunctionExpression("mixed_distance", online.value, offline.value)
    return FunctionExpression("abs", number_of(offline) - number_of(online))
