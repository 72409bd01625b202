"""Keeps what Hypothesis generates from hanging on which modules are loaded, and from being noted in a folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def same_everywhere() -> Iterator[None]:
    """Without the constants that it reads out of every loaded module of a project: one seed gives the same rows then,
    from the command line as in a test session, and no folder `.hypothesis` is left where people work.

    It has no option for that. Where its inside is no longer as here, it generates as it likes.
    """
    providers = _providers()
    if providers is None:
        yield
        return
    cache, constants = providers.CONSTANTS_CACHE, vars(providers.HypothesisProvider)["_local_constants"]
    providers.CONSTANTS_CACHE = type(cache)(cache.max_size)  # that of the session has such constants
    providers.HypothesisProvider._local_constants = providers.Constants()
    try:
        yield
    finally:
        providers.HypothesisProvider._local_constants = constants
        providers.CONSTANTS_CACHE = cache


def _providers() -> Any:
    try:
        from hypothesis.internal.conjecture import providers
    except ImportError:
        return None
    known = hasattr(providers, "CONSTANTS_CACHE") and hasattr(providers, "Constants")
    provider = getattr(providers, "HypothesisProvider", None)
    return providers if known and "_local_constants" in vars(provider or object) else None
