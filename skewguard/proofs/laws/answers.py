"""What the tests of several laws share: the answer to compare with, and the words for a difference."""

from __future__ import annotations

from typing import Any

from skewguard.proofs.calls import Answer, Call
from skewguard.proofs.compare import differing
from skewguard.proofs.laws.rule import Fault, NotTried, Rows, Trial
from skewguard.proofs.show import shown

NO_ANSWER = "it gave no answer to compare with"
UNSTEADY = "its answers change from call to call, so that nothing else can be told: see deterministic"


def base(trial: Trial, rows: Rows, **options: Any) -> Answer:
    """The answer to all rows together, as the offline path types them. NotTried where there is none for each row."""
    (answer,) = trial.ask(Call(rows=rows, **options))
    if answer.raised is not None or answer.size != len(rows):
        raise NotTried(NO_ANSWER)
    return answer


def difference(
    trial: Trial, rows: Rows, one: tuple[Answer, int], other: tuple[Answer, int]
) -> tuple[str, Any, Any] | None:
    """The first feature in which a row of one answer differs from a row of another, and the two values."""
    features = trial.subject.features
    first, second = one[0].row(one[1]), other[0].row(other[1])
    name = differing(features, first, second, scale=scale(rows), reads_float32=reads_float32(trial))
    return None if name is None else (name, first.get(name), second.get(name))


def scale(rows: Rows) -> float:
    """The largest number of usual size among the inputs."""
    numbers = (abs(each) for row in rows for each in row.values() if isinstance(each, int | float))
    return max((float(each) for each in numbers if each < 1e15), default=0.0)


def reads_float32(trial: Trial) -> bool:
    """Whether an input is no more precise than 32 bits."""
    return any("Float32" in each.dtype for each in trial.subject.inputs)


def steady(trial: Trial, *calls: Call) -> None:
    """NotTried where one of the calls gives another answer when it is made anew."""
    from dataclasses import replace

    for call in calls:
        first, second = trial.ask(replace(call, anew=True), replace(call, anew=True))
        if repr(first.columns) != repr(second.columns) or repr(first.raised) != repr(second.raised):
            raise NotTried(UNSTEADY)


def gives(trial: Trial, name: str, value: Any) -> str:
    """`0.0`, or `conv = 0.0` where there are several features."""
    return shown(value) if len(trial.subject.features) == 1 else f"{name} = {shown(value)}"


def fault(trial: Trial, rows: Rows, says: str, found: tuple[str, Any, Any] | None = None, **detail: Any) -> Fault:
    """A fault with what the ledger keeps of it."""
    if found is not None:
        detail |= {"feature": found[0], "expected": found[1], "found": found[2]}
    return Fault(says=says, detail=detail)


def numbered(rows: int) -> str:
    """`2 rows`."""
    return f"{rows} row{'' if rows == 1 else 's'}"
