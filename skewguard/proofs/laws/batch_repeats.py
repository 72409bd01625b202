"""The general laws for batch transforms: the same events again, elsewhere, or handed over otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from skewguard.proofs.batch_code import BatchCall, BatchCode, BatchExample, Tables
from skewguard.proofs.batch_judge import found_as, parted, says
from skewguard.proofs.batch_rows import outputs, tied
from skewguard.proofs.calls import Answer, Row, World
from skewguard.proofs.laws.rule import Fault, NotTried

LATER = timedelta(days=400, hours=7)
FAR = "Asia/Kathmandu"  # neither whole hours from UTC nor on the same date for all of the day


def deterministic(code: BatchCode, example: BatchExample) -> Fault | None:
    """Twice in this process; then in another one, with another hash seed, at another time of the clock."""
    once, again = code.ask([BatchCall(tables=example.tables, anew=True)] * 2)
    fault = _same(code, example.tables, once, again, "once", "a second time")
    if fault is not None or code.fresh is None:
        return fault
    (elsewhere,) = code.fresh([BatchCall(tables=example.tables, world=World(clock=LATER))])
    return _same(code, example.tables, once, elsewhere, "here", "in another process at another time")


def rehydrates(code: BatchCode, example: BatchExample) -> Fault | None:
    """In a fresh process where only the project can be imported: a build finds the function by its name."""
    if code.fresh is None:
        raise NotTried("there is no other process to try it in")
    call = BatchCall(tables=example.tables)
    (here,), (fresh,) = code.ask([call]), code.fresh([call])
    if here.raised is None and fresh.raised is not None:
        return Fault(says=f"in a fresh process it raises {fresh.raised}", detail={"raised": str(fresh.raised)})
    return None  # whether it gives the same there is another law: deterministic


def timezone_free(code: BatchCode, example: BatchExample) -> Fault | None:
    """In another time zone and locale."""
    worlds = World(), World(zone=FAR, locale=True)  # the answer in the first is one that all laws ask for
    here, there = code.ask([BatchCall(tables=example.tables, world=each) for each in worlds])
    if here.raised is None and there.raised is not None:
        says = f"where the time zone is {FAR} it raises {there.raised}"
        return Fault(says=says, detail={"zone": FAR, "raised": str(there.raised)})
    return _same(code, example.tables, here, there, "in the time zone of this process", f"where it is {FAR}")


def input_untouched(code: BatchCode, example: BatchExample) -> Fault | None:
    """The caller's frames stay as they were."""
    (answer,) = code.ask([BatchCall(tables=example.tables)])
    if answer.touched is None:
        return None
    return Fault(says=answer.touched, detail={"touched": answer.touched})


def takes_relations(code: BatchCode) -> str | None:
    """Why a law about frames says nothing of a transform on relations."""
    if code.form == "duckdb":
        return "it takes DuckDB relations, which no one can change, and which know one form of null"
    return None


def order_invariant(code: BatchCode, example: BatchExample) -> Fault | None:
    """The events in another order, and under another index; each in the order that its path promises.

    A build hands frames over in the order of event times, so a transform may count on it; DuckDB promises no order, and
    Feast none to a view's own function. To that, events of one entity at one time are in no order that matters: Feast
    itself keeps any of them.
    """
    tables = example.tables
    if max((len(rows) for rows in tables.values()), default=0) < 2:
        raise NotTried("there is one event")
    if code.origin is None and tied(code, tables):
        raise NotTried("several events of one entity are of one time")
    promised = code.form == "pandas" and code.origin is not None
    # Put back into the order of time, a second other order is what the first was.
    calls = [_reversed(tables)] if promised else [_reversed(tables), _shuffled(tables)]
    asked = [BatchCall(tables=each, typed_with=tables) for each in (tables, *calls)]
    if code.form == "pandas":
        index = {name: tuple(range(3 * len(rows) + 7, 7, -3)) for name, rows in tables.items()}
        asked.append(BatchCall(tables=tables, index=index))
    first, *others = code.ask(asked)
    for at, answer in enumerate(others):
        how = "when their frames are numbered otherwise" if at == len(calls) else "in another order"
        fault = _same(code, tables, first, answer, "with the events as they come", f"with the same events {how}")
        if fault is not None:
            return fault
    return None


def _reversed(tables: Tables) -> Tables:
    return {name: tuple(reversed(rows)) for name, rows in tables.items()}


def _shuffled(tables: Tables) -> Tables:
    """Every third event first, then the others: the same each time, as a law must be."""
    return {name: tuple(row for start in (2, 0, 1) for row in rows[start::3]) for name, rows in tables.items()}


def null_parity(code: BatchCode, example: BatchExample) -> Fault | None:
    """Integers as floats and flags as objects: what pandas makes of a column that holds a null in another event."""
    tables = example.tables
    widened = {table.name: _with_null(code, table.name, tables[table.name]) for table in code.tables}
    names = {name for name, (_, columns) in widened.items() for name in columns}
    if not names:
        raise NotTried("no integer or flag without a null among the events")
    typed_with = {name: rows for name, (rows, _) in widened.items()}
    calls = [BatchCall(tables=tables), BatchCall(tables=tables, typed_with=typed_with)]
    plain, beside = code.ask(calls)
    listed = ", ".join(sorted(names))
    other = f"with the same events where another holds a null in {listed}"
    if plain.raised is None and beside.raised is not None:
        return Fault(says=f"it raises {beside.raised} {other}", detail={"columns": sorted(names)})
    return _same(code, tables, plain, beside, "with the events as they are", other)


def _with_null(code: BatchCode, name: str, rows: Sequence[Row]) -> tuple[Sequence[Row], list[str]]:
    (table,) = (each for each in code.tables if each.name == name)
    fixed = {*code.entity, table.timestamp, table.created}
    names = [
        column.name
        for column in table.columns
        if column.name not in fixed
        and column.contract.nullable is not False
        and column.dtype in ("Int32", "Int64", "Bool")
        and rows
        and all(row.get(column.name) is not None for row in rows)
    ]
    if not names:
        return rows, []
    return (*rows, {**rows[0], **dict.fromkeys(names)}), names


def schema_kept(code: BatchCode, example: BatchExample) -> Fault | None:
    """Whatever the events: the declared columns, in dtypes that Feast converts to the declared ones, and no error."""
    (answer,) = code.ask([BatchCall(tables=example.tables)])
    count = sum(len(rows) for rows in example.tables.values())
    given = f"given {count} event{'s' * (count != 1)}" if count else "given no events"
    # With these columns it ran once: what raises on no events, or ends the program, is not the guess.
    if answer.raised is not None and code.guessed and count and answer.raised.kind != "SystemExit":
        raise NotTried("the columns of its events are guessed: what raises may be the guess")
    if answer.raised is not None:
        return Fault(says=f"{given} it raises {answer.raised}", detail={"raised": str(answer.raised)})
    if answer.unconverted is not None:
        if tied(code, example.tables):
            raise NotTried("several events of one entity are of one time: a build refuses a row for each")
        return Fault(says=f"{given}: {answer.unconverted}", detail={"unconverted": answer.unconverted})
    missing = [each.name for each in code.features if each.name not in answer.columns]
    if missing:
        return Fault(says=f"{given} it returns no {', '.join(missing)}", detail={"missing": missing})
    return None


def _same(code: BatchCode, tables: Tables, one: Answer, other: Answer, here: str, there: str) -> Fault | None:
    first, second = outputs(code, one), outputs(code, other)
    found = parted(code, tables, first, second)
    return None if found is None else Fault(says=says(code, found, here, there), detail=found_as(found))
