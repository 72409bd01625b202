"""Finds matches whose two values differ in form alone, and words the note that they leave."""

from __future__ import annotations

from duckdb import ConstantExpression, Expression, FunctionExpression

from skewguard.equality.pairs import Operand, Pair
from skewguard.equality.physical import FLOATS, MOMENTS, Family, element_of, family_of
from skewguard.equality.rules import Form, Rule

# Rules under which values of one type may be equal though they are stored differently.
_LENIENT = (Form.JSON, Form.UUID, Form.DECIMAL, Form.SECONDS, Form.SET, Form.MAP, Form.STRUCT, Form.LIST)


def differs_in_form(rule: Rule, offline: Operand, online: Operand, pair: Pair) -> Expression | None:
    """Whether a cell is a match of two values that are not the same as stored; None where no cell can be."""
    if Family.NULL in (offline.family, online.family):
        return None
    stored = _stored_differently(rule, offline, online)
    if stored is None:
        return None
    matching = pair.code == ConstantExpression(0)
    return stored & matching & ~offline.null & ~online.null


def _stored_differently(rule: Rule, offline: Operand, online: Operand) -> Expression | None:
    families = (offline.family, online.family)
    if str(offline.physical) == str(online.physical):
        lenient = rule.form in _LENIENT and families[0] not in (*FLOATS, Family.LIST)
        return FunctionExpression("values_differ", offline.value, online.value) if lenient else None
    if families == (Family.LIST, Family.LIST):
        families = (family_of(element_of(offline.physical)), family_of(element_of(online.physical)))
    if all(family in FLOATS for family in families):
        return FunctionExpression("values_differ", offline.value, online.value)
    if all(family in MOMENTS for family in families):
        return _cut_off(rule, offline, online)
    return None if families[0] is families[1] else ConstantExpression(True)


def _cut_off(rule: Rule, offline: Operand, online: Operand) -> Expression | None:
    dates = [str(each.physical) == "DATE" for each in (offline, online)]
    if any(dates) and not all(dates):
        return ConstantExpression(True)
    if rule.form is Form.SECONDS and offline.family is online.family is Family.MOMENT:
        return FunctionExpression("values_differ", offline.value, online.value)
    return None


def note_on_form(offline: Operand, online: Operand) -> str:
    """What a report says of it."""
    types = (str(offline.physical), str(online.physical))
    if types[0] == types[1]:
        return f"some values are equal but stored differently (both {types[0]})"
    return f"equal values in different forms: offline {types[0]}, online {types[1]}"


def stated_conversion(offline: Operand, online: Operand) -> str | None:
    """The note on two columns that have types of different families; None where they have not."""
    families = {_innermost(offline), _innermost(online)}
    if Family.NULL in families or len(families) == 1 or families <= set(MOMENTS):
        return None
    return f"the types differ, values are compared: offline {offline.physical}, online {online.physical}"


def _innermost(operand: Operand) -> Family | str:
    if operand.family is Family.LIST:
        return f"list of {family_of(element_of(operand.physical))}"
    return operand.family
