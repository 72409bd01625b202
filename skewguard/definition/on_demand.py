"""On-demand transforms: functions of a request's inputs, marked by @on_demand_features, and run alike on both paths."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from skewguard import dtypes
from skewguard.contract import Feature
from skewguard.definition import reach
from skewguard.definition.marked import MarkedTransform
from skewguard.errors.definition import TransformError

Function = TypeVar("Function", bound=Callable[..., Any])


class Mode(StrEnum):
    """How an on-demand function takes its inputs."""

    PANDAS = "pandas"
    ROW = "row"


@dataclass(frozen=True, kw_only=True, eq=False)
class OnDemandTransform(MarkedTransform):
    """What is known about a function under @on_demand_features; `inputs` maps each name to its dtype."""

    inputs: Mapping[str, str]
    mode: Mode

    def serve(self, given: Any, columns: Mapping[str, Sequence[str]] | None = None) -> Any:
        """Run it as Feast runs it, in training and in serving, on inputs typed alike in both.

        `given` is a pandas frame (a frame of the features is returned) or, in row mode, also a dict of lists (a dict
        of lists is returned). `columns` says under which names, in order of preference, an input may be found.
        """
        from skewguard.definition import serve

        return serve.serve(self, given, columns or {})


def on_demand_features(
    *, inputs: Mapping[str, str], features: Sequence[Feature], mode: str = "pandas"
) -> Callable[[Function], Function]:
    """Mark a function of a request's inputs; the very function is returned.

        @on_demand_features(inputs={"mean_dep_delay_7d": "float64", "scheduled_minutes": "int64"},
                            features=[Feature("delay_share", "float64", range=(0, 10))])
        def delay_share(inputs: pd.DataFrame) -> pd.DataFrame:
            share = inputs["mean_dep_delay_7d"] / inputs["scheduled_minutes"]
            return pd.DataFrame({"delay_share": share})

    In mode "pandas" it takes a frame of the declared inputs and returns a frame of the features, one row per row.
    In mode "row" it takes each input as an argument of that name and returns one row's features: the value itself
    where there is one feature, else a tuple in their order or a dict by name.

        @on_demand_features(mode="row", inputs={"mean_dep_delay_7d": "float64", "scheduled_minutes": "int64"},
                            features=[Feature("delay_share", "float64")])
        def delay_share(mean_dep_delay_7d: float | None, scheduled_minutes: int | None) -> float | None: ...

    When Feast runs it, offline and online alike, inputs are first typed by their declared dtype and by nothing else
    (see frames.py and values.py beside this file), and outputs to theirs (answers.py). Calling the function itself
    runs it raw, on what it is given.
    """

    def decorate(function: Function) -> Function:
        reach.require_importable(function, "on_demand_features")
        transform = OnDemandTransform(
            function=function,
            inputs=_inputs(function, inputs),
            features=reach.settled_features(function, features),
            mode=_mode(function, mode),
        )
        _require_names(transform)
        reach.mark(function, transform)
        return function

    return decorate


def _inputs(function: Callable[..., Any], inputs: Mapping[str, str]) -> dict[str, str]:
    if not isinstance(inputs, Mapping) or not inputs or not all(isinstance(name, str) and name for name in inputs):
        raise TransformError(
            reach.named(function), f"has inputs={inputs!r}.", next_step='Give inputs={"name": "float64", ...}.'
        )
    return {name: str(dtypes.parse(dtype)) for name, dtype in inputs.items()}


def _mode(function: Callable[..., Any], mode: str) -> Mode:
    try:
        return Mode(mode)
    except ValueError:
        raise TransformError(
            reach.named(function), f"has mode={mode!r}.", next_step='Give mode="pandas" or mode="row".'
        ) from None


def _require_names(transform: OnDemandTransform) -> None:
    clash = sorted({feature.name for feature in transform.features} & set(transform.inputs))
    if clash:
        raise TransformError(
            transform.path, f"returns what it is given, {', '.join(clash)}.", next_step="Name the feature otherwise."
        )
    parameters = inspect.signature(transform.function).parameters.values()
    keyword = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    wanted = [each for each in parameters if each.default is inspect.Parameter.empty]
    if transform.mode is Mode.PANDAS:
        if len(wanted) != 1 or wanted[0].kind is not inspect.Parameter.POSITIONAL_OR_KEYWORD:
            raise TransformError(
                transform.path,
                f"has the parameters {inspect.signature(transform.function)}.",
                next_step='In mode "pandas" take one frame; in mode "row" one argument per input.',
            )
        return
    named = {each.name for each in parameters if each.kind in keyword}
    if any(each.kind not in keyword for each in parameters) or named != set(transform.inputs):
        raise TransformError(
            transform.path,
            f"has the parameters {inspect.signature(transform.function)} and the inputs {', '.join(transform.inputs)}.",
            next_step='In mode "row" take each input as an argument of that name, and no other.',
        )
