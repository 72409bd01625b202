"""Request data made from declared dtypes: what a caller might well send, the same for one seed on every machine."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pyarrow as pa

from skewguard.dtypes import Dtype, Family, parse
from skewguard.model import RequestField
from skewguard.sample.types import arrow_type

WORDS = ("alpha", "beta", "Gamma", "delta one", "New York", "São Paulo", "42", "a-b_c", "ΩMEGA", "x", "yes", "mid way")
SCALES = (1.0, 10.0, 100.0, 1_000.0, 100_000.0)


def add_request_data(
    rows: pa.Table, view: str, fields: Sequence[RequestField], *, as_of: datetime, seed: int
) -> pa.Table:
    """`rows` with the columns of `fields` that it lacks. Never null: no caller is known to send nulls."""
    for field in fields:
        if field.held in rows.column_names:
            continue
        dtype = parse(field.dtype)
        values = [_value(dtype, _Chance(seed, view, field.name, at), as_of) for at in range(rows.num_rows)]
        rows = rows.append_column(field.held, pa.array(values, arrow_type(field.dtype)))
    return rows


class _Chance:
    """Chance from text alone. Only `random()` is used: Python promises to keep its sequence, not that of `choice`."""

    def __init__(self, seed: int, view: str, field: str, row: int) -> None:
        self._random = Random("\x1f".join((str(seed), view, field, str(row))))

    def share(self) -> float:
        return self._random.random()

    def below(self, bound: int) -> int:
        return int(self._random.random() * bound)

    def pick(self, options: Sequence[Any]) -> Any:
        return options[self.below(len(options))]


def _value(dtype: Dtype, chance: _Chance, as_of: datetime) -> Any:
    if dtype.element is not None:
        several = [_value(dtype.element, chance, as_of) for _ in range(1 + chance.below(4))]
        return several if dtype.family is Family.ARRAY else _distinct(several)
    if dtype.fields:
        return {name: _value(each, chance, as_of) for name, each in dtype.fields}
    match dtype.family:
        case Family.INTEGER:
            return _number(chance, decimals=0)
        case Family.FLOAT:
            return float(_number(chance, decimals=4))
        case Family.DECIMAL:
            return Decimal(_number(chance, decimals=0)) + Decimal(chance.below(10_000)).scaleb(-4)
        case Family.BOOL:
            return chance.share() < 0.5
        case Family.TIMESTAMP:
            return (as_of - timedelta(seconds=chance.below(30 * 86_400))).replace(microsecond=0)
        case Family.BYTES:
            return bytes(chance.below(256) for _ in range(1 + chance.below(8)))
    return _text(dtype, chance)


def _text(dtype: Dtype, chance: _Chance) -> Any:
    match dtype.family:
        case Family.JSON:
            return json.dumps({"name": chance.pick(WORDS), "count": _number(chance, decimals=0)}, ensure_ascii=False)
        case Family.MAP if dtype.name == "ScalarMap":
            return [(word, float(_number(chance, decimals=4))) for word in _distinct([chance.pick(WORDS)])]
        case Family.MAP:
            return [(word, chance.pick(WORDS)) for word in _distinct([chance.pick(WORDS), chance.pick(WORDS)])]
    if dtype.name in ("Uuid", "TimeUuid"):
        bits = sum(chance.below(1 << 32) << (32 * part) for part in range(4))
        return str(uuid.UUID(int=bits, version=1 if dtype.name == "TimeUuid" else 4))
    return chance.pick(WORDS)


def _number(chance: _Chance, *, decimals: int) -> Any:
    """Of any usual size, above zero: no caller is known to send what a transform could not divide by."""
    size = chance.share() * chance.pick(SCALES)
    return round(size, decimals) or 10.0**-decimals if decimals else int(size) + 1


def _distinct(values: list[Any]) -> list[Any]:
    kept: list[Any] = []
    for value in values:
        if value not in kept:
            kept.append(value)
    return kept
