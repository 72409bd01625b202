"""What a replay says of leakage: how often training knows too early, and which delay takes that away."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from skewguard.model import Leaked, ViewKind
from skewguard.pipeline.bench import Bench
from skewguard.pipeline.readings import Reader, Reading

UNITS = ((86_400, "d"), (3_600, "h"), (60, "m"))
NO_CREATED = (
    "leakage: unknown, as the source names no created timestamp column: the replay took each row as known from its "
    "event time on, and cannot see late data"
)
NONE_LATE = "leakage: none: no source row of these entities was created after the time of its event"
TABLE_AS_BUILT = (
    "its table was played back as it was built: events that came too late for its transform are not seen as such"
)


def note_leakage(bench: Bench, reader: Reader, readings: Iterable[Reading]) -> None:
    """A note on every feature of a replay. On-demand features leak as far as what they read does."""
    readings = tuple(readings)
    leaking: set[str] = set()
    for reading in readings:
        if reading.view.kind is not ViewKind.ON_DEMAND:
            leaking.update(_note_view(bench, reader, reading))
    for reading in readings:
        read = sorted(leaking.intersection(reading.view.input_features))
        if reading.view.kind is ViewKind.ON_DEMAND and read:
            bench.note(reading.view, f"leakage: as far as that of what it reads: {', '.join(read)}")


def _note_view(bench: Bench, reader: Reader, reading: Reading) -> list[str]:
    """Notes what is known of one view; the references of its features that leak."""
    from skewguard.replay import measure_leakage

    view = reading.view
    found = measure_leakage(bench.connection, view, reader.sliced[view.base_name].truth, reading.rows)
    if view.fingerprint is not None:
        bench.note(view, TABLE_AS_BUILT)
    if found is None:
        bench.note(view, NO_CREATED)
        return []
    for position, feature in enumerate(view.features):
        bench.leakage[feature.ref] = tuple(
            Leaked(lag=lag, cells=found.rows, leaked=leaks[position], rate=leaks[position] / (found.rows or 1))
            for lag, leaks in found.leaks.items()
        )
    if not found.longest:
        bench.note(view, NONE_LATE)
        return []
    leaking = []
    for position, feature in enumerate(view.features):
        curve = {delay: leaks[position] for delay, leaks in found.leaks.items()}
        if curve[timedelta(0)]:
            leaking.append(feature.ref)
        bench.note(view, f"{feature.ref}: {_said(curve, found.rows, found.longest)}")
    return leaking


def _said(curve: dict[timedelta, int], rows: int, longest: timedelta) -> str:
    at_once = curve[timedelta(0)]
    why = "no source row is created longer after its event"
    if not at_once:
        return f"leakage: none at these instants; a delay of {length(longest)} rules it out at every other: {why}"
    share = f"{at_once:,} of {rows:,} rows ({_percent(at_once, rows)})"
    shorter = [(delay, leaks) for delay, leaks in curve.items() if timedelta(0) < delay < longest]
    told = ", ".join(f"{length(delay)} earlier in {_percent(leaks, rows)}" for delay, leaks in shorter)
    falls = f"; read {told}" if told else ""
    return (
        f"leakage: in {share} training knows a value that nobody could know at the instant{falls}; "
        f"a delay of {length(longest)} makes it vanish, at every other instant too: {why}"
    )


def length(lag: timedelta) -> str:
    """A length of time as the options take it: `1d12h`, `90.5s` as `1m30.5s`."""
    over, said = lag // timedelta(seconds=1), ""
    for seconds, unit in UNITS:
        many, over = divmod(over, seconds)
        said += f"{many}{unit}" if many else ""
    rest = f"{over + lag.microseconds / 1e6:.6f}".rstrip("0").rstrip(".")
    return said if said and rest == "0" else f"{said}{rest}s"


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.3g} %"
