"""On-demand views beside inputs of nested types: what is wrong with one input is named, whatever the others hold."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest
from building import NOON, Project, hours

UUID = "abcdef01-2345-6789-abcd-ef0123456789"
NESTED = {
    "s": ("Struct({'a': Int64, 'b': String})", {"a": 1, "b": "x"}),
    "deep": ("Struct({'f': Float32, 'l': Array(Int64)})", {"f": 0.5, "l": [1, 2]}),
    "m": ("Map", {"a": "1"}),
    "structs": ("Array(Struct({'a': Int64}))", [{"a": 1}]),
    "lists": ("Array(Array(Float64))", [[1.5], [2.5, 3.5]]),
    "tags": ("Set(String)", ["b", "a", "b"]),
    "text": ("Json", '{"a": [1, 2]}'),
    "u": ("Uuid", UUID),
    "d": ("Decimal", Decimal("1.250")),
    "moments": ("Array(UnixTimestamp)", [NOON]),
    "raw": ("Bytes", b"\x00"),
}
DEFINED = f"""
e = Entity(name="e", join_keys=["k"], value_type=ValueType.INT64)
of = FeatureView(name="of", entities=[e], ttl=timedelta(hours=24),
                 source=FileSource(path=HERE + "/of.parquet", timestamp_field="at"),
                 schema=[Field(name="x", dtype=Float64),
                         {", ".join(f'Field(name="{name}", dtype={dtype})' for name, (dtype, _) in NESTED.items())}])

@on_demand_feature_view(sources=[of], schema=[Field(name="y", dtype=Float64)])
def doubled(inputs):
    return inputs[["x"]].rename(columns={{"x": "y"}}) * 2

@on_demand_feature_view(sources=[of], schema=[Field(name="y", dtype=Float64)])
def centred(inputs):
    return inputs[["x"]].rename(columns={{"x": "y"}}) - inputs["x"].mean()

@on_demand_feature_view(sources=[of], schema=[Field(name="y", dtype=Float64)])
def filled(inputs):
    return inputs[["x"]].rename(columns={{"x": "y"}}).astype("float64").fillna(-1.0)
"""


@pytest.mark.parametrize("offline", ["duckdb", "dask"])
def test_causes_are_found_beside_inputs_of_every_form(tmp_path: Path, offline: str) -> None:
    """Three rows are expired, which only training minds; Feast's default store loses them where a view reads them."""
    project = Project(folder=tmp_path / "repo", offline=offline)
    size, expired = 8, 3
    nested = {name: [value] * size for name, (_, value) in NESTED.items()}
    ages = [hours(25 if key < expired else 1) for key in range(size)]
    columns = {
        "k": list(range(size)),
        "at": [NOON - age for age in ages],
        "x": [key * key + 0.5 for key in range(size)],
    }
    project.source("of", {**columns, **nested}, lists=pa.list_(pa.list_(pa.float64())))
    project.define(DEFINED)
    checked = project.check("--as-of", NOON.isoformat())
    assert checked.result["errors"] == [], checked.stderr
    for name in NESTED:
        assert checked.feature(f"of:{name}")["causes"] == {"ttl_not_enforced": expired}, name
    assert checked.feature("doubled:y")["causes"] == {"inherited": expired}
    assert checked.feature("centred:y")["causes"] == {"inherited": expired, "batch_dependent": size - expired}
    of_nulls = {"inherited": expired} if offline == "duckdb" else {"offline_dropped": expired}
    assert checked.feature("filled:y")["causes"] == of_nulls
    for ref in ("doubled:y", "centred:y", "filled:y"):
        assert not any("could not be run again" in note for note in checked.feature(ref)["notes"]), ref
