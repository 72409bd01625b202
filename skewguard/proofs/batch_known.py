"""Remembers the answers of a batch transform: the laws ask of the same events, and need them computed once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace

from skewguard.proofs.batch_code import BatchCall, BatchCode
from skewguard.proofs.calls import Answer

KEPT = 400


def remembering(code: BatchCode) -> BatchCode:
    """The code, which computes the same call once, unless it is to be made anew."""
    return replace(code, call=_remembered(code.call))


def _remembered(call: Callable[[BatchCall], Answer]) -> Callable[[BatchCall], Answer]:
    known: OrderedDict[str, Answer] = OrderedDict()

    def answer(asked: BatchCall) -> Answer:
        if asked.anew:
            return call(asked)
        typed_with = asked.tables if asked.typed_with is None else asked.typed_with
        key = repr((asked.tables, typed_with, asked.index, asked.world))
        if key not in known:
            known[key] = call(asked)
            if len(known) > KEPT:
                known.popitem(last=False)
        return known[key]

    return answer
