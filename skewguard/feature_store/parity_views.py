"""Batch and stream views with a function of their own, as code for the laws: called as Feast's materialization does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any

import pandas as pd
import pyarrow as pa

from skewguard.definition.values import is_null, plain
from skewguard.feature_store.load import Repo
from skewguard.feature_store.sides import one_line
from skewguard.model import ViewKind, ViewSpec
from skewguard.proofs.batch_code import BatchCall, BatchCode, EventTable
from skewguard.proofs.batch_frames import batch_frame, changed_frame, event_rows
from skewguard.proofs.calls import Answer, raised

STREAM, BATCH = b"s", b"b"


def plain_views(repo: Repo) -> Iterator[tuple[ViewSpec, Any, bytes]]:
    """Each such view with Feast's own object, and as the registry holds it."""
    for spec in repo.views:
        view = repo.gathered.views.get(spec.base_name)
        stored = spec.kind in (ViewKind.BATCH, ViewKind.STREAM) and spec.name == spec.base_name
        if view is not None and stored and spec.has_udf and spec.source is not None:
            mark = STREAM if spec.kind is ViewKind.STREAM else BATCH
            yield spec, view, mark + view.to_proto().SerializeToString()


def plain_code(spec: ViewSpec, view: Any, table: EventTable) -> BatchCode:
    """What the laws know of a view's own function over the rows of its source."""
    shape = BatchCode(
        name=spec.name,
        tables=(table,),
        entity=tuple(key.column for key in spec.join_keys),
        timestamp=table.timestamp,
        created=table.created,
        features=spec.features,
        call=lambda call: Answer(),
    )
    return _with(shape, view.feature_transformation.udf)


def recreated_view(registered: bytes, shape: BatchCode) -> Callable[[BatchCall], Answer]:
    """The call of a view as any process makes it from the registry. Raises whatever Feast raises."""
    from feast import FeatureView
    from feast.protos.feast.core.FeatureView_pb2 import FeatureView as Message
    from feast.protos.feast.core.StreamFeatureView_pb2 import StreamFeatureView as StreamMessage
    from feast.stream_feature_view import StreamFeatureView

    kind, message = (StreamFeatureView, StreamMessage()) if registered[:1] == STREAM else (FeatureView, Message())
    message.ParseFromString(registered[1:])
    return _with(shape, kind.from_proto(message).feature_transformation.udf).call


def _with(shape: BatchCode, function: Callable[[Any], Any]) -> BatchCode:
    from dataclasses import replace

    return replace(shape, call=lambda call: _answer(function, shape, call))


def _answer(function: Callable[[Any], Any], code: BatchCode, call: BatchCall) -> Answer:
    """Feast hands over all columns of the source as one frame, whatever the view's mode says (FEAST.md 1.6)."""
    (table,) = code.tables
    frame = batch_frame(table, event_rows(table, call.tables[table.name]), call, in_time_order=False)
    before = frame.copy()
    try:
        returned = function(frame)
    except Exception as problem:
        return Answer(raised=raised(problem), touched=changed_frame(table.name, before, frame))
    touched = changed_frame(table.name, before, frame)
    made = returned.to_pandas() if isinstance(returned, pa.Table) else returned
    if not isinstance(made, pd.DataFrame):
        return Answer(unconverted=f"it returned a {type(made).__name__} where a frame is needed", touched=touched)
    wanted = [*code.entity, code.timestamp, *(feature.name for feature in code.features)]
    twice = [name for name in wanted if list(made.columns).count(name) > 1]
    if twice:
        return Answer(unconverted=f"it returned {', '.join(twice)} twice", touched=touched)
    missing = [name for name in wanted if name not in made.columns]
    if missing:
        return Answer(unconverted=f"it returned no {', '.join(missing)}", touched=touched)
    unconverted = _unconverted(code, made)
    if unconverted is not None:
        return Answer(unconverted=unconverted, touched=touched)
    created = [code.created] if code.created else []
    columns = {name: _values(made[name]) for name in wanted}
    columns |= {name: _values(made[name]) if name in made else (None,) * len(made) for name in created}
    return Answer(columns=columns, size=len(made), touched=touched)


def _unconverted(code: BatchCode, made: pd.DataFrame) -> str | None:
    """Which feature a materialization could not write, and what Feast says; a column without values may be anything."""
    from feast.type_map import python_values_to_proto_values

    from skewguard.feature_store.feast_dtypes import feast_dtype  # with it comes Feast, which takes seconds

    for feature in code.features:
        column = made[feature.name]
        if column.isna().all():
            continue
        try:
            values = pa.array(column, from_pandas=True).to_numpy(zero_copy_only=False)
            python_values_to_proto_values(values, feast_dtype(feature.dtype).to_value_type())
        except Exception as problem:  # Feast's own, or Arrow's
            return f"{feature.name} is not what Feast converts to {feature.dtype}: {one_line(problem)}"
    return None


def _values(column: pd.Series) -> tuple[Any, ...]:
    return tuple(_canonical(value) for value in column.tolist())


def _canonical(value: Any) -> Any:
    if is_null(value):
        return None
    if isinstance(value, pd.Timestamp):
        value = value.floor("us").to_pydatetime()
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    return value if isinstance(value, date) else plain(value)
