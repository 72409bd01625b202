"""Two runs beside each other: which cells are newly skewed, persisting, fixed, or were not looked at."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import ledger_runs as given
import pyarrow as pa
import pytest

from skewguard import ledger
from skewguard.errors.ledger import NothingWasCompared, RunUnknown
from skewguard.model import FeatureResult, Mode, Verdict
from skewguard.pipeline.history import compare
from skewguard.report import compared

Cell = tuple[int, str, str]  # entity, feature, state: mismatch, fresh, not_compared


def feature(ref: str, cells: Sequence[Cell], compared: int) -> FeatureResult:
    skewed = sum(each[1] == ref and each[2] == "mismatch" for each in cells)
    return FeatureResult(
        feature=ref, feature_view="v", name=ref, view_kind=None, dtype="Int64", requested=compared, compared=compared,
        mismatched=skewed, matched=compared - skewed, skewed=skewed, skew_rate=skewed / compared if compared else None,
        verdict=Verdict.FAIL if skewed else Verdict.PASS,
    )  # fmt: skip


def entity(key: int) -> str:
    return json.dumps({"k": key})


def write(
    path: Path, number: int, cells: Sequence[Cell], *, asked: Sequence[int] = range(10), refs: Sequence[str] = ("v:n",),
    compared: int = 10, texts: Any = entity, **facts: Any,
) -> None:  # fmt: skip
    diffs = pa.table(
        {
            "row_id": pa.array([each[0] for each in cells], pa.int64()),
            "feature": pa.array([each[1] for each in cells], pa.string()),
            "entity": pa.array([texts(each[0]) for each in cells], pa.string()),
            "kind": pa.array([each[2].replace("fresh", "mismatch") for each in cells], pa.string()),
            "skewed": pa.array([each[2] == "mismatch" for each in cells], pa.bool_()),
            "cause": pa.array(["stale_online" if each[2] == "mismatch" else None for each in cells], pa.string()),
            "offline_value": pa.array([str(number)] * len(cells), pa.string()),
        }
    )
    rows = pa.table({"row_id": pa.array(asked, pa.int64()), "entity": [texts(each) for each in asked]})
    features = [feature(ref, cells, compared) for ref in refs]
    ledger.write_run(path, run=given.record(number, **facts), features=features, entity_rows=rows, diffs=diffs)


def changes(path: Path, before: int = 1, after: int = 2) -> dict[tuple[str, int], str]:
    pair = compare(given.run_id(before), given.run_id(after), db=path, here=path.parent)
    assert sum(pair.count(change) for change in ledger.CHANGES) == pair.cells.num_rows
    return {(row["feature"], json.loads(row["entity"])["k"]): row["change"] for row in pair.cells.to_pylist()}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "skewguard.duckdb"


def test_each_cell_is_new_fixed_or_persisting(path: Path) -> None:
    write(path, 1, [(1, "v:n", "mismatch"), (2, "v:n", "mismatch"), (3, "v:n", "fresh")])
    write(path, 2, [(2, "v:n", "mismatch"), (3, "v:n", "mismatch"), (4, "v:n", "fresh"), (5, "v:n", "mismatch")])
    assert changes(path) == {
        ("v:n", 1): "fixed", ("v:n", 2): "persisting", ("v:n", 3): "new", ("v:n", 5): "new",
    }  # fmt: skip
    assert changes(path, 2, 1) == {
        ("v:n", 1): "new", ("v:n", 2): "persisting", ("v:n", 3): "fixed", ("v:n", 5): "fixed",
    }  # fmt: skip
    assert set(changes(path, 2, 2).values()) == {"persisting"}


def test_what_the_later_run_did_not_look_at_is_not_fixed(path: Path) -> None:
    refs = ("v:n", "w:n")
    cells: list[Cell] = [(1, "v:n", "mismatch"), (2, "v:n", "mismatch"), (3, "v:n", "mismatch"), (1, "w:n", "mismatch")]
    write(path, 1, cells, refs=refs)
    write(path, 2, [(2, "v:n", "not_compared")], asked=[2, 3])
    assert changes(path) == {
        ("v:n", 1): "not_compared", ("v:n", 2): "not_compared", ("v:n", 3): "fixed", ("w:n", 1): "not_compared",
    }  # fmt: skip


def test_new_skew_says_whether_it_was_looked_at_before(path: Path) -> None:
    write(path, 1, [], asked=[1])
    write(path, 2, [(1, "v:n", "mismatch"), (2, "v:n", "mismatch")])
    pair = compare("latest~1", "latest", db=path, here=path.parent)
    assert pair.cells["change"].to_pylist() == ["new", "new"]
    assert pair.cells["compared_before"].to_pylist() == [True, False]
    assert (pair.exit_code, pair.count("new")) == (1, 2)
    assert "1 of the new ones had not been compared before" in compared.text(pair)


def test_of_two_tables_every_row_is_compared(path: Path) -> None:
    for number, cells in ((1, [(1, "v:n", "mismatch")]), (2, [])):
        write(path, number, cells, asked=[each[0] for each in cells], mode=Mode.TABLES, command="diff")
    assert changes(path) == {("v:n", 1): "fixed"}


def test_an_entity_is_its_keys_in_any_order_and_at_any_instant(path: Path) -> None:
    write(path, 1, [(1, "v:n", "mismatch"), (2, "v:n", "mismatch")], texts=lambda key: f'{{"k": {key}, "é\\"": "b"}}')
    write(path, 2, [(1, "v:n", "mismatch"), (1, "v:n", "mismatch")], texts=lambda key: f'{{"é\\"":"b","k":{key}}}')
    assert changes(path) == {("v:n", 1): "persisting", ("v:n", 2): "fixed"}


def test_it_says_where_the_two_did_not_ask_the_same(path: Path) -> None:
    write(path, 1, [])
    write(path, 2, [], seed=8, mode=Mode.LIVE, as_of=given.AS_OF + timedelta(hours=1), config={"sample": None})
    pair = compare("latest~1", "latest", db=path, here=path.parent)
    assert [each.partition(":")[0] for each in pair.differences] == [
        "another mode", "another seed", "another sample", "another as-of",
    ]  # fmt: skip
    assert "not the same question: another seed: 7, then 8" in compared.text(pair)
    assert compare("latest", "latest", db=path, here=path.parent).differences == ()
    assert "later one" in compare("latest", "latest~1", db=path, here=path.parent).differences[0]


def test_a_run_that_compared_nothing_and_one_that_is_not_there(path: Path) -> None:
    write(path, 1, [])
    write(path, 2, [], compared=0, cells_compared=0)
    with pytest.raises(NothingWasCompared, match=f"compared no cell.*did compare: {given.run_id(1)}. Name"):
        compare("latest~1", "latest", db=path, here=path.parent)
    with pytest.raises(RunUnknown, match="near it"):
        compare("latest~1", "20261121T99", db=path, here=path.parent)


def test_the_text_and_the_json_say_the_same(path: Path) -> None:
    write(path, 1, [(each, "v:n", "mismatch") for each in range(2)], refs=("v:n", 'x:"\x1b'))
    write(path, 2, [(each, "v:n", "mismatch") for each in range(1, 15)], refs=("v:n", "y:<b>"))
    pair = compare("latest~1", "latest", db=path, here=path.parent)
    said = compared.text(pair)
    assert "13 cells newly skewed, 1 fixed, 1 as before" in said
    assert "… and 3 cells more" in said
    assert 'compared before only: x:"\\x1b' in said
    assert "compared after only: y:<b>" in said
    result = json.loads(compared.as_json(pair))
    assert (result["new"], result["fixed"], result["persisting"], result["exit_code"]) == (13, 1, 1, 1)
    assert len(result["cells"]) == 15
    assert result["cells"][0]["entity"] == {"k": 2}
    assert [each["feature"] for each in result["features"]] == ["v:n", 'x:"\x1b', "y:<b>"]
