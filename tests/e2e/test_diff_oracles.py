"""`skewguard diff` on worked examples of other projects' test suites, and on the faults that such tools have had."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from skewguard.cli.edge import outcome
from skewguard.ledger import query

ORACLES: dict[str, Any] = json.loads((Path(__file__).parents[1] / "oracles" / "diff.json").read_text())
TYPES = {"double": pa.float64(), "int64": pa.int64(), "string": pa.string(), "bool": pa.bool_()}
TYPES["list<double>"] = pa.list_(pa.float64())
FLOATS = {"inf": math.inf, "-inf": -math.inf, "nan": math.nan}
KINDS = ("mismatch", "missing_online", "missing_offline")

Diff = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture
def diff(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Diff:
    """Runs the command on two Arrow tables in an empty folder: the exit code, and the JSON."""
    monkeypatch.chdir(tmp_path)

    def run(offline: pa.Table, online: pa.Table, *options: str) -> tuple[int, dict[str, Any]]:
        pq.write_table(offline, "offline.parquet")
        pq.write_table(online, "online.parquet")
        code = outcome(["diff", "offline.parquet", "online.parquet", "--json", "found.json", *options])
        return code, json.loads(Path("found.json").read_text())

    return run


def table(rows: list[dict[str, Any]], types: dict[str, str]) -> pa.Table:
    columns = {}
    for name in rows[0]:
        values = [row[name] for row in rows]
        arrow_type = TYPES[types[name]] if name in types else None
        if types.get(name) == "double":
            values = [FLOATS.get(value, value) if isinstance(value, str) else value for value in values]
        columns[name] = pa.array(values, arrow_type)
    return pa.table(columns)


def cells(run_id: str, feature: str, kind: str) -> list[Any]:
    """The ids of the cells of one kind, from the ledger."""
    rows = query("skewguard.duckdb", "select run_id, feature, kind, entity::varchar as entity from diffs").to_pylist()
    mine = [row for row in rows if (row["run_id"], row["feature"], row["kind"]) == (run_id, feature, kind)]
    return sorted(json.loads(row["entity"]).get("id", row["entity"]) for row in mine)


@pytest.mark.parametrize("case", ORACLES["diff"], ids=[case["name"] for case in ORACLES["diff"]])
def test_worked_example(case: dict[str, Any], diff: Diff) -> None:
    offline, online = table(case["offline"], case["types"]), table(case["online"], case["types"])
    tolerance = ["--abs-tol", str(case["abs_tol"]), "--rel-tol", str(case["rel_tol"])]
    code, found = diff(offline, online, "--key", ",".join(case["key"]), *tolerance)
    features = {each["feature"]: each for each in found["features"]}
    ids = [row.get("id") for row in case["offline"]]
    assert features.keys() == case["types"].keys()
    for name, expected in case["expect"].items():
        feature = features[name]
        differing: list[Any] = []
        for kind in KINDS:
            there = cells(found["run_id"], name, kind)
            differing += there
            if kind in expected:
                assert there == expected[kind], (name, kind)
        if "matched_ids" in expected:
            assert [each for each in ids if each not in differing] == expected["matched_ids"]
        if "mismatch_count" in expected:
            assert feature["mismatched"] == expected["mismatch_count"]
        assert feature["matched"] == expected.get("matched_count", len(ids) - len(differing))
        if "max_abs_error" in expected:
            assert feature["max_abs_error"] == expected["max_abs_error"]
    skewed = sum(feature["skewed"] for feature in features.values())
    assert code == found["exit_code"] == (1 if skewed else 0)


def one(diff: Diff, offline: pa.Array, online: pa.Array, *options: str, name: str = "f") -> dict[str, Any]:
    """The result of comparing one column."""
    keys = pa.array(range(len(offline)), pa.int64())
    code, found = diff(
        pa.table({"id": keys, name: offline}), pa.table({"id": keys, name: online}), "--key", "id", *options
    )
    assert code == found["exit_code"]
    feature: dict[str, Any] = found["features"][0]
    return feature


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_not_finite_never_matches_one(diff: Diff, value: float) -> None:
    other, one_point = pa.array([value], from_pandas=False), pa.array([1.0])
    assert one(diff, other, one_point, "--rel-tol", "0.5")["matched"] == 0
    assert one(diff, one_point, other, "--rel-tol", "0.5")["matched"] == 0
    assert one(diff, other, other)["matched"] == 1


def test_tolerance_is_not_rounding(diff: Diff) -> None:
    offline, online = pa.array([1.0049999]), pa.array([1.0050001])
    assert one(diff, offline, online, "--rel-tol", "1e-6")["matched"] == 1
    assert one(diff, offline, online)["mismatched"] == 1


def test_a_name_is_never_taken_apart(diff: Diff) -> None:
    feature = one(diff, pa.array([1]), pa.array([2]), name="s__driver_stats__rate")
    assert (feature["feature"], feature["name"]) == ("s__driver_stats__rate", "s__driver_stats__rate")


def test_columns_of_other_types_are_compared_and_it_is_said(diff: Diff) -> None:
    feature = one(diff, pa.array([1, 2]), pa.array([1.0, 2.5]))
    assert (feature["matched"], feature["mismatched"]) == (1, 1)
    assert feature["notes"] == ["the types differ, values are compared: offline BIGINT, online DOUBLE"]
    assert one(diff, pa.array([1, 2]), pa.array([1, 2], pa.int32()))["notes"] == []


def test_text_is_no_number(diff: Diff) -> None:
    assert one(diff, pa.array([1]), pa.array(["abc"]))["mismatched"] == 1
    assert one(diff, pa.array(["abc"]), pa.array(["xyz"]))["mismatched"] == 1
    assert one(diff, pa.array(["abc"]), pa.array([None], pa.float64()))["missing_online"] == 1


def test_integers_neither_overflow_nor_lose_digits(diff: Diff) -> None:
    widest = one(diff, pa.array([2**63 - 1]), pa.array([-(2**63)]))
    assert (widest["mismatched"], widest["max_abs_error"]) == (1, 2.0**64)
    assert one(diff, pa.array([2**63 - 1]), pa.array([-(2**63)]), "--abs-tol", "1")["mismatched"] == 1
    assert one(diff, pa.array([2**53 + 1]), pa.array([2.0**53]))["mismatched"] == 1
    assert one(diff, pa.array([2**53]), pa.array([2.0**53]))["matched"] == 1


def test_a_small_difference_is_printed(diff: Diff, capsys: pytest.CaptureFixture[str]) -> None:
    feature = one(diff, pa.array([1.0]), pa.array([1.00004]))
    assert feature["max_abs_error"] == pytest.approx(0.00004)
    assert "1.00004" in capsys.readouterr().out
    shown = query("skewguard.duckdb", "select offline_value, online_value from latest_diffs").to_pylist()
    assert shown == [{"offline_value": "1.0", "online_value": "1.00004"}]


def test_nothing_to_compare_is_not_a_match(diff: Diff, capsys: pytest.CaptureFixture[str]) -> None:
    empty = pa.table({"id": pa.array([], pa.int64()), "f": pa.array([], pa.int64())})
    code, found = diff(empty, empty, "--key", "id")
    assert (code, found["verdict"]) == (2, "error")
    assert "both tables are empty" in capsys.readouterr().err
    code, _ = diff(pa.table({"id": [1], "f": [1]}), pa.table({"id": [2], "f": [1]}), "--key", "id")
    assert code == 2
    assert "none is among" in capsys.readouterr().err
    code, _ = diff(pa.table({"id": [1], "f": [1]}), empty, "--key", "id")
    assert code == 2
    assert not Path("skewguard.duckdb").exists()
