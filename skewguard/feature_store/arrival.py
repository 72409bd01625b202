"""Imports Feast, and undoes what importing it does to the process."""

from __future__ import annotations

import importlib
import os
import shutil
import sys
import warnings

METRICS_VARIABLES = ("PROMETHEUS_MULTIPROCESS_DIR", "PROMETHEUS_MULTIPROC_DIR")


def import_feast() -> str:
    """Feast's version, once it is imported without leaving a folder, environment variables or warning filters."""
    if "feast.metrics" not in sys.modules:
        _import_cleanly()
    from importlib.metadata import version

    return version("feast")


def _import_cleanly() -> None:
    """`feast.metrics` makes a temporary folder and points prometheus_client at it, for a server that runs nowhere here.

    prometheus_client decides once, when it is imported, whether it keeps numbers in files of that folder. Imported
    first, it keeps them in memory, and the folder and both variables can go again.
    """
    variables = {name: os.environ.get(name) for name in METRICS_VARIABLES}
    filters = list(warnings.filters)
    importlib.import_module("prometheus_client")
    importlib.import_module("feast")
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
