"""From a function to its mark, and from a transform's dotted path back to the function, in any process."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from skewguard.contract import Feature
from skewguard.errors.definition import DefinitionError, NotATransformError, TransformError

if TYPE_CHECKING:
    from skewguard.definition.batch import BatchTransform
    from skewguard.definition.on_demand import OnDemandTransform

MARK = "__skewguard__"


def transform_of(function: Any) -> BatchTransform | OnDemandTransform:
    """The mark that a decorator left on `function`; a mark itself is given back."""
    mark = function if hasattr(function, "function") else getattr(function, MARK, None)
    if mark is None:
        raise NotATransformError(function, "batch_features or @on_demand_features")
    found: BatchTransform | OnDemandTransform = mark
    return found


def find_transform(path: str) -> BatchTransform | OnDemandTransform:
    """Import the transform named `module.function`; the project must be importable."""
    module_name, _, name = path.rpartition(".")
    try:
        module = importlib.import_module(module_name)
    except ImportError as problem:
        raise TransformError(
            path,
            f"cannot be imported: {problem}.",
            next_step="Install the project, or run from the folder that holds it.",
        ) from problem
    if not hasattr(getattr(module, name, None), MARK):
        marked = [each for each, value in vars(module).items() if hasattr(value, MARK)]
        known = f"Transforms there: {', '.join(marked) or 'none'}."
        raise TransformError(path, f"is not in {module_name}.", known=known)
    return transform_of(getattr(module, name))


def named(function: Callable[..., Any]) -> str:
    """The dotted path of a function, `module.function`."""
    return f"{function.__module__}.{function.__qualname__}"


def require_importable(function: Any, decorator: str) -> None:
    """Refuse what no other process could import by name."""
    if not inspect.isfunction(function):
        raise NotATransformError(function, decorator)
    if function.__name__ == "<lambda>":
        raise TransformError(named(function), "is a lambda, which no other process can import.", next_step=MOVE)
    if "<locals>" in function.__qualname__ or "." in function.__qualname__:
        what = "is defined inside a function or class, where no other process can import it."
        raise TransformError(named(function), what, next_step=MOVE)
    kinds = (inspect.iscoroutinefunction, inspect.isgeneratorfunction, inspect.isasyncgenfunction)
    if any(kind(function) for kind in kinds):
        what = "is a coroutine or generator; a transform returns its features at once."
        raise TransformError(named(function), what)


def settled_features(function: Callable[..., Any], features: Sequence[Feature]) -> tuple[Feature, ...]:
    """The declared features as a tuple: at least one, each a Feature, no name twice."""
    if isinstance(features, Feature):
        features = (features,)
    if not features or not all(isinstance(each, Feature) for each in features):
        raise TransformError(
            named(function), "declares no features.", next_step='Give features=[Feature("name", "float64"), ...].'
        )
    require_unique(function, [each.name for each in features], "feature")
    return tuple(features)


def require_unique(function: Callable[..., Any], names: Sequence[str], noun: str) -> None:
    """Refuse a name that is declared twice."""
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise TransformError(named(function), f"declares the {noun} {', '.join(twice)} twice.")


def mark(function: Callable[..., Any], transform: Any) -> None:
    """Leave the mark on the function, which otherwise stays what it was."""
    if hasattr(function, MARK):
        raise TransformError(named(function), "is decorated twice.", next_step="Keep one decorator.")
    try:
        setattr(function, MARK, transform)
    except AttributeError as problem:  # a function that takes no attributes
        raise DefinitionError(f"{named(function)} cannot be marked: {problem}.") from problem


MOVE = "Move it to the top level of a module, under a name of its own."
