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
    for at, row in enumerate(rows):
        mine = [name for name in row if is_null(row[name])]
        widened = [name for name in _whole(trial) if name in nulls and name not in mine and not is_inexact(row[name])]
        alone = Call(rows=rows, positions=(at,))
        for call, how in _forms(rows, at, mine, widened, exact=not any(map(is_inexact, _cells(rows, nulls)))):
            found = _unlike(trial, rows, at, alone, call, "as a batch holds them", how)
            if found is not None:
                return found
    return None


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


def _cells(rows: Rows, columns: set[str]) -> Iterator[object]:
    return (row[name] for row in rows for name in columns)


def dtype_parity(trial: Trial, rows: Rows) -> Fault | None:
    """Rows without a null: each alone, typed as the offline path types it and as a request does."""
    if any(is_null(row[each.name]) for row in rows for each in trial.subject.inputs):
        raise NotTried("every row has a null: see null_parity")
    base(trial, rows)
    single = [each.name for each in trial.subject.inputs if "Float32" in each.dtype]
    for at, row in enumerate(rows):
        if any(is_extreme(row[name]) for name in single):
            continue  # 32 bits have less room than the 64 that a request has: no transform can help that
        call = Call(rows=rows, positions=(at,), path=Path.ONLINE)
        found = _unlike(
            trial, rows, at, Call(rows=rows, positions=(at,)), call, "as training types its inputs", "as a request does"
        )
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
