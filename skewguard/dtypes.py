"""Feast's dtypes as text: read in any case, kept in the words that Feast itself prints; imports nothing heavy."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from skewguard.errors.definition import DtypeError


class Family(StrEnum):
    """Which rules a dtype's values follow."""

    INTEGER = "integer"
    FLOAT = "float"
    BOOL = "bool"
    TEXT = "text"
    BYTES = "bytes"
    TIMESTAMP = "timestamp"
    DECIMAL = "decimal"
    JSON = "json"
    MAP = "map"
    STRUCT = "struct"
    ARRAY = "array"
    SET = "set"


PRIMITIVES = {
    "Bool": Family.BOOL,
    "Bytes": Family.BYTES,
    "Decimal": Family.DECIMAL,
    "Float32": Family.FLOAT,
    "Float64": Family.FLOAT,
    "ImageBytes": Family.BYTES,
    "Int32": Family.INTEGER,
    "Int64": Family.INTEGER,
    "Json": Family.JSON,
    "Map": Family.MAP,
    "PdfBytes": Family.BYTES,
    "ScalarMap": Family.MAP,
    "String": Family.TEXT,
    "TimeUuid": Family.TEXT,
    "UnixTimestamp": Family.TIMESTAMP,
    "Uuid": Family.TEXT,
    "ZonedTimestamp": Family.TIMESTAMP,
}
FOLDED = {name.casefold(): name for name in PRIMITIVES}
EXAMPLES = (*FOLDED, "array(float64)", "set(string)", "struct({name: string})")


@dataclass(frozen=True, kw_only=True)
class Dtype:
    """One dtype; `element` of an array or set, `fields` of a struct."""

    name: str
    family: Family
    element: Dtype | None = None
    fields: tuple[tuple[str, Dtype], ...] = ()

    def __str__(self) -> str:
        """As Feast prints it: `Float64`, `Array(Int64)`, `Struct({a: Int64, b: String})`."""
        if self.element is not None:
            return f"{self.name}({self.element})"
        if self.fields:
            return "Struct({" + ", ".join(f"{name}: {dtype}" for name, dtype in self.fields) + "})"
        return self.name


def parse(text: object) -> Dtype:
    """Read a dtype in any case; a DtypeError names the ones near it."""
    if not isinstance(text, str):
        raise DtypeError(text, EXAMPLES)
    written = text.strip()
    folded = written.casefold().replace("_", "")
    if folded in FOLDED:
        return Dtype(name=FOLDED[folded], family=PRIMITIVES[FOLDED[folded]])
    head, bracket, rest = written.partition("(")
    if not bracket or not rest.endswith(")"):
        raise DtypeError(text, EXAMPLES)
    inner = rest[:-1].strip()
    match head.strip().casefold():
        case "array":
            return Dtype(name="Array", family=Family.ARRAY, element=parse(inner))
        case "set":
            return Dtype(name="Set", family=Family.SET, element=parse(inner))
        case "struct":
            return Dtype(name="Struct", family=Family.STRUCT, fields=_fields(text, inner))
    raise DtypeError(text, EXAMPLES)


def _fields(text: str, inner: str) -> tuple[tuple[str, Dtype], ...]:
    if not (inner.startswith("{") and inner.endswith("}")):
        raise DtypeError(text, EXAMPLES)
    fields = []
    for part in _split(inner[1:-1]):
        name, colon, dtype = part.partition(":")
        if not colon or not name.strip():
            raise DtypeError(text, EXAMPLES)
        fields.append((name.strip(), parse(dtype)))
    if not fields:
        raise DtypeError(text, EXAMPLES)
    return tuple(fields)


def _split(inner: str) -> list[str]:
    """Split at the commas outside of all brackets."""
    parts, depth, start = [], 0, 0
    for at, letter in enumerate(inner):
        depth += (letter in "({") - (letter in ")}")
        if letter == "," and depth == 0:
            parts.append(inner[start:at])
            start = at + 1
    parts.append(inner[start:])
    return [part for part in parts if part.strip()]
