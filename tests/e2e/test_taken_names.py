"""Keys and request data may have any name, also those of skewguard's own columns."""

from __future__ import annotations

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from building import NOON, Project, hours

pytestmark = pytest.mark.feast

DEFINITIONS = """
one = Entity(name="one", join_keys=["row_id"], value_type=ValueType.INT64)
two = Entity(name="two", join_keys=["as_of"], value_type=ValueType.STRING)
three = Entity(name="three", join_keys=["position"], value_type=ValueType.INT64)
source = FileSource(name="s", path=HERE + "/stats.parquet", timestamp_field="at", created_timestamp_column="known")
stats = FeatureView(name="stats", entities=[one, two], ttl=timedelta(hours=96), source=source,
                    schema=[Field(name="error", dtype=Int64), Field(name="k0", dtype=Int64)])
small = FeatureView(name="small", entities=[three], ttl=timedelta(hours=96), source=source,
                    schema=[Field(name="returned", dtype=Int64)])
asked = RequestSource(name="asked", schema=[Field(name="Row_Ids", dtype=Int64), Field(name="feature", dtype=Float64)])
alone = RequestSource(name="alone", schema=[Field(name="As_Of", dtype=Int64), Field(name="row_id", dtype=Int64)])
service = FeatureService(name="all", features=[stats, small])

@on_demand_feature_view(sources=[stats, asked], schema=[Field(name="kind", dtype=Float64)])
def wide(inputs: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({"kind": inputs["error"].astype("float64") + inputs["Row_Ids"] * inputs["feature"]})

@on_demand_feature_view(sources=[alone], schema=[Field(name="sum", dtype=Int64)])
def free(inputs: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({"sum": inputs["As_Of"] + inputs["row_id"]})
"""
REFS = ("stats:error", "stats:k0", "small:returned", "wide:kind", "free:sum")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    made = Project(folder=tmp_path_factory.mktemp("names"))
    made.define(DEFINITIONS)
    columns = {
        "row_id": list(range(12)),
        "as_of": [f"2026-01-{each + 1:02}" for each in range(12)],
        "position": list(range(100, 112)),
        "at": [NOON - hours(2)] * 12,
        "known": [NOON - hours(2)] * 12,
        "error": [each * 7 for each in range(12)],
        "k0": [each * 5 for each in range(12)],
        "returned": [each * 3 for each in range(12)],
    }
    made.source("stats", columns)
    store = made.apply()
    store.materialize(NOON - hours(48), NOON)
    return made


@pytest.mark.parametrize("words", [(), ("--live", "--as-of", NOON.isoformat()), ("--replay", "2")])
def test_names_that_skewguard_uses_itself(project: Project, words: tuple[str, ...]) -> None:
    checked = project.check(*words)
    assert checked.exit_code == 0, checked.stdout + checked.stderr
    for ref in REFS:
        assert checked.counts(ref)["matched"] >= 12, ref
    entities = [json.loads(row["entity"]) for row in project.rows("select entity from entity_rows")]
    assert {"row_id": 3, "as_of": "2026-01-04"} in entities
    assert any(each.keys() == {"As_Of", "row_id"} for each in entities)


def test_such_names_in_a_file_of_entity_rows(project: Project) -> None:
    rows = {"row_id": [1, 2], "as_of": ["2026-01-02", "2026-01-03"], "Row_Ids": [5, 6], "feature": [0.5, 0.25]}
    pq.write_table(pa.table(rows), project.folder / "rows.parquet")
    listed = project.check(
        "--entities", str(project.folder / "rows.parquet"), "--exclude", "small", "--exclude", "free"
    )
    assert listed.exit_code == 0, listed.stdout + listed.stderr
    assert listed.counts("wide:kind") == {"requested": 2, "compared": 2, "matched": 2}


def test_such_names_where_values_differ(project: Project) -> None:
    path = project.folder / "stats.parquet"
    table = pq.read_table(path)
    errors = [value + 1 if value < 70 else value for value in table["error"].to_pylist()]
    pq.write_table(table.set_column(table.column_names.index("error"), "error", pa.array(errors)), path)
    differing = project.check("--live", "--as-of", NOON.isoformat(), "--service", "all")
    pq.write_table(table, path)
    assert differing.exit_code == 1
    assert differing.counts("stats:error")["mismatched"] == 10
    cells = project.rows("select entity, cause from latest_diffs where feature = 'stats:error'")
    assert {json.loads(row["entity"])["row_id"] for row in cells} == set(range(10))
