"""lookback_sufficient: the events of the declared lookback alone give the same newest output as full history."""

from __future__ import annotations

from typing import Any

from skewguard.proofs.batch_code import BatchCall, BatchCode, BatchExample
from skewguard.proofs.batch_judge import found_as, parted, says, time_text
from skewguard.proofs.batch_rows import Outputs, happened, outputs, rows_since
from skewguard.proofs.batch_span import span_text
from skewguard.proofs.batch_spread import spread
from skewguard.proofs.laws.rule import Fault, NotTried

MOMENTS = 4


def without_lookback(code: BatchCode) -> str | None:
    """Why the law says nothing of a transform that may need all history."""
    if code.lookback is None:
        return "it declares no lookback: a row may depend on all earlier events"
    return None


def lookback_sufficient(code: BatchCode, example: BatchExample) -> Fault | None:
    """At several times of outputs: the row of that time from the events of its lookback, both ends included."""
    whole = example.tables
    lookback = code.lookback
    if lookback is None:
        raise NotTried("it declares no lookback")
    (answer,) = code.ask([BatchCall(tables=whole)])
    everything = outputs(code, answer)
    tried = 0
    for moment in spread(sorted({key[0] for key in everything}), MOMENTS):
        history = happened(code, whole, until=moment)
        window = happened(code, whole, since=moment - lookback, until=moment)
        if all(len(window[name]) == len(history[name]) for name in history):
            continue  # there is nothing older
        try:
            recent = outputs(code, code.call(BatchCall(tables=window, typed_with=whole)))
            tried += 1
            if parted(code, whole, _at(everything, moment), _at(recent, moment), everything) is None:
                continue
            full = outputs(code, code.call(BatchCall(tables=history, typed_with=whole)))  # what is later plays no part
        except NotTried:
            continue
        found = parted(code, whole, _at(full, moment), _at(recent, moment), everything)
        if found is not None:
            other = f"with only those of the lookback of {span_text(lookback)}, from {time_text(moment - lookback)} on"
            detail: dict[str, Any] = {"t": moment, "lookback_seconds": lookback.total_seconds(), **found_as(found)}
            return Fault(says=says(code, found, "with all events up to then", other), detail=detail)
    if not tried:
        raise NotTried("no output has an event older than its lookback")
    return None


def _at(rows: Outputs, moment: Any) -> Outputs:
    return {key: row for key, row in rows_since(rows, moment).items() if key[0] == moment}
