"""The laws of types: the forms of null, and the typings of the two paths, that Feast really feeds (FEAST.md 1.5)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from skewguard import dtypes
from skewguard.dtypes import Family
from skewguard.proofs.calls import Answer, Call, Path
from skewguard.proofs.laws.answers import base, difference, fault, gives, steady
from skewguard.proofs.laws.rule import Fault, NotTried, Rows, Trial
from skewguard.proofs.values import is_extreme, is_inexact, is_null


def null_parity(trial: Trial, rows: Rows) -> Fault | None:
    """Rows with a null, and rows whose integers a null elsewhere made float; all else typed as offline."""
    nulls = {each.name for each in trial.subject.inputs for row in rows if is_null(row[each.name])}
    if not nulls:
        raise NotTried("no row has a null")
    base(trial, rows)
    forms = [(at, *form) for at in range(len(rows)) for form in _forms_of(trial, rows, at, nulls)]
    trial.ask(*(call for _, call, _ in forms), *(Call(rows=rows, positions=(at,)) for at, *_ in forms))
    for at, call, how in forms:
        found = _unlike(trial, rows, at, Call(rows=rows, positions=(at,)), call, "as a batch holds them", how)
        if found is not None:
            return found
    return None


def _forms_of(trial: Trial, rows: Rows, at: int, nulls: set[str]) -> list[tuple[Call, str]]:
    """None of a row without a null, in whose columns those of other rows change no type."""
    mine = [name for name in rows[at] if is_null(rows[at][name])]
    changed = [name for name in _changing(trial) if name in nulls and name not in mine]
    if not (mine or changed):
        return []
    widened = [name for name in _whole(trial) if name in changed and not is_inexact(rows[at][name])]
    return list(_forms(rows, at, mine, widened, exact=not any(map(is_inexact, _cells(rows, nulls)))))


def _forms(
    rows: Rows, at: int, mine: Sequence[str], widened: Sequence[str], *, exact: bool
) -> Iterator[tuple[Call, str]]:
    named = ", ".join(mine)
    if exact:
        yield Call(rows=rows, positions=(at,), path=Path.DASK), "as the default offline store holds them"
    if mine:
        yield Call(rows=rows, positions=(at,), served=tuple(mine)), f"as a one-row request holds them ({named} is null)"
    if widened:
        how = f"as a one-row request holds them ({', '.join(widened)} whole, not made float by a null elsewhere)"
        yield Call(rows=rows, positions=(at,), served=tuple(widened)), how


def _whole(trial: Trial) -> list[str]:
    return [each.name for each in trial.subject.inputs if dtypes.parse(each.dtype).family is Family.INTEGER]


def _changing(trial: Trial) -> list[str]:
    """The columns of whole numbers and of flags, which pandas types otherwise once one is null."""
    kinds = (Family.INTEGER, Family.BOOL)
    return [each.name for each in trial.subject.inputs if dtypes.parse(each.dtype).family in kinds]


def _cells(rows: Rows, columns: set[str]) -> Iterator[object]:
    return (row[name] for row in rows for name in columns)


def dtype_parity(trial: Trial, rows: Rows) -> Fault | None:
    """Rows without a null: each alone, typed as the offline path types it and as a request does."""
    if any(is_null(row[each.name]) for row in rows for each in trial.subject.inputs):
        raise NotTried("every row has a null: see null_parity")
    base(trial, rows)
    single = [each.name for each in trial.subject.inputs if "Float32" in each.dtype]
    # 32 bits have less room than the 64 that a request has: no transform can help that.
    places = [at for at, row in enumerate(rows) if not any(is_extreme(row[name]) for name in single)]
    pairs = [
        (at, Call(rows=rows, positions=(at,)), Call(rows=rows, positions=(at,), path=Path.ONLINE)) for at in places
    ]
    trial.ask(*(call for _, one, other in pairs for call in (one, other)))
    for at, one, other in pairs:
        found = _unlike(trial, rows, at, one, other, "as training types its inputs", "as a request does")
        if found is not None:
            return found
    return None


def _unlike(trial: Trial, rows: Rows, at: int, one: Call, other: Call, first: str, second: str) -> Fault | None:
    here, there = trial.ask(one, other)
    says = _words(trial, rows, at, here, there, first, second)
    if says is not None:
        steady(trial, one, other)
    return says


def _words(trial: Trial, rows: Rows, at: int, here: Answer, there: Answer, first: str, second: str) -> Fault | None:
    if here.raised is not None or here.size != 1:
        return None  # alone it gives no answer: another law's
    if there.raised is not None:
        says = f"row {at + 1}, its inputs typed {second}, raises {there.raised}; {first} it does not"
        return fault(trial, rows, says, raised=str(there.raised))
    if there.size != 1:
        return fault(trial, rows, f"row {at + 1}, its inputs typed {second}, gives {there.size} rows")
    found = difference(trial, rows, (here, 0), (there, 0))
    if found is None:
        return None
    name, one, other = found
    says = (
        f"row {at + 1} gives {gives(trial, name, one)}, its inputs typed {first}; {gives(trial, name, other)} {second}"
    )
    return fault(trial, rows, says, found)
