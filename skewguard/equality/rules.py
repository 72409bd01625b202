"""Which rule decides whether two values of a feature are equal: from its declared dtype, or from physical types."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial

from skewguard.contract import Tolerance

FLOAT32_RELATIVE = 1e-6
FLOAT64_RELATIVE = 1e-9


class Form(StrEnum):
    """What a value is declared to be, as far as equality cares."""

    INTEGER = "integer"
    FLOAT = "float"
    DECIMAL = "decimal"
    BOOLEAN = "boolean"
    TEXT = "text"
    BYTES = "bytes"
    SECONDS = "seconds"  # an instant of which only whole seconds count: Feast's UnixTimestamp
    INSTANT = "instant"
    UUID = "uuid"
    JSON = "json"
    LIST = "list"
    SET = "set"
    MAP = "map"
    STRUCT = "struct"
    ANY = "any"  # nothing is declared: the values themselves say what they are


@dataclass(frozen=True, kw_only=True)
class Rule:
    """How one feature is compared. Numbers match within `absolute + relative * abs(offline)`, wherever they are nested.

    `exact_integers`: in a value of no declared type, a number that is an integer on either side has no tolerance.
    """

    form: Form
    absolute: float = 0.0
    relative: float = 0.0
    exact_integers: bool = True
    element: Rule | None = None
    fields: tuple[tuple[str, Rule], ...] = ()

    def of_field(self, name: str) -> Rule:
        """The rule for the value under `name` of a map or struct."""
        return next((rule for field, rule in self.fields if field == name), self.inner)

    @property
    def inner(self) -> Rule:
        """The rule for what this value contains; where nothing is declared, what the values say."""
        return self.element or replace(self, form=Form.ANY, fields=())

    @property
    def exact(self) -> bool:
        """Whether numbers have no tolerance at all."""
        return self.absolute == 0.0 and self.relative == 0.0


_SCALARS = {
    "Int32": Form.INTEGER,
    "Int64": Form.INTEGER,
    "Float32": Form.FLOAT,
    "Float64": Form.FLOAT,
    "Bool": Form.BOOLEAN,
    "String": Form.TEXT,
    "Bytes": Form.BYTES,
    "PdfBytes": Form.BYTES,
    "ImageBytes": Form.BYTES,
    "UnixTimestamp": Form.SECONDS,
    "ZonedTimestamp": Form.INSTANT,
    "Uuid": Form.UUID,
    "TimeUuid": Form.UUID,
    "Decimal": Form.DECIMAL,
    "Json": Form.JSON,
    "Map": Form.MAP,
    "ScalarMap": Form.MAP,
}
_UNDECLARED = (Form.JSON, Form.MAP, Form.ANY)
_COLLECTION = re.compile(r"(Array|Set)\((.*)\)", re.DOTALL)
_STRUCT = re.compile(r"Struct\(\{(.*)\}\)", re.DOTALL)


def rule_of(dtype: str, tolerance: Tolerance | None = None, *, reads_float32: bool = False) -> Rule:
    """The rule for a feature declared as `dtype`, in Feast's words: `Float32`, `Array(Int64)`, `Struct({a: Json})`.

    A contract's `tolerance` replaces the dtype's own. `reads_float32`: an on-demand feature one of whose inputs is a
    Float32 can be no more precise than that input.
    """
    dtype = dtype.strip()
    inside = partial(rule_of, tolerance=tolerance, reads_float32=reads_float32)
    if found := _COLLECTION.fullmatch(dtype):
        element = inside(found[2])
        return replace(element, form=Form.LIST if found[1] == "Array" else Form.SET, element=element, fields=())
    if found := _STRUCT.fullmatch(dtype):
        fields = tuple((name, inside(inner)) for name, inner in _fields(found[1]))
        return replace(_scalar(Form.ANY, dtype, tolerance, reads_float32), form=Form.STRUCT, fields=fields)
    return _scalar(_SCALARS.get(dtype, Form.ANY), dtype, tolerance, reads_float32)


def _scalar(form: Form, dtype: str, tolerance: Tolerance | None, reads_float32: bool) -> Rule:
    if tolerance is not None:
        return Rule(form=form, absolute=tolerance.absolute, relative=tolerance.relative, exact_integers=False)
    if form is Form.FLOAT or form in _UNDECLARED:
        single = dtype == "Float32" or reads_float32
        return Rule(form=form, relative=FLOAT32_RELATIVE if single else FLOAT64_RELATIVE)
    return Rule(form=form)


def _fields(text: str) -> list[tuple[str, str]]:
    """The fields of a struct's text, split at the commas outside any bracket."""
    parts, depth, start = [], 0, 0
    for position, character in enumerate(text):
        depth += (character in "({") - (character in ")}")
        if character == "," and depth == 0:
            parts.append(text[start:position])
            start = position + 1
    parts.append(text[start:])
    named = [part.partition(":") for part in parts]
    return [(name.strip(), inner.strip()) for name, _, inner in named if inner]
