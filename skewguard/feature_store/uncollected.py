"""Spares Python's cycle collector the walk over Feast's million objects while a store is written or read.

Rows and answers are trees of small objects that reference counting frees; looking for cycles among them costs a
quarter of the time of a read.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Cycles are not collected inside, and are again after it, if they were before."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@contextmanager
def set_aside() -> Iterator[None]:
    """What is loaded by now is not looked through for cycles meanwhile; what is made from here on is."""
    if gc.get_freeze_count():  # the caller's own, and not ours to thaw
        yield
        return
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
