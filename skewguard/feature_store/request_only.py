"""Lets Feast's default store answer for an on-demand view that reads request data alone, as it does beside other views.

Its dask store ends in `.persist().compute()`, which a dask frame has; with no feature view to join, the frame is still
the pandas one that it was given, and the call raises AttributeError. In a query with any feature view it answers.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from skewguard.model import ViewKind, ViewSpec

ASKED_ALONE = (
    "Feast's default (dask) offline store raises AttributeError where a view of request data alone is asked for by "
    "itself; beside a feature of any other view it answers, and so it was asked here"
)


class PersistedFrame(pd.DataFrame):  # type: ignore[misc]  # pandas is untyped here
    """A pandas frame that can be told to persist and compute itself, as a dask frame can."""

    @property
    def _constructor(self) -> Any:
        return PersistedFrame

    def persist(self) -> PersistedFrame:
        """Itself: nothing is left to be computed."""
        return self

    def compute(self) -> pd.DataFrame:
        """A plain frame, as a query returns it."""
        return pd.DataFrame(self).reset_index(drop=True)


def raises_alone(store: Any, view: ViewSpec) -> bool:
    """Whether this store fails on this view unless the query names another one."""
    return view.kind is ViewKind.ON_DEMAND and not view.inputs and store.config.offline_store.type in ("dask", "file")
