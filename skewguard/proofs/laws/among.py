"""The laws of rows among rows: alone or in company, in any order, under any index."""

from __future__ import annotations

from skewguard.errors.definition import OutputError
from skewguard.proofs.calls import Answer, Call
from skewguard.proofs.laws.answers import base, difference, fault, gives, numbered, steady
from skewguard.proofs.laws.rule import Fault, NotTried, Rows, Trial

ALONE = "one row has no company"


def batch_invariant(trial: Trial, rows: Rows) -> Fault | None:
    """Each row alone, and the batch in two, against the batch; the types of the batch are kept."""
    size = len(rows)
    if size < 2:
        raise NotTried(ALONE)
    whole = Call(rows=rows)
    (together,) = trial.ask(whole)
    halves = [tuple(range(size // 2)), tuple(range(size // 2, size))] if size > 3 else []
    parts = [*((at,) for at in range(size)), *halves]
    calls = [Call(rows=rows, positions=part) for part in parts]
    answers = trial.ask(*calls)
    if together.raised is not None:
        return _only_together(trial, rows, together, answers)
    if together.size != size:
        raise NotTried("it does not give one row for each: see schema_kept")
    for part, call, answer in zip(parts, calls, answers, strict=True):
        found = _apart(trial, rows, together, part, answer)
        if found is not None:
            steady(trial, whole, call)
            return found
    return None


def _only_together(trial: Trial, rows: Rows, together: Answer, answers: list[Answer]) -> Fault | None:
    assert together.raised is not None
    # What is no row for each, or not of the declared types, is raised where a decorated transform is called.
    if together.raised.kind == OutputError.__name__ or any(answer.raised is not None for answer in answers):
        raise NotTried("it raises: see schema_kept")
    says = f"among {numbered(len(rows))} it raises {together.raised}; each row alone it does not"
    return fault(trial, rows, says, raised=str(together.raised))


def _apart(trial: Trial, rows: Rows, together: Answer, part: tuple[int, ...], answer: Answer) -> Fault | None:
    place = f"row {part[0] + 1} alone" if len(part) == 1 else f"in a batch of {len(part)}"
    if answer.raised is not None:
        says = f"{place} it raises {answer.raised}; among {numbered(len(rows))} it does not"
        return fault(trial, rows, says, raised=str(answer.raised))
    if answer.size != len(part):
        raise NotTried("it does not give one row for each: see schema_kept")
    for at, row in enumerate(part):
        found = difference(trial, rows, (answer, at), (together, row))
        if found is not None:
            name, one, other = found
            where = place if len(part) == 1 else f"row {row + 1} {place}"
            among = f"among {numbered(len(rows))} gives {gives(trial, name, other)}"
            return fault(trial, rows, f"{where} gives {gives(trial, name, one)}; {among}", (name, other, one))
    return None


def order_invariant(trial: Trial, rows: Rows) -> Fault | None:
    """The rows backwards and turned about; and, of a frame, other indexes than 0, 1, ..."""
    whole, size = base(trial, rows), len(rows)
    orders = dict.fromkeys((tuple(reversed(range(size))), (*range(1, size), 0))) if size > 1 else {}
    indexes = dict.fromkeys((tuple(range(10, 10 + size)), (3,) * size, tuple(reversed(range(size)))))
    framed = indexes if trial.subject.mode == "pandas" else {}
    trial.ask(*(Call(rows=rows, positions=each) for each in orders), *(Call(rows=rows, index=each) for each in framed))
    for order in orders:
        call = Call(rows=rows, positions=order)
        (moved,) = trial.ask(call)
        found = _moved(trial, rows, whole, moved, order, f"in the order {', '.join(str(at + 1) for at in order)}")
        if found is not None:
            steady(trial, Call(rows=rows), call)
            return found
    same = tuple(range(size))
    for index in framed:
        call = Call(rows=rows, index=index)
        (moved,) = trial.ask(call)
        found = _moved(trial, rows, whole, moved, same, f"under the index {list(index)}")
        if found is not None:
            steady(trial, Call(rows=rows), call)
            return found
    return None


def _moved(trial: Trial, rows: Rows, whole: Answer, moved: Answer, order: tuple[int, ...], how: str) -> Fault | None:
    if moved.raised is not None:
        return fault(trial, rows, f"{how} it raises {moved.raised}", raised=str(moved.raised))
    if moved.size != whole.size:
        return fault(trial, rows, f"{how} it gives {numbered(moved.size)} for {len(rows)}")
    for at, row in enumerate(order):
        found = difference(trial, rows, (whole, row), (moved, at))
        if found is not None:
            name, one, other = found
            says = f"row {row + 1} gives {gives(trial, name, one)}; {how} it gives {gives(trial, name, other)}"
            return fault(trial, rows, says, found)
    return None
