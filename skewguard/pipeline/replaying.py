"""`--replay N`: plays N instants through history, at which serving has only what was known by then."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from skewguard.errors.config import OptionsDisagree
from skewguard.model import ViewSpec
from skewguard.pipeline.bench import Bench
from skewguard.pipeline.population import Population
from skewguard.pipeline.rows import EntityRows
from skewguard.pipeline.selection import Selection
from skewguard.pipeline.slices import Sliced

if TYPE_CHECKING:
    import pyarrow as pa

    from skewguard.feature_store.sandbox import Sandbox
    from skewguard.replay import Arrivals

MICROSECOND = timedelta(microseconds=1)
FIRST = "\x1ffirst"  # no column of a user's has this name
ALWAYS = -(2**63)


@dataclass(frozen=True, kw_only=True)
class Replay:
    """The sources as they were at the instant that was last reached, and the windows materialized by then.

    `paths` are what Feast's serving side reads, by base view name; `windows` those so far, by view.
    """

    arrivals: Mapping[str, Arrivals]
    paths: Mapping[str, Path]
    windows: dict[str, list[tuple[datetime, datetime]]] = field(default_factory=dict)

    def reach(self, instant: datetime) -> None:
        """Makes every source what it was at `instant`."""
        for base, arrivals in self.arrivals.items():
            arrivals.write(instant, self.paths[base])

    def window(
        self, name: str, reads: Iterable[str], oldest: datetime, end: datetime
    ) -> tuple[datetime, datetime] | None:
        """The next window of a view: from its oldest event at first, then as `feast materialize-incremental` does.

        None where nothing in it is known by its end: there is nothing to write.
        """
        before = self.windows.setdefault(name, [])
        start = before[-1][1] if before else oldest
        before.append((start, end))
        return (start, end) if any(self.arrivals[base].any_between(start, end) for base in reads) else None

    def covered(self, base: str) -> tuple[tuple[datetime, datetime], ...]:
        """The windows of a view, each without the instant that the one before had covered already."""
        windows = self.windows.get(base, [])
        return tuple(windows[:1] + [(start + MICROSECOND, end) for start, end in windows[1:]])


def played(bench: Bench, selection: Selection, population: Population) -> Population:
    """The population at every instant of the replay: of the drawn rows those that have an event by then."""
    if bench.options.replay is None:
        return population
    listed = bench.options.entities is not None
    if listed and any(each != population.as_of for each in _instants(population)):
        raise OptionsDisagree("replay", "entities", "the rows of the file have instants of their own")
    moments = _moments(bench, selection, population)
    numbered, rows = EntityRows(), {}
    for view in bench.failures.without((*selection.stored, *selection.on_demand)):
        with bench.failures.of(view):
            there = _with_first(bench, view, selection, population)
            parts = [_at(bench, view, there, moment) for moment in moments]
            rows[view.name] = numbered.number(_together(parts))
    first, last = moments[0].isoformat(), moments[-1].isoformat()
    bench.said.append(
        f"replayed at {f'{len(moments)} instants, {first} to {last}' if moments[1:] else last}: at each, Feast "
        "materialized from where it had stopped, from the rows created by then"
    )
    return replace(population, rows=rows, entity_rows=numbered)


@contextmanager
def opened_stores(
    bench: Bench, sliced: Mapping[str, Sliced], population: Population
) -> Iterator[tuple[Sandbox, Replay | None]]:
    """The stores of a check. In a replay serving has its own, over the sources as they were at each instant."""
    from skewguard.feature_store import sandbox

    paths, timeout = {base: each.path for base, each in sliced.items()}, bench.options.timeout
    with closing(sandbox.build(bench.repo, paths, bench.folder / "stores", timeout=timeout)) as stores:
        if bench.options.replay is None:
            yield stores, None
            return
        replay = _replay(bench, sliced)
        replay.reach(min(_instants(population), default=population.as_of))  # Feast looks at a source's file early
        with closing(sandbox.build(bench.repo, replay.paths, bench.folder / "known_stores", timeout=timeout)) as known:
            yield replace(stores, serving=known.serving, errors=(*stores.errors, *known.errors)), replay


def _replay(bench: Bench, sliced: Mapping[str, Sliced]) -> Replay:
    from skewguard.replay import read_arrivals

    return Replay(
        arrivals={base: read_arrivals(bench.connection, each.truth, each.path) for base, each in sliced.items()},
        paths={base: each.path.with_name(f"known_{each.path.name}") for base, each in sliced.items()},
    )


def _instants(population: Population) -> Iterable[datetime]:
    return (instant for rows in population.rows.values() for instant in rows["as_of"].unique().to_pylist())


def _moments(bench: Bench, selection: Selection, population: Population) -> list[datetime]:
    """Evenly spread over the events of all views; the last is as-of."""
    views = bench.failures.without(selection.stored)
    oldest = [population.spans[view.name].oldest for view in views]
    first = min((each for each in oldest if each <= population.as_of), default=population.as_of)
    span, count = (population.as_of - first) // MICROSECOND, bench.options.replay or 1
    return sorted({population.as_of - span * step // count * MICROSECOND for step in range(count)})


def _with_first(bench: Bench, view: ViewSpec, selection: Selection, population: Population) -> pa.Table:
    """The rows that were drawn for a view, and from when on each is asked for. What the user lists always is."""
    import pyarrow as pa
    import pyarrow.compute as pc

    from skewguard.replay import first_events

    rows = population.rows[view.name].drop_columns(["row_id", "as_of"])
    always = pa.array([ALWAYS] * rows.num_rows, pa.int64())
    if bench.options.entities is not None:
        return rows.append_column(FIRST, always)
    found = [
        first_events(bench.connection, population.opened[each.name], each, rows) for each in _deciding(view, selection)
    ]
    return rows.append_column(FIRST, pc.max_element_wise(always, *found, skip_nulls=False))


def _deciding(view: ViewSpec, selection: Selection) -> list[ViewSpec]:
    """The views whose events decide when an entity row is there: as the rows were drawn (`join_inputs`)."""
    from skewguard.sample.on_demand import widest_input

    if not view.inputs and view.source is not None:
        return [view]
    inputs = [each for each in selection.inputs if each.name in view.inputs and each.join_keys]
    widest = widest_input(inputs)
    return inputs if widest is None else [widest]


def _at(bench: Bench, view: ViewSpec, rows: pa.Table, moment: datetime) -> pa.Table:
    """The entity rows of one instant, with request data of its own where skewguard makes it."""
    import pyarrow as pa
    import pyarrow.compute as pc

    from skewguard.sample import add_request_data

    instant = pa.scalar(moment, pa.timestamp("us", "UTC"))
    there = rows.filter(pc.fill_null(pc.less_equal(rows[FIRST], instant.value), False))
    there = there.append_column("as_of", pa.repeat(instant, there.num_rows)).drop_columns([FIRST])
    if bench.options.entities is not None or not view.request:
        return there
    made = [each.held for each in view.request if each.held in there.column_names]
    return add_request_data(
        there.drop_columns(made), view.name, view.request, as_of=moment, seed=bench.options.seed
    )  # fmt: skip


def _together(parts: list[pa.Table]) -> pa.Table:
    import pyarrow as pa

    return pa.concat_tables([part for part in parts if part.num_rows] or parts[-1:], promote_options="permissive")
