"""Events that are made up, or made plainer, are of the types that their source has, whatever these are."""

from __future__ import annotations

from datetime import UTC, datetime, time
from decimal import Decimal
from typing import Any

import pyarrow as pa

from skewguard.model import FeatureSpec
from skewguard.proofs.batch_code import BatchCall, BatchCode, BatchExample, EventTable, Tables
from skewguard.proofs.batch_examples import batch_examples_of
from skewguard.proofs.batch_frames import event_rows
from skewguard.proofs.batch_shrink import smallest
from skewguard.proofs.batch_sources import input_column
from skewguard.proofs.calls import Answer
from skewguard.proofs.laws.rule import Fault

AT = pa.timestamp("us", tz="UTC")
KINDS: dict[str, pa.DataType] = {
    "key": pa.int64(),
    "at": AT,
    "small": pa.int8(),
    "unsigned": pa.uint16(),
    "half": pa.float16(),
    "price": pa.decimal128(10, 2),
    "told": pa.map_(pa.string(), pa.string()),
    "shape": pa.struct([("a", pa.int64())]),
    "shapes": pa.list_(pa.struct([("a", pa.int64())])),
    "of_day": pa.time64("us"),
    "span": pa.duration("us"),
    "day": pa.date32(),
    "fixed": pa.binary(3),
    "text": pa.string(),
}
ROW: dict[str, Any] = {
    "key": 1, "at": datetime(2026, 3, 1, tzinfo=UTC), "small": 1, "unsigned": 2, "half": None, "price": Decimal("1.50"),
    "told": [("a", "1")], "shape": {"a": 1}, "shapes": [{"a": 1}], "of_day": time(3), "span": None, "day": None,
    "fixed": b"abc", "text": "x",
}  # fmt: skip


def code(kinds: dict[str, pa.DataType]) -> BatchCode:
    schema = pa.schema(list(kinds.items()))
    table = EventTable(
        name="events",
        columns=tuple(input_column(field) for field in schema),
        timestamp="at",
        created=None,
        schema=schema.serialize().to_pybytes(),
    )

    def call(asked: BatchCall) -> Answer:
        event_rows(table, asked.tables["events"])
        return Answer()

    features = (FeatureSpec(view="v", name="y", dtype="Float64"),)
    return BatchCode(
        name="v", tables=(table,), entity=("key",), timestamp="at", created=None, features=features, call=call
    )


def always(code: BatchCode, example: BatchExample) -> Fault:
    code.ask([BatchCall(tables=example.tables)])
    return Fault(says="always")


def test_made_up_events_are_of_the_types_of_their_source() -> None:
    events = code(KINDS)
    made: Tables = {}
    for example in batch_examples_of(events, {}, count=60, seed=1):
        events.ask([BatchCall(tables=example.tables)])
        made = {"events": (*made.get("events", ()), *example.tables["events"])}
    told = {name for row in made["events"] for name, value in row.items() if value is not None}
    assert {"small", "unsigned", "text", "key", "at", "day"} <= told, "what can be made up is"
    assert not {"told", "shape", "of_day", "span"} & told


def test_a_counterexample_is_made_plainer_within_the_types_of_its_source() -> None:
    example = BatchExample(tables={"events": (ROW,)})

    def of_one(code: BatchCode, smaller: BatchExample) -> Fault | None:
        return always(code, smaller) if smaller.tables["events"] else None

    found, _ = smallest(code(KINDS), example, Fault(says="always"), of_one, more=lambda: True)
    (row,) = found.tables["events"]
    assert row["text"] == "a" and row["told"] == [("a", "1")] and row["price"] == Decimal("1.50")
