"""What DuckDB's types mean for comparing: families of types, and the rule that two physical types imply."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from skewguard.contract import Tolerance
from skewguard.equality.rules import FLOAT32_RELATIVE, FLOAT64_RELATIVE, Form, Rule


class Family(StrEnum):
    """Types whose values are compared alike."""

    INTEGER = "integer"
    SINGLE = "single"
    DOUBLE = "double"
    DECIMAL = "decimal"
    BOOLEAN = "boolean"
    TEXT = "text"
    BYTES = "bytes"
    UUID = "uuid"
    MOMENT = "moment"
    FINE_MOMENT = "fine_moment"  # nanoseconds
    LIST = "list"
    STRUCT = "struct"
    MAP = "map"
    NULL = "null"
    OTHER = "other"


FLOATS = (Family.SINGLE, Family.DOUBLE)
NUMBERS = (Family.INTEGER, *FLOATS)
MOMENTS = (Family.MOMENT, Family.FINE_MOMENT)
_FAMILIES = {
    "float": Family.SINGLE,
    "double": Family.DOUBLE,
    "decimal": Family.DECIMAL,
    "boolean": Family.BOOLEAN,
    "varchar": Family.TEXT,
    "enum": Family.TEXT,
    "blob": Family.BYTES,
    "uuid": Family.UUID,
    "date": Family.MOMENT,
    "timestamp": Family.MOMENT,
    "timestamp_s": Family.MOMENT,
    "timestamp_ms": Family.MOMENT,
    "timestamp with time zone": Family.MOMENT,
    "timestamp_ns": Family.FINE_MOMENT,
    "timestamptz_ns": Family.FINE_MOMENT,
    "list": Family.LIST,
    "array": Family.LIST,
    "struct": Family.STRUCT,
    "map": Family.MAP,
    "null": Family.NULL,
    **dict.fromkeys(
        ("tinyint", "smallint", "integer", "bigint", "hugeint", "utinyint", "usmallint", "uinteger", "ubigint"),
        Family.INTEGER,
    ),
}


def family_of(physical: Any) -> Family:
    """The family of a DuckDB type."""
    return _FAMILIES.get(physical.id, Family.OTHER)


def element_of(physical: Any) -> Any:
    """The type of a list's elements."""
    return physical.children[0][1]


def is_json(physical: Any) -> bool:
    """JSON is text with another name."""
    return str(physical) == "JSON"


def implied_rule(offline: Any, online: Any, tolerance: Tolerance | None) -> Rule:
    """The rule for two columns of which nothing is declared; a `tolerance` that was asked for replaces the types' own.

    Numbers of which either is an integer are exact, those of which either is a float are as exact as the coarser.
    """
    families = (family_of(offline), family_of(online))
    if Family.NULL in families:
        offline = online = online if families[0] is Family.NULL else offline
        families = (family_of(offline), family_of(online))
    if families == (Family.LIST, Family.LIST):
        element = implied_rule(element_of(offline), element_of(online), tolerance)
        return _rule(Form.LIST, element.absolute, element.relative, element.exact_integers, element=element)
    if families == (Family.STRUCT, Family.STRUCT):
        return _struct_rule(dict(offline.children), dict(online.children), tolerance)
    form = Form.MAP if Family.MAP in families else _form(families, is_json(offline) or is_json(online))
    if tolerance is not None:
        return _rule(form, tolerance.absolute, tolerance.relative, False)
    return _rule(form, 0.0, _relative(families, f"{offline} {online}"), True)


def _struct_rule(offline: dict[str, Any], online: dict[str, Any], tolerance: Tolerance | None) -> Rule:
    shared = {name: online[name] for name in offline if name in online}
    fields = tuple((name, implied_rule(offline[name], other, tolerance)) for name, other in shared.items())
    if tolerance is not None:
        return _rule(Form.STRUCT, tolerance.absolute, tolerance.relative, False, fields=fields)
    return _rule(Form.STRUCT, 0.0, FLOAT64_RELATIVE, True, fields=fields)


def _rule(form: Form, absolute: float, relative: float, exact_integers: bool, **inside: Any) -> Rule:
    return Rule(form=form, absolute=absolute, relative=relative, exact_integers=exact_integers, **inside)


def _form(families: tuple[Family, Family], json: bool) -> Form:
    if json:
        return Form.JSON
    return Form.UUID if Family.UUID in families else Form.ANY


def _relative(families: tuple[Family, Family], types: str) -> float:
    if Family.INTEGER in families or families == (Family.DECIMAL, Family.DECIMAL):
        return 0.0
    return FLOAT32_RELATIVE if "FLOAT" in types else FLOAT64_RELATIVE
