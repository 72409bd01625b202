"""Imports Feast, and undoes what importing it does to the process."""

from __future__ import annotations

import importlib
import os
import shutil
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import wraps
from inspect import isfunction
from typing import Any

from skewguard.feature_store.uncollected import uncollected

IMPORTED_BY_FIRST_READ = "feast.infra.data_sources.mlflow"  # by both file stores, whatever the source
METRICS_VARIABLES = ("PROMETHEUS_MULTIPROCESS_DIR", "PROMETHEUS_MULTIPROC_DIR")


def import_feast() -> str:
    """Feast's version, once it is imported without leaving a folder, environment variables or warning filters."""
    if "feast.metrics" not in sys.modules:
        _import_cleanly()
    return str(sys.modules["feast"].__version__)


def _import_cleanly() -> None:
    """`feast.metrics` makes a temporary folder and points prometheus_client at it, for a server that runs nowhere here.

    prometheus_client decides once, when it is imported, whether it keeps numbers in files of that folder. Imported
    first, it keeps them in memory, and the folder and both variables can go again.
    """
    variables = {name: os.environ.get(name) for name in METRICS_VARIABLES}
    filters = list(warnings.filters)
    importlib.import_module("prometheus_client")
    with _checks_put_off(), uncollected():
        importlib.import_module("feast")
        with suppress(ImportError):
            importlib.import_module(IMPORTED_BY_FIRST_READ)
    importlib.import_module("feast.metrics")
    for name, value in variables.items():
        made = os.environ.get(name)
        if value is None and made is not None:
            del os.environ[name]
            shutil.rmtree(made, ignore_errors=True)
    for each in list(warnings.filters):
        # Feast prepends these two for everybody; what numpy and others add is theirs to keep.
        if each not in filters and each[0] == "once" and each[2] in (DeprecationWarning, RuntimeWarning):
            warnings.filters.remove(each)  # type: ignore[attr-defined]


@contextmanager
def _checks_put_off() -> Iterator[None]:
    """Feast's classes check their arguments' types with typeguard, as they still do; but each method when it is called.

    typeguard rewrites every method from the source of its whole module: more than half of the time that importing
    Feast takes, for 260 methods of which a check calls some thirty.
    """
    try:
        decorators = importlib.import_module("typeguard._decorators")
        rewrite: Callable[[Any], Any] = vars(decorators)["instrument"]
    except (ImportError, KeyError):  # a typeguard that works in another way
        yield
        return
    vars(decorators)["instrument"] = lambda method: _checked_when_called(method, rewrite)
    try:
        yield
    finally:
        vars(decorators)["instrument"] = rewrite


def _checked_when_called(method: Any, rewrite: Callable[[Any], Any]) -> Any:
    checked: Callable[..., Any] | None = None

    @wraps(method)
    def call(*arguments: Any, **named: Any) -> Any:
        nonlocal checked
        if checked is None:
            rewritten = rewrite(method)
            checked = rewritten if isfunction(rewritten) else method  # else a text: why there is nothing to check
        return checked(*arguments, **named)

    return call
