"""The laws of what goes in and comes out: the caller's input is left alone, and the declared features come back."""

from __future__ import annotations

from skewguard.proofs.calls import Answer, Call
from skewguard.proofs.compare import differ
from skewguard.proofs.laws.answers import fault, numbered, reads_float32
from skewguard.proofs.laws.rule import Fault, NotTried, Rows, Trial
from skewguard.proofs.show import shown
from skewguard.proofs.values import is_extreme, is_null

# Raised where a result fits no number of its type: Python's own, skewguard's refusal to cut a value, pandas' of a time.
NO_ROOM = ("OverflowError", "OutputError", "OutOfBoundsDatetime", "OutOfBoundsTimedelta")
AS_TRAINING = "; training calls it so, with a list for each input: only a request gives a singleton single values"


def input_untouched(trial: Trial, rows: Rows) -> Fault | None:
    """What was handed over is the same after the call: columns, types, values, index."""
    (answer,) = trial.ask(Call(rows=rows, watch=True))
    if answer.raised is not None:
        if "read-only" in answer.raised.message:  # Arrow lends its memory, and does not have it written
            return fault(trial, rows, f"it writes to what it was given: {answer.raised}", raised=str(answer.raised))
        raise NotTried("it raises: see schema_kept")
    if answer.touched is None:
        return None
    return fault(trial, rows, f"{answer.touched} of its input is not what it was before the call")


def schema_kept(trial: Trial, rows: Rows) -> Fault | None:
    """The declared features and no others, a row for each row, at their dtypes; and so for no rows."""
    answer, nothing = trial.ask(Call(rows=rows, convert=True), Call(rows=rows, positions=(), convert=True))
    found = _broken(trial, rows, answer, len(rows))
    if found is not None:
        return found
    return _broken(trial, rows, nothing, 0)


def _broken(trial: Trial, rows: Rows, answer: Answer, size: int) -> Fault | None:
    on = f"on {numbered(size)}" if size else "on an empty batch"
    if answer.raised is not None:
        if _excused(rows, answer):
            return None
        place = f" ({answer.raised.line})" if answer.raised.line else ""
        why = AS_TRAINING if trial.subject.singleton else ""
        return fault(trial, rows, f"{on} it raises {answer.raised}{place}{why}", raised=str(answer.raised))
    if answer.size != size:
        return fault(trial, rows, f"{on} it gives {numbered(answer.size)}")
    declared = [each.name for each in trial.subject.features]
    missing = [name for name in declared if name not in answer.columns]
    extra = [name for name in answer.columns if name not in declared]
    if missing or extra:
        parts = [f"lacks {', '.join(missing)}"] * bool(missing) + [f"has {', '.join(extra)} too"] * bool(extra)
        return fault(trial, rows, f"{on} its answer {' and '.join(parts)}; declared are {', '.join(declared)}")
    return _converted(trial, rows, answer, on)


def _excused(rows: Rows, answer: Answer) -> bool:
    """Arithmetic at the ends of a type may leave it; that is refused on every path alike."""
    raised = answer.raised
    assert raised is not None
    large = any(is_extreme(each) for row in rows for each in row.values())
    return large and not raised.hung and (raised.kind in NO_ROOM or "too large" in raised.message)


def _converted(trial: Trial, rows: Rows, answer: Answer, on: str) -> Fault | None:
    """Whether what Feast makes of the values, by the declared dtypes, is still the values."""
    large = any(is_extreme(each) for row in rows for each in row.values())
    if answer.converted is None:
        if large:
            return None
        return fault(trial, rows, f"{on} Feast cannot convert its answer: {answer.unconverted}")
    for feature in trial.subject.features:
        pairs = zip(answer.columns[feature.name], answer.converted[feature.name], strict=False)
        for at, (given, kept) in enumerate(pairs):
            if is_null(given) or (large and is_extreme(given)):
                continue
            if differ(feature, given, kept, reads_float32=reads_float32(trial)):
                made = f"row {at + 1} gives {feature.name} = {shown(given)}, which as {feature.dtype} is {shown(kept)}"
                return fault(trial, rows, made, (feature.name, given, kept))
    return None
