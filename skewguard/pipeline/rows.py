"""Entity rows of a run: one id for each distinct entity at one instant, shared by every view that asks for it."""

from __future__ import annotations

import base64
import datetime
import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from skewguard.model import asked_as

if TYPE_CHECKING:
    import pyarrow as pa


class EntityRows:
    """Hands out row ids. Two views that ask for the same keys at the same instant get the same id."""

    def __init__(self) -> None:
        self._ids: dict[tuple[str, datetime.datetime], int] = {}

    def number(self, keys: pa.Table, as_of: datetime.datetime | None = None) -> pa.Table:
        """`keys` (join keys, request data, and `as_of` unless given) with `row_id`, distinct, sorted by `row_id`."""
        import pyarrow as pa

        if as_of is not None:
            instants: list[datetime.datetime] = [as_of] * keys.num_rows
            keys = keys.append_column("as_of", pa.array(instants, pa.timestamp("us", tz="UTC")))
        else:
            instants = keys["as_of"].to_pylist()
        entities = _entity_texts(keys.drop_columns(["as_of"]))
        ids = [self._ids.setdefault(pair, len(self._ids) + 1) for pair in zip(entities, instants, strict=True)]
        first: dict[int, int] = {}
        for position, row_id in enumerate(ids):
            first.setdefault(row_id, position)
        order = sorted(first)
        distinct = keys.take([first[row_id] for row_id in order])
        return distinct.add_column(0, "row_id", pa.array(order, pa.int64()))

    def table(self) -> pa.Table:
        """All rows handed out: `row_id` int64, `entity` string (JSON), `as_of` timestamp[us, UTC]."""
        import pyarrow as pa

        pairs = list(self._ids)
        return pa.table(
            {
                "row_id": pa.array(list(self._ids.values()), pa.int64()),
                "entity": pa.array([entity for entity, _ in pairs], pa.string()),
                "as_of": pa.array([instant for _, instant in pairs], pa.timestamp("us", tz="UTC")),
            }
        )

    def instants(self) -> set[datetime.datetime]:
        """The instants at which rows were handed out."""
        return {instant for _, instant in self._ids}

    def __len__(self) -> int:
        return len(self._ids)


def _entity_texts(keys: pa.Table) -> list[str]:
    if not keys.num_columns:
        return ["{}"] * keys.num_rows
    names = [json.dumps(asked_as(name), ensure_ascii=False) + ": " for name in keys.column_names]
    columns = [[_text(value) for value in column.to_pylist()] for column in keys.columns]
    return [
        "{" + ", ".join(name + value for name, value in zip(names, row, strict=True)) + "}"
        for row in zip(*columns, strict=True)
    ]


def _text(value: Any) -> str:
    if type(value) is int:
        return str(value)
    return json.dumps(plain(value), ensure_ascii=False)


def plain(value: Any) -> Any:
    """A key or request value as JSON can hold it; non-finite numbers are the strings of INTERFACE.md section 4."""
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return value if value - value == 0 else {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}[str(value)]
        case bytes():
            return base64.b64encode(value).decode("ascii")
        case datetime.datetime():
            return (value if value.tzinfo else value.replace(tzinfo=datetime.UTC)).isoformat()
        case Mapping():
            return {str(key): plain(each) for key, each in value.items()}
        case datetime.date() | datetime.time() | Decimal() | UUID():
            return str(value)
        case Iterable():
            return [plain(each) for each in value]
        case _:
            return str(value)
