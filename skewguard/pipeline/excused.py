"""What the verdict looks past: skew of an earlier run (--baseline), waived skew, and causes let be (--allow)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from skewguard import parse
from skewguard.errors.base import near
from skewguard.errors.ledger import NoCheckToGoBy
from skewguard.model import Cause, FeatureResult, RunRecord, Verdict, Waived
from skewguard.pipeline.bench import Bench
from skewguard.pipeline.comparable import differences
from skewguard.pipeline.options import CheckOptions
from skewguard.pipeline.waiving import Unused, as_rows, failing, note_on, percent, unused_waivers
from skewguard.waiver import BASELINE

CHECK = "check"

if TYPE_CHECKING:
    import pyarrow as pa

    from skewguard.comparison.counted import Comparison, FeatureCounts
    from skewguard.waivers import Weighed

CELL = ["row_id", "feature"]


@dataclass(frozen=True, kw_only=True)
class Baseline:
    """The earlier run and its skewed cells: feature, and entity as JSON."""

    run: RunRecord
    cells: pa.Table = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Excused:
    """What is looked past in one check; `weighed` None where nothing was asked to be."""

    weighed: Weighed | None = None
    baseline: Baseline | None = None
    allowed: Mapping[str, float] = field(default_factory=dict)
    unused: Unused = field(default_factory=Unused)

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """What the waivers themselves add to the verdict of the run: one that met nothing fails it."""
        return (Verdict.FAIL,) if self.unused.waivers else ()

    @property
    def waivers(self) -> tuple[Waived, ...]:
        """What became of each waiver that was asked."""
        return as_rows(self.weighed, self.unused)

    def judged(self, result: FeatureResult, counts: FeatureCounts) -> FeatureResult:
        """`result` with the verdict of the cells that count, and a note on those that do not."""
        from skewguard.comparison.statistics import verdict_of

        if self.weighed is None:
            return result
        waived, met = self.weighed.waived.get(result.feature, {}), self.weighed.met.get(result.feature, ())
        # To the budget a waived cell is one that is not skewed; in the counts it stays.
        counting = replace(counts, within_freshness=counts.within_freshness + sum(waived.values()))
        return replace(
            result,
            verdict=Verdict.FAIL if failing(met) else verdict_of(counting, result.max_skew_rate),
            waived=waived,
            notes=(*result.notes, *self._notes(result, waived)),
        )

    def counting(self, diffs: pa.Table) -> pa.Table:
        """`diffs` without the cells that are looked past: those that a person should see first."""
        if self.weighed is None or not diffs.num_rows:
            return diffs
        import pyarrow as pa
        import pyarrow.compute as pc

        waived = self.weighed.cells.filter(pc.is_valid(self.weighed.cells["waiver"])).select(CELL)
        # Arrow joins no intervals, so the cells go by their number.
        cells = diffs.select(CELL).append_column("number", pa.array(range(diffs.num_rows), pa.int64()))
        return diffs.take(cells.join(waived, keys=CELL, join_type="left anti")["number"])

    def run_notes(self, run: RunRecord) -> tuple[str, ...]:
        """Waivers that met nothing, and where the baseline did not ask what `run` asks."""
        if self.baseline is None:
            return self.unused.notes
        strange = differences(self.baseline.run, run, as_of=False)
        said = (f"the baseline {self.baseline.run.run_id} was made with {each}" for each in strange)
        return (*self.unused.notes, *said)

    def _notes(self, result: FeatureResult, waived: Mapping[str, int]) -> Iterable[str]:
        assert self.weighed is not None
        if waived:
            said = ", ".join(self._reason(result.feature, reason, cells) for reason, cells in waived.items())
            total = sum(waived.values())
            yield f"the verdict looks past {total:,} of {_cells(result.skewed, 'skewed cell')}: {said}"
        for met in self.weighed.met.get(result.feature, ()):
            yield from note_on(met, result.compared)
        for cause, cells in self.weighed.too_many.get(result.feature, {}).items():
            share = f"{cells:,} of {_cells(result.compared, 'compared cell')}"
            yield f"{cause} is the cause of {share}, more than the {percent(self.allowed[cause])} allowed: all count"

    def _reason(self, feature: str, reason: str, cells: int) -> str:
        assert self.weighed is not None
        if reason == BASELINE and self.baseline is not None:
            return f"{cells:,} that run {self.baseline.run.run_id} had already (--baseline)"
        if any(each.waiver.covers(feature, reason) for each in self.weighed.met.get(feature, ())):
            return f"{cells:,} {reason} (waived)"
        rate = self.allowed[reason]
        return f"{cells:,} {reason} (--allow{'' if rate >= 1 else f', up to {percent(rate)} of the compared cells'})"


def _cells(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def allowances(value: Any) -> dict[str, float]:
    """`CAUSE` or `CAUSE=RATE`, one or several, or a mapping: each cause with the rate up to which it is let be."""
    if isinstance(value, Mapping):
        return {_cause(name): parse.rate(rate) for name, rate in value.items()}
    found: dict[str, float] = {}
    for text in parse.words(value):
        name, equals, rate = text.partition("=")
        cause = _cause(name.strip())
        if cause in found:
            raise ValueError(f"{cause} is given twice")
        found[cause] = parse.rate(rate.strip()) if equals else 1.0
    return found


def _cause(name: Any) -> str:
    known = [str(each) for each in Cause]
    if name not in known:
        raise ValueError(f"there is no cause {name!r}. {near(str(name), known).rstrip('.')}")
    return str(name)


def read_baseline(options: CheckOptions) -> Baseline | None:
    """The run that --baseline names, read before any work is done. Errors: those of reading a ledger; NoCheckToGoBy."""
    if options.baseline is None:
        return None
    from skewguard import ledger

    with ledger.as_written(options.db), ledger.open_ledger(options.db) as connection:
        stored = ledger.read_run(connection, options.baseline, examples=0)
        if stored.run.command != CHECK:
            checks = [run["run_id"] for run in ledger.list_runs(connection).to_pylist() if run["command"] == CHECK]
            raise NoCheckToGoBy(stored.run.run_id, stored.run.command, checks)
        return Baseline(run=stored.run, cells=ledger.skewed_cells(connection, stored.run.run_id))


def excuse(
    bench: Bench, baseline: Baseline | None, compared: Mapping[str, Comparison], entity_rows: pa.Table
) -> Excused:
    """Weigh every skewed cell of the check."""
    allowed, waivers = bench.options.allow, bench.options.waivers
    if baseline is None and not allowed and not waivers:
        return Excused()
    from skewguard.waivers import weigh

    counted = {counts.feature: counts.compared for each in compared.values() for counts in each.counts}
    weighed = weigh(
        bench.connection,
        _skewed(compared.values(), entity_rows),
        earlier=None if baseline is None else baseline.cells,
        allowed=allowed,
        compared=counted,
        waivers=waivers,
        today=bench.now.date(),
    )
    unused = unused_waivers(bench, weighed, counted)
    return Excused(weighed=weighed, baseline=baseline, allowed=allowed, unused=unused)


def _skewed(compared: Iterable[Comparison], entity_rows: pa.Table) -> pa.Table:
    """The skewed cells of all views: row_id, feature, cause, entity."""
    import pyarrow as pa
    import pyarrow.compute as pc

    kinds = {"row_id": pa.int64(), "feature": pa.string(), "cause": pa.string()}
    tables = [pa.table({name: pa.array([], kind) for name, kind in kinds.items()})]
    for each in compared:
        skewed = each.cells.filter(each.cells["skewed"])
        if skewed.num_rows:
            tables.append(skewed.select(list(kinds)))
    cells = pa.concat_tables(tables, promote_options="permissive")
    at = pc.index_in(cells["row_id"], entity_rows["row_id"].combine_chunks())
    return cells.append_column("entity", entity_rows["entity"].take(at))
