"""Which entity rows each view is asked for: drawn from its source or from the user's file, and numbered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from skewguard.errors.base import SkewguardError
from skewguard.errors.check import RowsOffInstant, TooManyInstants
from skewguard.errors.selection import SelectionError
from skewguard.errors.source import StoreNotReached
from skewguard.model import SourceSpec, Stage, ViewSpec
from skewguard.pipeline.bench import Bench
from skewguard.pipeline.hidden import hidden_by_slices
from skewguard.pipeline.instants import instants
from skewguard.pipeline.pulling import opened_pulled, pulled, within_reach
from skewguard.pipeline.rows import EntityRows
from skewguard.pipeline.scanning import online_keys, say_what_was_found
from skewguard.pipeline.selection import Selection

if TYPE_CHECKING:
    import pyarrow as pa

    from skewguard.reading import Opened
    from skewguard.sample import Draw, Entities, Span

MOST_INSTANTS = 20
LIVE_LEEWAY = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class Population:
    """The numbered entity rows of each view, and what is known of the sources that they came from."""

    as_of: datetime
    opened: Mapping[str, Opened]
    spans: Mapping[str, Span]
    rows: Mapping[str, pa.Table]
    entity_rows: EntityRows = field(default_factory=EntityRows)

    @property
    def shared_as_of(self) -> datetime | None:
        """The instant of all rows; None where rows or views have instants of their own."""
        found = self.entity_rows.instants() or {self.as_of}
        return found.pop() if len(found) == 1 else None


def draw_rows(bench: Bench, selection: Selection) -> Population:
    """Entity rows for every view of the selection that has not failed. Errors of one view stay that view's."""
    from skewguard.sample import read_entities

    entities = None
    if bench.options.entities is not None:
        entities = read_entities(bench.connection, bench.options.entities)
    bench.progress.stage(Stage.SAMPLE, total=len(selection.stored))
    opened, spans = _look_over(bench, selection.stored, entities)
    views = bench.failures.without(selection.stored)
    as_of, each = instants(bench, views, opened, spans)
    _check_live_rows(bench, entities, as_of)
    if entities is not None and entities.timed and bench.options.as_of is not None and not bench.options.live:
        bench.said.append(
            f"the rows of {entities.path.name} are each asked for at their own event_timestamp: --as-of is not used"
        )
    views = bench.failures.without(views)  # looking for the newest event may have met a damaged page
    drawn = _draw_stored(bench, views, opened, spans, entities, each)
    numbered = EntityRows()
    rows = {
        view.name: numbered.number(drawn[view.name].rows, _instant(entities, each[view.name]))
        for view in views
        if view.name in drawn
    }
    for view in bench.failures.without(selection.on_demand):
        with bench.failures.of(view):
            # Its inputs have instants of their own; at a later one it would ask for what is not there yet.
            instant = max((each[name] for name in view.inputs if name in each), default=as_of)
            asked = _draw_on_demand(bench, view, selection, opened, drawn, entities, instant)
            inputs = [each for each in selection.stored if each.name in view.inputs]
            reachable = within_reach(bench, view, inputs, opened, asked)
            rows[view.name] = numbered.number(reachable, _instant(entities, instant))
    _check_instants(bench, entities, rows)
    return Population(as_of=as_of, opened=opened, spans=spans, rows=rows, entity_rows=numbered)


def _look_over(
    bench: Bench, views: Iterable[ViewSpec], entities: Entities | None
) -> tuple[dict[str, Opened], dict[str, Span]]:
    from skewguard.sample import read_span

    asked = bench.options.instant
    instants = [] if entities is None else entities.instants()
    pulled_files = pulled(bench, views, [*instants, asked] if isinstance(asked, datetime) else instants)
    opened: dict[str, Opened] = {}
    spans: dict[str, Span] = {}
    unreached: dict[tuple[str, ...], StoreNotReached] = {}
    for view in bench.failures.without(views):
        assert view.source is not None, "views without a readable source are skipped before"
        with bench.failures.of(view):
            if view.source.path in pulled_files:
                opened[view.name] = opened_pulled(bench, view, pulled_files[view.source.path])
            else:
                opened[view.name] = _opened(bench, view.source, unreached)
            spans[view.name] = read_span(bench.connection, opened[view.name], view)
            bench.note(view, *opened[view.name].notes, *spans[view.name].notes)
            bench.note(view, *hidden_by_slices(view, opened[view.name], bench.repo.offline_kind))
    return opened, spans


def _opened(bench: Bench, source: SourceSpec, unreached: dict[tuple[str, ...], StoreNotReached]) -> Opened:
    """The source of one view. A bucket that gave no answer once is not waited for again: most have all views in one."""
    from skewguard.reading import open_source

    bucket = (*source.path.split("/")[:3], source.s3_endpoint or "")
    if bucket in unreached:
        raise unreached[bucket].of(source.name, source.path)
    try:
        return open_source(bench.connection, source, folder=bench.repo.folder)
    except StoreNotReached as error:
        unreached[bucket] = error
        raise


def _check_live_rows(bench: Bench, entities: Entities | None, as_of: datetime) -> None:
    if entities is None or not entities.timed or not bench.options.live:
        return
    off = [time for time in entities.times() if abs(time - as_of) > LIVE_LEEWAY]
    if off:
        raise RowsOffInstant(str(entities.path), len(off), off[0].isoformat(), as_of.isoformat())


def _check_instants(bench: Bench, entities: Entities | None, rows: Mapping[str, pa.Table]) -> None:
    """Of the rows that were drawn: a sandbox is materialized up to each of their instants."""
    if entities is None or not entities.timed or bench.options.live:
        return
    asked = {instant for each in rows.values() for instant in each["as_of"].unique().to_pylist()}
    if len(asked) > MOST_INSTANTS:
        raise TooManyInstants(
            str(entities.path), len(asked), MOST_INSTANTS, drawn=len(asked) < len(entities.instants())
        )


def _instant(entities: Entities | None, as_of: datetime) -> datetime | None:
    """None where the user's file says for each row when it is asked."""
    return None if entities is not None and entities.timed else as_of


def _draw_stored(
    bench: Bench,
    views: tuple[ViewSpec, ...],
    opened: Mapping[str, Opened],
    spans: Mapping[str, Span],
    entities: Entities | None,
    instants: Mapping[str, datetime],
) -> dict[str, Draw]:
    online, drawn = online_keys(bench, views), {}
    for view in views:
        name = view.name
        try:
            drawn[name] = _draw(bench, view, opened[name], spans[name], entities, instants[name], online.get(name))
        except SkewguardError as error:
            if len(views) == 1 and isinstance(error, SelectionError):
                raise  # of what was asked, then, and not of one view among others
            bench.failures.add(name, str(error))
        bench.progress.advance()
    say_what_was_found(bench, online, drawn)
    _say_what_is_whole(bench, entities, drawn)
    return drawn


def _say_what_is_whole(bench: Bench, entities: Entities | None, drawn: Mapping[str, Draw]) -> None:
    """A bound is about what was not drawn: where that is nothing, it says less than the counts do."""
    whole = [name for name, each in drawn.items() if 1 < each.population <= each.rows.num_rows]
    if entities is None and bench.options.since is None and whole:
        which = "every view" if len(whole) == len(drawn) else f"{len(whole):,} of {len(drawn):,} views"
        bench.said.append(
            f"the whole population of {which} was drawn: its counts leave nothing open at as-of, and the bound at 95 % "
            "confidence is about entity rows like these"
        )


def _draw(
    bench: Bench,
    view: ViewSpec,
    opened: Opened,
    span: Span,
    entities: Entities | None,
    as_of: datetime,
    online: pa.Table | None,
) -> Draw:
    from skewguard.sample import draw_entities, draw_population, key_types

    options = bench.options
    if entities is None:
        drawn = draw_population(
            bench.connection, opened, view, span, as_of=as_of, rows=options.sample, seed=options.seed,
            since=options.since, online=online,
        )  # fmt: skip
    else:
        drawn = draw_entities(
            bench.connection, entities, view=view.name, keys=key_types(opened, view),
            rows=options.sample, seed=options.seed,
        )  # fmt: skip
        drawn = replace(drawn, rows=within_reach(bench, view, [view], {view.name: opened}, drawn.rows))
    bench.note(view, *drawn.notes)
    return drawn


def _draw_on_demand(
    bench: Bench,
    view: ViewSpec,
    selection: Selection,
    opened: Mapping[str, Opened],
    drawn: Mapping[str, Draw],
    entities: Entities | None,
    as_of: datetime,
) -> pa.Table:
    from skewguard.sample import add_request_data, draw_entities, join_inputs, key_types

    inputs = [each for each in selection.stored if each.name in view.inputs]
    options = bench.options
    if entities is None:
        rows = join_inputs(inputs, {name: each.rows for name, each in drawn.items()}, rows=options.sample)
    else:
        keys = {name: dtype for each in inputs for name, dtype in key_types(opened[each.name], each).items()}
        found = draw_entities(
            bench.connection, entities, view=view.name, keys=keys, request=view.request,
            rows=options.sample, seed=options.seed,
        )  # fmt: skip
        bench.note(view, *found.notes)
        rows = found.rows
    return add_request_data(rows, view.name, view.request, as_of=as_of, seed=options.seed)
