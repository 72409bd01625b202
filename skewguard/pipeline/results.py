"""From comparisons to what is reported and kept: a result per feature, the cells, the verdict of the run."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from skewguard.contract import Contract
from skewguard.model import Blame, Example, FeatureResult, FeatureSpec, Kind, Verdict, ViewSpec

if TYPE_CHECKING:
    import pyarrow as pa

EXAMPLES = 3
GRAVITY = (Verdict.FAIL, Verdict.ERROR, Verdict.WARN, Verdict.PASS)


def failed_result(
    view: ViewSpec, feature: FeatureSpec, contract: Contract, requested: int, max_skew_rate: float
) -> FeatureResult:
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
        max_skew_rate=max_skew_rate,
        verdict=Verdict.ERROR,
    )


def gravest(verdicts: Iterable[Verdict]) -> Verdict:
    """The verdict of a run: fail over error over warn over pass. A run of nothing is an error."""
    found = set(verdicts)
    return next((verdict for verdict in GRAVITY if verdict in found), Verdict.ERROR)


def exit_code(verdict: Verdict, *, strict: bool = False, exit_zero: bool = False) -> int:
    """What CI obeys: INTERFACE.md section 3."""
    return verdict.exit_code(strict=strict, exit_zero=exit_zero)


def uncompared_cells(view: ViewSpec, rows: pa.Table, reason: str) -> Iterator[pa.Table]:
    """A cell for each row and feature of a view that failed, none of which was compared."""
    import pyarrow as pa

    for position, feature in enumerate(view.features):
        same = {
            "feature": feature.ref,
            "kind": Kind.NOT_COMPARED.value,
            "skewed": False,
            "within_freshness": False,
            "blame": Blame.UNKNOWN.value,
            "reason": reason,
            "position": position,
        }
        every = {name: pa.repeat(pa.scalar(value), rows.num_rows) for name, value in same.items()}
        yield pa.table({"row_id": rows["row_id"], **every})


def diff_rows(cells: Iterable[pa.Table], entity_rows: pa.Table) -> pa.Table:
    """The ledger's `diffs`: every cell that is no match, with its entity, its instant and its cause.

    What a read raised is in `evidence`, as `{"reason": ...}`.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    tables = [table for table in cells if table.num_rows]
    if not tables:
        return pa.table({"row_id": pa.array([], pa.int64())})
    table = pa.concat_tables(tables, promote_options="permissive")
    at = pc.index_in(table["row_id"], entity_rows["row_id"].combine_chunks())
    for name in ("cause", "evidence"):
        if name not in table.column_names:
            table = table.append_column(name, pa.nulls(table.num_rows, pa.string()))
    return (
        table.set_column(table.column_names.index("evidence"), "evidence", _with_reason(table))
        .drop_columns(["position", "reason", "within_freshness"])
        .append_column("entity", entity_rows["entity"].take(at))
        .append_column("as_of", entity_rows["as_of"].take(at))
    )


def _with_reason(table: pa.Table) -> pa.ChunkedArray:
    """Where nobody looked for a cause there is still what a read raised: few texts, be there ever so many cells."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if table["reason"].null_count == table.num_rows:
        return table["evidence"].cast(pa.string())
    reasons = table["reason"].cast(pa.string()).combine_chunks().dictionary_encode()
    told = [json.dumps({"reason": each}) for each in reasons.dictionary.to_pylist()]
    return pc.coalesce(table["evidence"].cast(pa.string()), pa.array(told, pa.string()).take(reasons.indices))


def examples(diffs: pa.Table, features: Iterable[FeatureResult]) -> tuple[Example, ...]:
    """The first few cells of each feature that is not fine, skewed ones first. Why one failed whole, its error says."""
    import pyarrow.compute as pc

    found: list[Example] = []
    for feature in features:
        if feature.verdict is Verdict.PASS or not feature.compared or "feature" not in diffs.column_names:
            continue
        cells = diffs.filter(pc.equal(diffs["feature"], feature.feature))
        first = cells.sort_by([("skewed", "descending"), ("row_id", "ascending")]).slice(0, EXAMPLES)
        found.extend(_example(row) for row in first.to_pylist())
    return tuple(found)


def _example(row: Mapping[str, object]) -> Example:
    # There are no columns of values where no cell of the run was compared.
    blame, reason = row["blame"], json.loads(str(row["evidence"] or "{}")).get("reason")
    return Example(
        feature=str(row["feature"]),
        row_id=int(str(row["row_id"])),
        entity=json.loads(str(row["entity"])),
        kind=Kind(str(row["kind"])),
        cause=None if row["cause"] is None else str(row["cause"]),
        blame=None if blame is None else Blame(str(blame)),
        source_value=_shown(row.get("source_value")),
        offline_value=_shown(row.get("offline_value")),
        online_value=_shown(row.get("online_value") if reason is None else reason),
    )


def _shown(value: object) -> str | None:
    return None if value is None else str(value)
