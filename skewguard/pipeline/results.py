"""From comparisons to what is reported and kept: a result per feature, the cells, the verdict of the run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from skewguard.contract import Contract
from skewguard.model import Blame, Example, FeatureResult, FeatureSpec, Kind, Verdict, ViewSpec

if TYPE_CHECKING:
    import pyarrow as pa

    from skewguard.diff.counted import FeatureCounts

UNEXPLAINED = "unexplained"
EXAMPLES = 3
GRAVITY = (Verdict.FAIL, Verdict.ERROR, Verdict.WARN, Verdict.PASS)


def result_of(
    view: ViewSpec,
    feature: FeatureSpec,
    counts: FeatureCounts,
    contract: Contract,
    *,
    max_skew_rate: float,
    notes: Sequence[str] = (),
) -> FeatureResult:
    """One feature's row of the ledger. Bounds are of `skewguard.diff.statistics`."""
    from skewguard.diff.statistics import skew_rate, upper_bound

    budget = max_skew_rate if contract.max_skew_rate is None else contract.max_skew_rate
    rate = skew_rate(counts.skewed, counts.compared)
    return FeatureResult(
        feature=feature.ref,
        feature_view=view.name,
        name=feature.name,
        view_kind=view.kind,
        dtype=feature.dtype,
        owner=contract.owner or view.owner,
        fingerprint=view.fingerprint,
        requested=counts.requested,
        compared=counts.compared,
        matched=counts.matched,
        mismatched=counts.mismatched,
        missing_online=counts.missing_online,
        missing_offline=counts.missing_offline,
        serving_errors=counts.serving_errors,
        wrong_on_both=counts.wrong_on_both,
        within_freshness=counts.within_freshness,
        not_compared=counts.not_compared,
        skewed=counts.skewed,
        skew_rate=rate,
        skew_rate_upper=upper_bound(counts.skewed, counts.compared),
        max_skew_rate=budget,
        max_abs_error=counts.max_abs_error,
        mean_abs_error=counts.mean_abs_error,
        max_freshness_lag=counts.max_freshness_lag,
        verdict=verdict_of(counts, rate, budget),
        top_cause=UNEXPLAINED if counts.skewed else None,
        notes=(*counts.notes, *notes),
        causes={UNEXPLAINED: counts.skewed} if counts.skewed else {},
    )


def failed_result(view: ViewSpec, feature: FeatureSpec, contract: Contract, requested: int) -> FeatureResult:
    """A feature of a view that failed: nothing of what was requested was compared."""
    return FeatureResult(
        feature=feature.ref,
        feature_view=view.name,
        name=feature.name,
        view_kind=view.kind,
        dtype=feature.dtype,
        owner=contract.owner or view.owner,
        fingerprint=view.fingerprint,
        requested=requested,
        not_compared=requested,
        max_skew_rate=contract.max_skew_rate or 0.0,
        verdict=Verdict.ERROR,
    )


def verdict_of(counts: FeatureCounts, rate: float | None, budget: float) -> Verdict:
    """Of one feature: over its budget; not compared at all, or not in every cell; suspicious; or fine."""
    if rate is not None and rate > budget:
        return Verdict.FAIL
    if rate is None or counts.not_compared:
        return Verdict.ERROR
    if counts.wrong_on_both or counts.all_null:
        return Verdict.WARN
    return Verdict.PASS


def gravest(verdicts: Iterable[Verdict]) -> Verdict:
    """The verdict of a run: fail over error over warn over pass. A run of nothing is an error."""
    found = set(verdicts)
    return next((verdict for verdict in GRAVITY if verdict in found), Verdict.ERROR)


def exit_code(verdict: Verdict, *, strict: bool = False, exit_zero: bool = False) -> int:
    """What CI obeys: INTERFACE.md section 3."""
    match verdict:
        case Verdict.PASS:
            return 0
        case Verdict.WARN:
            return int(strict and not exit_zero)
        case Verdict.FAIL:
            return int(not exit_zero)
        case Verdict.ERROR:
            return 2


def diff_rows(cells: Iterable[pa.Table], entity_rows: pa.Table) -> pa.Table:
    """The ledger's `diffs`: every cell that is no match, with its entity, its instant and its cause."""
    import pyarrow as pa
    import pyarrow.compute as pc

    tables = [table for table in cells if table.num_rows]
    if not tables:
        return pa.table({"row_id": pa.array([], pa.int64())})
    table = pa.concat_tables(tables, promote_options="permissive")
    at = pc.index_in(table["row_id"], entity_rows["row_id"].combine_chunks())
    cause = pc.if_else(table["skewed"], pa.scalar(UNEXPLAINED), pa.scalar(None, pa.string()))
    return (
        table.append_column("entity", entity_rows["entity"].take(at))
        .append_column("as_of", entity_rows["as_of"].take(at))
        .append_column("cause", cause)
    )


def examples(diffs: pa.Table, features: Iterable[FeatureResult]) -> tuple[Example, ...]:
    """The first few cells of each feature that is not fine, skewed ones first."""
    import pyarrow.compute as pc

    found: list[Example] = []
    for feature in features:
        if feature.verdict is Verdict.PASS or "feature" not in diffs.column_names:
            continue
        cells = diffs.filter(pc.equal(diffs["feature"], feature.feature))
        first = cells.sort_by([("skewed", "descending"), ("row_id", "ascending")]).slice(0, EXAMPLES)
        found.extend(_example(row) for row in first.to_pylist())
    return tuple(found)


def _example(row: Mapping[str, object]) -> Example:
    import json

    blame = row["blame"]
    return Example(
        feature=str(row["feature"]),
        row_id=int(str(row["row_id"])),
        entity=json.loads(str(row["entity"])),
        kind=Kind(str(row["kind"])),
        cause=None if row["cause"] is None else str(row["cause"]),
        blame=None if blame is None else Blame(str(blame)),
        source_value=_shown(row["source_value"]),
        offline_value=_shown(row["offline_value"]),
        online_value=_shown(row["online_value"] if row["reason"] is None else row["reason"]),
    )


def _shown(value: object) -> str | None:
    return None if value is None else str(value)
