"""Runs an on-demand transform for Feast: inputs and outputs typed by declaration alone, rows in order."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from skewguard import dtypes
from skewguard.definition.answers import writer
from skewguard.definition.values import reader
from skewguard.errors import near
from skewguard.errors.definition import InputError, OutputError

if TYPE_CHECKING:
    import pandas as pd

    from skewguard.definition.on_demand import OnDemandTransform

Columns = Mapping[str, Sequence[str]]


def serve(transform: OnDemandTransform, given: Any, columns: Columns) -> Any:
    """See OnDemandTransform.serve."""
    from skewguard.definition.on_demand import Mode

    if transform.mode is Mode.PANDAS:
        return _serve_frame(transform, given, columns)
    if isinstance(given, Mapping):
        return _serve_rows(transform, given, columns)
    lists = {name: given[name].tolist() for name in given.columns if list(given.columns).count(name) == 1}
    return _frame_of(transform, _serve_rows(transform, lists, columns), len(given))


def _found(transform: OnDemandTransform, columns: Columns, present: Sequence[str]) -> dict[str, str]:
    """Which column holds each input."""
    found = {}
    for name in transform.inputs:
        wanted = columns.get(name, (name,))
        column = next((each for each in wanted if each in present), None)
        if column is None:
            raise InputError(transform.path, name, f"is not among what is given. {near(wanted[0], present)}".rstrip())
        found[name] = column
    return found


def _serve_rows(transform: OnDemandTransform, given: Mapping[str, Any], columns: Columns) -> dict[str, list[Any]]:
    found = _found(transform, columns, list(given))
    names = list(found)
    read = [_read_column(transform, name, given[column]) for name, column in found.items()]
    function = transform.function
    answers = [function(**dict(zip(names, row, strict=True))) for row in zip(*read, strict=True)]
    split = _splitter(transform)
    rows = [split(answer) for answer in answers]
    written: dict[str, list[Any]] = {}
    for at, feature in enumerate(transform.features):
        written[feature.name] = _written(transform, feature.name, feature.dtype, [row[at] for row in rows])
    return written


def _read_column(transform: OnDemandTransform, name: str, values: Sequence[Any]) -> list[Any]:
    read = reader(dtypes.parse(transform.inputs[name]))
    try:
        return [read(value) for value in values]
    except (TypeError, ValueError, OverflowError) as problem:
        raise InputError(transform.path, name, f"is not {transform.inputs[name]}: {problem}.") from problem


def _written(transform: OnDemandTransform, name: str, dtype: str, values: Sequence[Any]) -> list[Any]:
    write = writer(dtypes.parse(dtype))
    try:
        written = [write(value) for value in values]
    except (TypeError, ValueError, OverflowError) as problem:
        raise OutputError(transform.path, f"for {name} what is not {dtype}: {problem}.") from problem
    return _narrowed(written, dtype)


def _narrowed(values: list[Any], dtype: str) -> list[Any]:
    """Feast tells Float32 and Int32 from their wide forms by numpy's types alone."""
    if dtype not in ("Float32", "Int32"):
        return values
    import numpy as np

    narrow = np.float32 if dtype == "Float32" else np.int32
    return [None if value is None else narrow(value) for value in values]


def _splitter(transform: OnDemandTransform) -> Callable[[Any], Sequence[Any]]:
    """From one answer to the values of the features, in their order."""
    names = [feature.name for feature in transform.features]

    def one(answer: Any) -> Sequence[Any]:
        return (answer[names[0]],) if isinstance(answer, dict) and set(answer) == set(names) else (answer,)

    def several(answer: Any) -> Sequence[Any]:
        if isinstance(answer, dict):
            if set(answer) != set(names):
                raise OutputError(transform.path, f"{sorted(answer)} where {names} are declared.")
            return [answer[name] for name in names]
        if not isinstance(answer, tuple | list) or len(answer) != len(names):
            raise OutputError(transform.path, f"{answer!r} where {len(names)} features are declared.")
        return answer

    return one if len(names) == 1 else several


def _serve_frame(transform: OnDemandTransform, given: Any, columns: Columns) -> pd.DataFrame:
    import pandas as pd

    frame = given if isinstance(given, pd.DataFrame) else pd.DataFrame(dict(given))
    returned = transform.function(typed_inputs(transform, frame, columns))
    return _typed_outputs(transform, returned, len(frame))


def typed_inputs(transform: OnDemandTransform, frame: pd.DataFrame, columns: Columns) -> pd.DataFrame:
    """A fresh frame of the declared inputs alone, each at the pandas type that its dtype stands for."""
    import pandas as pd

    from skewguard.definition import frames

    arrived = {}
    for name, column in _found(transform, columns, list(frame.columns)).items():
        values = frame[column]
        values = values.iloc[:, 0] if isinstance(values, pd.DataFrame) else values
        try:
            arrived[name] = frames.arriving(values, dtypes.parse(transform.inputs[name]))
        except (TypeError, ValueError, OverflowError) as problem:
            raise InputError(transform.path, name, f"is not {transform.inputs[name]}: {problem}.") from problem
    return pd.DataFrame(arrived, index=pd.RangeIndex(len(frame)))


def _typed_outputs(transform: OnDemandTransform, returned: Any, rows: int) -> pd.DataFrame:
    import pandas as pd

    names = [feature.name for feature in transform.features]
    if isinstance(returned, pd.Series) and len(names) == 1:
        returned = returned.to_frame(names[0])
    if not isinstance(returned, pd.DataFrame):
        raise OutputError(transform.path, f"a {type(returned).__name__} where a frame is declared.")
    if sorted(map(str, returned.columns)) != sorted(names):
        raise OutputError(transform.path, f"the columns {list(returned.columns)} where {names} are declared.")
    if len(returned) != rows:
        raise OutputError(transform.path, f"{len(returned)} rows for {rows}.", next_step="Return one row per row.")
    return _frame_of(transform, _in_order(returned, rows), rows)


def _in_order(returned: pd.DataFrame, rows: int) -> pd.DataFrame:
    """A function that sorted its rows and kept their numbers is put right; fresh numbers are taken by position."""
    import pandas as pd

    whole = pd.RangeIndex(rows)
    if not returned.index.equals(whole) and returned.index.is_unique and returned.index.isin(whole).all():
        returned = returned.reindex(whole)
    return returned.reset_index(drop=True)


def _frame_of(transform: OnDemandTransform, returned: Any, rows: int) -> pd.DataFrame:
    import pandas as pd

    from skewguard.definition import frames

    leaving = {}
    for feature in transform.features:
        values = returned[feature.name]
        if not isinstance(values, pd.Series):
            values = pd.Series(frames.objects(values))
        try:
            leaving[feature.name] = frames.leaving(values, dtypes.parse(feature.dtype))
        except (TypeError, ValueError, OverflowError) as problem:
            what = f"for {feature.name} what is not {feature.dtype}: {problem}."
            raise OutputError(transform.path, what) from problem
    return pd.DataFrame(leaving, index=pd.RangeIndex(rows))
