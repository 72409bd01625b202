"""Gets the three values of every view: source by DuckDB, offline and online by Feast's own code."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from skewguard.model import Side, Stage, ViewKind, ViewSpec
from skewguard.pipeline.bench import Bench
from skewguard.pipeline.pace import paced
from skewguard.pipeline.population import Population
from skewguard.pipeline.selection import Selection
from skewguard.pipeline.slices import Sliced

if TYPE_CHECKING:
    import pyarrow as pa

    from skewguard.feature_store.sandbox import Sandbox
    from skewguard.pipeline.replaying import Replay


@dataclass(frozen=True, kw_only=True)
class Reading:
    """The three values of one view for its entity rows; `source` None where there is no source value at all."""

    view: ViewSpec
    rows: pa.Table
    source: Side | None
    offline: Side
    online: Side


@dataclass(frozen=True, kw_only=True)
class Reader:
    """Reads the sides of the views of one check from its stores.

    `earlier`: what was read for each on-demand view at each of several instants, by where the store holds it.
    """

    bench: Bench
    selection: Selection
    population: Population
    sliced: Mapping[str, Sliced]
    sandbox: Sandbox
    replay: Replay | None = None
    earlier: dict[str, dict[datetime, dict[Any, Any]]] = field(default_factory=dict)

    def read(self) -> tuple[Reading, ...]:
        """Every compared view that has not failed, in the order of the selection."""
        online = self._online()
        views = self.bench.failures.without(self.selection.views)
        sources = self._sources(views)
        offline = self._offline(views)
        return tuple(
            Reading(view=view, rows=self.population.rows[view.name], source=sources.get(view.name),
                    offline=offline[view.name], online=online[view.name])
            for view in self.bench.failures.without(self.selection.views)
        )  # fmt: skip

    def read_again(self, view: ViewSpec, rows: pa.Table) -> Side:
        """The online side of one view once more, for some of its rows."""
        return self._serve(view, rows)

    def _online(self) -> dict[str, Side]:
        """Online sides by view name. A sandbox is materialized up to each instant, and read before the next."""
        views = self.bench.failures.without(self.selection.views)
        parts: dict[str, list[Side]] = {view.name: [] for view in views}
        instants = _instants(self.population.rows[view.name] for view in views)
        for instant in instants:
            if not self.bench.options.live:
                self._materialize(instant)
            views = self.bench.failures.without(views)
            self.bench.progress.stage(Stage.ONLINE, total=len(views))
            for view in views:
                rows = _at(self.population.rows[view.name], instant)
                if rows.num_rows:
                    with self.bench.failures.of(view):
                        parts[view.name].append(
                            self._serve(view, rows, self._held(view, instant) if instants[1:] else None)
                        )
                        self.bench.note(view, *parts[view.name][-1].notes)
                self.bench.progress.advance()
        joined = {view.name: _joined(parts[view.name]) for view in views if parts[view.name]}
        for view in views:
            if view.name in joined:
                self._note_unfed(view, joined[view.name])
        return joined

    def _held(self, view: ViewSpec, instant: datetime) -> dict[Any, Any] | None:
        """Where to note what is read for an on-demand view: the store moves on to another instant afterwards."""
        if self.bench.options.live or view.kind is not ViewKind.ON_DEMAND:
            return None
        return self.earlier.setdefault(view.name, {}).setdefault(instant, {})

    def _note_unfed(self, view: ViewSpec, side: Side) -> None:
        if side.without_data:
            self.bench.note(
                view,
                f"the transform was served for {side.without_data:,} of {side.table.num_rows:,} rows without data in "
                "any input",
            )

    def _materialize(self, end: datetime) -> None:
        stored: dict[str, ViewSpec] = {}
        for view in self.bench.failures.without(self.selection.stored):
            stored.setdefault(view.base_name, view)
        self.bench.progress.stage(Stage.ONLINE, "materialize", total=len(stored))
        if self.replay is not None:
            self.replay.reach(end)
        for base, view in stored.items():
            window = self._window(base, [base], end)
            if window is not None:
                with self.bench.failures.of(view):
                    self.sandbox.materialize(view, *window)
                self._share_failure(view)
            self.bench.progress.advance()
        for view in self.bench.failures.without(self.selection.on_demand):
            if view.stored:
                self._materialize_on_demand(view, end)

    def _materialize_on_demand(self, view: ViewSpec, end: datetime) -> None:
        """An on-demand view that is stored is served as it was written, and null until it was."""
        read = [each.base_name for each in self.inputs_of(view) if each.base_name in self.sliced]
        window = self._window(view.name, read, end)
        if window is not None:
            with self.bench.failures.of(view):
                self.sandbox.materialize(view, *window)

    def _window(self, name: str, read: list[str], end: datetime) -> tuple[datetime, datetime] | None:
        """What to materialize of a view that reads the sources `read`: all up to `end`, or what a replay has left."""
        known = [oldest for base in read if (oldest := self.sliced[base].oldest) is not None and oldest <= end]
        if not known:
            return None
        return (min(known), end) if self.replay is None else self.replay.window(name, read, min(known), end)

    def _share_failure(self, materialized: ViewSpec) -> None:
        """What Feast cannot materialize is wrong under every alias."""
        reason = self.bench.failures.reasons.get(materialized.name)
        if reason is not None:
            for view in self.selection.stored:
                if view.base_name == materialized.base_name:
                    self.bench.failures.add(view.name, reason)

    def _serve(self, view: ViewSpec, rows: pa.Table, held: dict[Any, Any] | None = None) -> Side:
        from skewguard.feature_store.on_demand import serve_on_demand
        from skewguard.feature_store.online import read_online
        from skewguard.feature_store.quiet import quiet

        options, request = self.bench.options, self.sandbox.request_for(view)
        store, pause = self.sandbox.serving, paced(options.max_qps)
        timed = self.bench.timings.setdefault(view.name, []).append
        with quiet():
            if view.kind is not ViewKind.ON_DEMAND:
                return read_online(store, view, request, rows, batch=options.online_batch, pause=pause, timed=timed)
            return serve_on_demand(
                store, view, request, self.inputs_of(view), rows,
                request_size=options.request_size, batch=options.online_batch, pause=pause, timed=timed, held=held,
            )  # fmt: skip

    def inputs_of(self, view: ViewSpec) -> tuple[ViewSpec, ...]:
        """The views that an on-demand view reads."""
        return tuple(each for each in self.selection.inputs if each.name in view.inputs)

    def rows_with_inputs(self, view: ViewSpec, rows: pa.Table) -> pa.Array | None:
        """Of each row of an on-demand view, whether every view that it reads has a source row; None: unknown."""
        import pyarrow as pa
        import pyarrow.compute as pc

        there = pa.repeat(True, len(rows))
        for each in self.inputs_of(view):
            truth = self._truth(each, rows)
            if truth is None:
                return None
            there = pc.and_(there, truth.table["returned"].combine_chunks())
        return there

    def _offline(self, views: Iterable[ViewSpec]) -> dict[str, Side]:
        from skewguard.feature_store.offline import read_offline
        from skewguard.feature_store.quiet import quiet

        views = tuple(views)
        self.bench.progress.stage(Stage.OFFLINE, total=len(views))
        sides = {}
        for view in views:
            with quiet():
                side = read_offline(
                    self.sandbox.training, view, self.sandbox.request_for(view), self.population.rows[view.name]
                )
            sides[view.name] = side
            self.bench.note(view, *side.notes)
            self.bench.progress.advance()
        return sides

    def _sources(self, views: Iterable[ViewSpec]) -> dict[str, Side]:
        views = tuple(views)
        self.bench.progress.stage(Stage.SOURCE, total=len(views))
        sides = {}
        for view in views:
            with self.bench.failures.of(view):
                side = self._source(view, self.population.rows[view.name])
                if side is not None:
                    sides[view.name] = side
                    self.bench.note(view, *side.notes)
            self.bench.progress.advance()
        return sides

    def _source(self, view: ViewSpec, rows: pa.Table) -> Side | None:
        from skewguard.feature_store.on_demand import transform_source
        from skewguard.feature_store.quiet import quiet

        if view.kind is not ViewKind.ON_DEMAND:
            return self._truth(view, rows)
        inputs = self.inputs_of(view)
        sides = {each.name: self._truth(each, rows) for each in inputs}
        known = {name: side for name, side in sides.items() if side is not None}
        if len(known) < len(sides):
            return None
        with quiet():
            return transform_source(self.sandbox.training, view, known, {each.name: each for each in inputs}, rows)

    def _truth(self, view: ViewSpec, rows: pa.Table) -> Side | None:
        from skewguard.source import compute_source

        sliced = self.sliced[view.base_name]
        if sliced.transform_error is not None:
            self.bench.note(view, f"no source value: {sliced.transform_error}")
            return None
        truth = replace(view, source=sliced.truth)
        return compute_source(self.bench.connection, truth, Path(sliced.truth.path), rows)


def uncompared(reading: Reading) -> str | None:
    """Why no row of the view can be compared: its offline path raises for all; None where some can."""
    errors = reading.offline.table["error"]
    if not len(errors) or errors.null_count:
        return None
    return f"get_historical_features raises: {errors[0].as_py()}"


def _instants(tables: Iterable[pa.Table]) -> list[datetime]:
    return sorted({instant for table in tables for instant in table["as_of"].unique().to_pylist()})


def _at(rows: pa.Table, instant: datetime) -> pa.Table:
    import pyarrow as pa
    import pyarrow.compute as pc

    return rows.filter(pc.equal(rows["as_of"], pa.scalar(instant, rows.schema.field("as_of").type)))


def _joined(parts: list[Side]) -> Side:
    """The parts read at several instants as one side, sorted by row again."""
    import pyarrow as pa

    if len(parts) == 1:
        return parts[0]
    table = pa.concat_tables([part.table for part in parts], promote_options="permissive").sort_by("row_id")
    absent = {position: reason for part in parts for position, reason in part.absent.items()}
    return Side(
        table=table,
        absent=absent,
        notes=tuple(dict.fromkeys(note for part in parts for note in part.notes)),
        without_data=sum(part.without_data for part in parts),
    )
