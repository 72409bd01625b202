"""Spares Feast's default store the hashing of whole frames, which dask does to name its tasks.

It hashes every frame a dozen times, and lists and text by pickling them: 40 s for 100,000 rows that are otherwise read
in 1 s. A name must tell frames apart and be the same for the same frame; it need not follow from what the frame holds.
"""

from __future__ import annotations

import sys
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any
from uuid import uuid4


@contextmanager
def unhashed() -> Iterator[None]:
    """Frames are known to dask by a name given to each object; nothing is changed where Feast uses no dask."""
    if "dask.dataframe" not in sys.modules:
        yield
        return
    import pandas as pd

    normalize_token: Any = import_module("dask.tokenize").normalize_token
    usual = normalize_token.dispatch(pd.DataFrame)
    normalize_token.register(pd.DataFrame, _Names().of)
    try:
        yield
    finally:
        normalize_token.register(pd.DataFrame, usual)


class _Names:
    """One name for each frame as long as it lives; never given again, as dask remembers what it has seen."""

    def __init__(self) -> None:
        self._given: dict[int, tuple[weakref.ref[Any], str]] = {}

    def of(self, frame: Any) -> str:
        """The name of a frame."""
        known = self._given.get(id(frame))
        if known is None or known[0]() is not frame:
            known = self._given[id(frame)] = (weakref.ref(frame), uuid4().hex)
        return known[1]
