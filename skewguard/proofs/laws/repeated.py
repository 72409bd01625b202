"""The laws of asking again: the same input twice, later, elsewhere, in another zone, and from the registry's text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from skewguard.proofs.calls import Answer, Call, World
from skewguard.proofs.laws.answers import NO_ANSWER, UNSTEADY, base, difference, fault, gives
from skewguard.proofs.laws.rule import Fault, NotTried, Rows, Trial

# More than a year, another hour, minute and second, another weekday and another day of the month.
LATER = timedelta(days=400, hours=7, minutes=13, seconds=11)
# Where the local date is another one, at any time of day, for one of them; and the minutes too, for the last.
ZONES = ("Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Kathmandu")


def deterministic(trial: Trial, rows: Rows) -> Fault | None:
    """Twice, with other rows asked between; at another time; in another process with another hash seed."""
    call, between = Call(rows=rows, anew=True), Call(rows=rows, positions=(len(rows) - 1,), anew=True)
    # The first time is what all laws compare with; another row is asked before the second: what is kept shows.
    (first,) = trial.ask(Call(rows=rows))
    _, second, later = trial.ask(between, call, replace(call, world=World(clock=LATER)))
    if first.raised is not None and second.raised is not None:
        raise NotTried(NO_ANSWER)
    found = _parted(trial, rows, first, second, "the first time", "asked again")
    found = found or _parted(trial, rows, first, later, "now", "400 days later")
    if found is not None:
        return found
    _, elsewhere = trial.ask(between, call, fresh=True)
    if elsewhere.raised is not None:  # whether it runs there at all is another law
        return None
    return _parted(trial, rows, first, elsewhere, "in one process", "in another process, with another hash seed")


def timezone_free(trial: Trial, rows: Rows) -> Fault | None:
    """Other zones, and another locale, in the one process."""
    first = base(trial, rows)
    together = [World(zone=zone, locale=zone == ZONES[0]) for zone in ZONES]
    if all(_parted(trial, rows, first, moved, "", "") is None for moved in _elsewhere(trial, rows, together)):
        return None
    if _parted(trial, rows, first, base(trial, rows, anew=True), "", "") is not None:
        raise NotTried(UNSTEADY)
    worlds = [*(World(zone=zone) for zone in ZONES), World(locale=True)]
    for world, moved in zip(worlds, _elsewhere(trial, rows, worlds), strict=True):
        found = _parted(
            trial, rows, first, moved, "here", f"with TZ={world.zone}" if world.zone else "in another locale"
        )
        if found is not None:
            return found
    return None


def _elsewhere(trial: Trial, rows: Rows, worlds: Sequence[World]) -> list[Answer]:
    return trial.ask(*(Call(rows=rows, world=world) for world in worlds))


def rehydrates(trial: Trial, rows: Rows) -> Fault | None:
    """Feast makes the function anew from the registry's text, where only the project is importable."""
    base(trial, rows)
    (answer,) = trial.ask(Call(rows=rows), fresh=True)
    if answer.raised is None:
        return None
    says = f"re-created by Feast in a fresh process it raises {answer.raised}"
    return fault(trial, rows, says, raised=str(answer.raised))


def _parted(trial: Trial, rows: Rows, one: Answer, other: Answer, first: str, second: str) -> Fault | None:
    """Whether two answers to the same rows differ."""
    if one.raised is not None or other.raised is not None:
        if (one.raised is None) == (other.raised is None):
            return None
        raising, place = (one, first) if one.raised is not None else (other, second)
        return fault(trial, rows, f"{place} it raises {raising.raised}, otherwise not", raised=str(raising.raised))
    if one.size != other.size:
        return fault(trial, rows, f"{first} it gives {one.size} rows, {second} {other.size}")
    for at in range(one.size):
        found = difference(trial, rows, (one, at), (other, at))
        if found is not None:
            values = f"{first} {gives(trial, found[0], found[1])}, {second} {gives(trial, found[0], found[2])}"
            return fault(trial, rows, f"row {at + 1} gives {values}", found)
    return None
