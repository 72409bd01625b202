"""Batch transforms: functions from event tables to feature rows, marked by @batch_features."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any, TypeVar

from skewguard import dtypes
from skewguard.contract import Feature
from skewguard.definition import reach
from skewguard.definition.marked import MarkedTransform
from skewguard.errors.definition import TransformError

Function = TypeVar("Function", bound=Callable[..., Any])
CREATED = "created_timestamp"


class Form(StrEnum):
    """What a batch transform takes and returns."""

    PANDAS = "pandas"
    DUCKDB = "duckdb"


@dataclass(frozen=True, kw_only=True, eq=False)
class BatchTransform(MarkedTransform):
    """What is known about a function under @batch_features.

    `parameters` names its event tables in order; `created` is the returned column that says when a row became
    known, None where a row is known at its own `timestamp`; `lookback` is None where a row needs all history.
    """

    entity: tuple[str, ...]
    entity_dtypes: Mapping[str, str]
    timestamp: str
    created: str | None
    lookback: timedelta | None
    parameters: tuple[str, ...]
    form: Form

    @property
    def created_column(self) -> str:
        """The column of the built table that says when a row became known."""
        return self.created if self.created is not None else CREATED

    @property
    def columns(self) -> tuple[str, ...]:
        """What the function returns: entity keys, timestamp, created time where it says one, features."""
        times = (self.timestamp,) if self.created is None else (self.timestamp, self.created)
        return (*self.entity, *times, *(feature.name for feature in self.features))


def batch_features(
    *,
    entity: str | Sequence[str] | Mapping[str, str],
    timestamp: str,
    features: Sequence[Feature],
    lookback: timedelta | None = None,
    created: str | None = None,
) -> Callable[[Function], Function]:
    """Mark a function from event tables to feature rows; the very function is returned.

        @batch_features(entity=["carrier"], timestamp="observed_at", lookback=timedelta(days=7),
                        features=[Feature("mean_dep_delay_7d", "float64", owner="ops")])
        def carrier_delays(departures: pd.DataFrame) -> pd.DataFrame: ...

    It takes one or more event tables, one per parameter, and returns rows with the columns `entity`, `timestamp`,
    `created` (if given) and `features`, in any order. Tables are pandas frames; where an annotation says
    `duckdb.DuckDBPyRelation` they are relations of one DuckDB connection, and a relation is returned. The events of a
    frame come in the order of their event times, typed as pandas types the whole source.

    A row at `timestamp` t may depend on events from t - `lookback` to t, both inclusive, and on no others; without
    `lookback`, on all events up to t. `created` is the column that says when a row became known, which is later
    than t when events arrive late; it must follow from the events alone, never from the clock.

    `entity` may give the keys' dtypes too, `{"carrier": "string"}`, for where neither the Entity has a `value_type` nor
    the events a column of that name: `feast apply` then needs no built table to look them up.
    """

    def decorate(function: Function) -> Function:
        reach.require_importable(function, "batch_features")
        transform = BatchTransform(
            function=function,
            entity=(entity,) if isinstance(entity, str) else tuple(entity),
            entity_dtypes=_dtyped(entity) if isinstance(entity, Mapping) else {},
            timestamp=timestamp,
            created=created,
            lookback=_lookback(function, lookback),
            features=reach.settled_features(function, features),
            parameters=_parameters(function),
            form=_form(function),
        )
        _require_names(transform)
        reach.mark(function, transform)
        return function

    return decorate


def _dtyped(entity: Mapping[str, str]) -> dict[str, str]:
    return {key: str(dtypes.parse(dtype)) for key, dtype in entity.items()}


def _require_names(transform: BatchTransform) -> None:
    for name in transform.columns:
        if not isinstance(name, str) or not name.strip():
            raise TransformError(transform.path, f"declares the column {name!r}; a column needs a name.")
    reach.require_unique(transform.function, list(transform.columns), "column")
    if transform.created is None and CREATED in transform.columns:
        raise TransformError(
            transform.path,
            f"declares a column {CREATED}, the name that the built table keeps for its created time.",
            next_step="Declare it as created=, or name it otherwise.",
        )


def _lookback(function: Callable[..., Any], lookback: timedelta | None) -> timedelta | None:
    if lookback is not None and not (isinstance(lookback, timedelta) and lookback >= timedelta(0)):
        raise TransformError(
            reach.named(function), f"has lookback={lookback!r}.", next_step="Give a timedelta of at least 0, or None."
        )
    return lookback


def _parameters(function: Callable[..., Any]) -> tuple[str, ...]:
    parameters = inspect.signature(function).parameters.values()
    plain = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    tables = [each for each in parameters if each.default is inspect.Parameter.empty]
    if not tables or any(each.kind not in plain for each in tables):
        raise TransformError(
            reach.named(function),
            f"has the parameters {inspect.signature(function)}.",
            next_step="Take one event table per parameter, at least one, without * or **.",
        )
    return tuple(each.name for each in tables)


def _form(function: Callable[..., Any]) -> Form:
    """By annotation; texts are resolved where that is possible without importing DuckDB."""
    written = dict(function.__annotations__)
    with suppress(Exception):  # names under TYPE_CHECKING do not exist at run time: then go by their text
        written = typing.get_type_hints(function)
    asked = ["DuckDBPyRelation" in (each if isinstance(each, str) else str(each)) for each in written.values()]
    if not any(asked):
        return Form.PANDAS
    if not all(asked) or len(asked) != len(inspect.signature(function).parameters) + 1:
        raise TransformError(
            reach.named(function),
            "mixes DuckDB relations with other annotations.",
            next_step="Annotate every parameter and the result as duckdb.DuckDBPyRelation, or none.",
        )
    return Form.DUCKDB
