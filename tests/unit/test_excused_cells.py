"""What the verdict looks past: cells of a baseline, and causes up to their rate; above it they count."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
import pytest

from skewguard import sql
from skewguard.comparison.counted import FeatureCounts
from skewguard.comparison.statistics import result_of
from skewguard.model import Verdict
from skewguard.pipeline.excused import Excused, allowances
from skewguard.waivers import Weighed, weigh

STALE, LATE = "stale_online", "late_arrival"
ODD = "v:\"a\" 'b'"


def cells(*rows: tuple[int, str, str]) -> pa.Table:
    """Skewed cells: row, feature, cause; the entity follows from the row."""
    columns = {"row_id": pa.int64(), "feature": pa.string(), "cause": pa.string(), "entity": pa.string()}
    lists = zip(*((row, feature, cause, entity(row)) for row, feature, cause in rows), strict=True)
    return pa.table(dict(zip(columns, map(pa.array, lists, columns.values()), strict=True)))


def entity(row: int) -> str:
    return f'{{"k": {row}, "a \\"b": "x"}}'


def weighed(
    skewed: pa.Table,
    *,
    earlier: list[tuple[str, str]] | None = None,
    allowed: Mapping[str, float] | None = None,
    compared: int = 100,
) -> Weighed:
    before = None
    if earlier is not None:
        before = pa.table({"feature": [each[0] for each in earlier], "entity": [each[1] for each in earlier]})
    with sql.connect() as connection:
        counts = dict.fromkeys(skewed["feature"].to_pylist(), compared)
        return weigh(connection, skewed, earlier=before, allowed=allowed or {}, compared=counts)


def test_cells_of_the_baseline_are_looked_past_by_feature_and_entity() -> None:
    skewed = cells((1, "v:n", STALE), (2, "v:n", STALE), (1, ODD, LATE))
    found = weighed(skewed, earlier=[("v:n", '{"a \\"b":"x","k":1}'), ("v:n", entity(1)), (ODD, entity(2))])
    assert found.waived == {"v:n": {"baseline": 1}}
    assert found.too_many == {}
    waivers = {(each["row_id"], each["feature"]): each["waiver"] for each in found.cells.to_pylist()}
    assert waivers == {(1, "v:n"): "baseline", (2, "v:n"): None, (1, ODD): None}


@pytest.mark.parametrize(
    ("rate", "compared", "passes"),
    [(1.0, 29, True), (0.29, 100, True), (0.28, 100, False), (0.0, 100, False), (0.3, 100, True)],
)
def test_a_cause_is_let_be_up_to_its_rate(rate: float, compared: int, passes: bool) -> None:
    skewed = cells(*((row, "v:n", STALE) for row in range(29)), (50, "v:n", LATE), (1, "w:n", LATE))
    found = weighed(skewed, allowed={STALE: rate}, compared=compared)
    assert found.waived == ({"v:n": {STALE: 29}} if passes else {})
    assert found.too_many == ({} if passes else {"v:n": {STALE: 29}})


def test_what_the_baseline_had_does_not_use_up_the_rate() -> None:
    skewed = cells(*((row, "v:n", STALE) for row in range(10)))
    known = [("v:n", entity(row)) for row in range(8)]
    assert weighed(skewed, allowed={STALE: 0.02}).too_many == {"v:n": {STALE: 10}}
    assert weighed(skewed, earlier=known, allowed={STALE: 0.02}).waived == {"v:n": {"baseline": 8, STALE: 2}}


@pytest.mark.parametrize(
    ("waived", "budget", "verdict"),
    [(0, 0.0, Verdict.FAIL), (4, 0.0, Verdict.FAIL), (4, 0.1, Verdict.PASS), (3, 0.1, Verdict.FAIL),
     (5, 0.0, Verdict.PASS)],
)  # fmt: skip
def test_the_verdict_looks_past_them_and_the_counts_do_not(waived: int, budget: float, verdict: Verdict) -> None:
    counts = FeatureCounts(feature="v:n", requested=10, mismatched=5, causes={STALE: 5})
    plain = result_of(
        counts, feature_view="v", name="n", view_kind=None, dtype="Int64", max_skew_rate=budget, notes=("said",)
    )
    asked = Weighed(cells=cells((1, "v:n", STALE)), waived={"v:n": {STALE: waived}} if waived else {})
    judged = Excused(weighed=asked, allowed={STALE: 1.0}).judged(plain, counts)
    assert judged.verdict is verdict
    assert (judged.skewed, judged.skew_rate, judged.causes) == (5, 0.5, {STALE: 5})
    assert sum(judged.waived.values()) == waived
    assert len(judged.notes) == 1 + bool(waived)
    assert Excused().judged(plain, counts) == plain


def test_a_warning_remains_where_skew_is_looked_past() -> None:
    counts = FeatureCounts(feature="v:n", requested=10, mismatched=1, wrong_on_both=1, causes={STALE: 1})
    plain = result_of(counts, feature_view="v", name="n", view_kind=None, dtype="Int64", max_skew_rate=0.0)
    asked = Weighed(cells=cells((1, "v:n", STALE)), waived={"v:n": {STALE: 1}})
    assert Excused(weighed=asked, allowed={STALE: 1.0}).judged(plain, counts).verdict is Verdict.WARN


def test_allowances_are_read_from_text_lists_and_mappings() -> None:
    assert allowances("late_arrival") == {LATE: 1.0}
    assert allowances(["late_arrival=1%", "stale_online = 0.5"]) == {LATE: 0.01, STALE: 0.5}
    assert allowances({LATE: 0.1}) == {LATE: 0.1}
    for wrong, says in (
        ("late_arival", "near it: late_arrival"),
        ("late_arrival=2", "a share from 0 to 1"),
        ("late_arrival=", "a share from 0 to 1"),
        (["late_arrival", "late_arrival=1%"], "given twice"),
        ({1: 0.5}, "no cause 1"),
    ):
        with pytest.raises(ValueError, match=says):
            allowances(wrong)
