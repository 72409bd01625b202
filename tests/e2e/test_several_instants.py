"""Entity rows with instants of their own, and a deployed store that changes while it is looked at."""

from __future__ import annotations

import contextlib
import sqlite3
from typing import Any

import pytest
from building import NOON, Project, hours

from skewguard.pipeline.readings import Reader

pytestmark = pytest.mark.feast

DEFINITIONS = """
driver = Entity(name="driver", join_keys=["driver_id"], value_type=ValueType.INT64)
source = FileSource(name="s", path=HERE + "/stats.parquet", timestamp_field="at")
stats = FeatureView(name="stats", entities=[driver], ttl=timedelta(0), source=source,
                    schema=[Field(name="trips", dtype=Int64), Field(name="rides", dtype=Int64)])

@on_demand_feature_view(sources=[stats], schema=[Field(name="twice", dtype=Float64)])
def doubled(inputs: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({"twice": inputs["trips"].astype("float64") * 2})
"""
LIVE = ("--live", "--as-of", NOON.isoformat(), "--feature", "stats")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    made = Project(folder=tmp_path_factory.mktemp("instants"))
    made.define(DEFINITIONS)
    ages = {1: 30.0, 2: 20.0, 3: 5.0}
    columns = {
        "driver_id": list(ages),
        "at": [NOON - hours(age) for age in ages.values()],
        "trips": [each * 10 for each in ages],
        "rides": [each * 7 for each in ages],
    }
    made.source("stats", columns)
    store = made.apply()
    with contextlib.chdir(made.folder):
        store.materialize(NOON - hours(48), NOON)
    return made


def test_rows_without_data_are_counted_over_all_instants(project: Project) -> None:
    rows = [(key, NOON - hours(age)) for age in (25, 10, 1) for key in (1, 2, 3)]
    lines = [f"{key},{at.isoformat()}" for key, at in rows]
    (project.folder / "rows.csv").write_text("\n".join(["driver_id,event_timestamp", *lines]))
    checked = project.check("--entities", str(project.folder / "rows.csv"), "--as-of", NOON.isoformat())
    assert checked.exit_code == 0, checked.stdout + checked.stderr
    assert checked.counts("doubled:twice")["requested"] == 9
    notes = [note for note in checked.feature("doubled:twice")["notes"] if "without data" in note]
    assert notes == ["the transform was served for 3 of 9 rows without data in any input"]
    assert "their own event_timestamp: --as-of is not used" in " ".join(checked.stdout.split())
    assert checked.result["as_of"] is None  # the newest event's time would be none at which a row was compared
    (project.folder / "one.csv").write_text(f"driver_id,event_timestamp\n1,{(NOON - hours(9)).isoformat()}\n")
    unasked = project.check("--entities", str(project.folder / "one.csv"))
    assert "--as-of is not used" not in " ".join(unasked.stdout.split())
    assert unasked.result["as_of"] == (NOON - hours(9)).isoformat()


def test_instants_count_as_far_as_their_rows_are_drawn(project: Project) -> None:
    """30 instants are in the file; a sample of 3 rows has 3 of them, one of 25 too many."""
    lines = [f"{key % 3 + 1},{(NOON - hours(key / 60)).isoformat()}" for key in range(30)]
    path = project.folder / "many.csv"
    path.write_text("\n".join(["driver_id,event_timestamp", *lines]))
    drawn = project.check("--entities", str(path), "--sample", "3", "--feature", "stats")
    assert drawn.exit_code == 0, drawn.stdout + drawn.stderr
    assert drawn.counts("stats:trips") == {"requested": 3, "compared": 3, "matched": 3}
    for words in ((), ("--sample", "25")):
        refused = project.check("--entities", str(path), "--feature", "stats", *words)
        assert refused.exit_code == 2
        assert ("25" if words else "30") + " distinct values in event_timestamp" in " ".join(refused.stderr.split())
        assert "--sample" in refused.stderr


def test_a_cell_is_reported_only_after_it_differed_twice(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """`trips` of driver 1 differs all the while; `rides` of the same row only at the second of all looks."""
    before = stored(project)
    write(project, "trips", 99)
    plain, looks = Reader.read_again, []

    def production_goes_on(reader: Reader, *asked: Any) -> Any:
        looks.append(asked)
        write(project, "rides", 55 if len(looks) == 1 else 7)
        return plain(reader, *asked)

    monkeypatch.setattr(Reader, "read_again", production_goes_on)
    found = project.check(*LIVE)
    restore(project, before)
    assert found.exit_code == 1
    assert found.counts("stats:trips")["mismatched"] == 1
    assert found.counts("stats:rides") == {"requested": 3, "compared": 3, "matched": 3}
    assert len(looks) == 2


def test_a_cell_that_differs_twice_is_reported(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    before = stored(project)
    write(project, "trips", 99)
    plain = Reader.read_again

    def production_goes_on(reader: Reader, *asked: Any) -> Any:
        write(project, "rides", 55)
        return plain(reader, *asked)

    monkeypatch.setattr(Reader, "read_again", production_goes_on)
    found = project.check(*LIVE)
    restore(project, before)
    assert found.counts("stats:rides")["mismatched"] == 1


def stored(project: Project) -> bytes:
    return (project.folder / "online.db").read_bytes()


def restore(project: Project, before: bytes) -> None:
    (project.folder / "online.db").write_bytes(before)


def write(project: Project, feature: str, value: int) -> None:
    """What driver 1 is served, changed behind Feast's back."""
    from feast.infra.key_encoding_utils import serialize_entity_key
    from feast.protos.feast.types.EntityKey_pb2 import EntityKey
    from feast.protos.feast.types.Value_pb2 import Value

    key = serialize_entity_key(EntityKey(join_keys=["driver_id"], entity_values=[Value(int64_val=1)]))
    with contextlib.closing(sqlite3.connect(project.folder / "online.db")) as store, store:
        changed = store.execute(
            "update shop_stats set value = ? where feature_name = ? and entity_key = ?",
            (Value(int64_val=value).SerializeToString(), feature, key),
        )
        assert changed.rowcount == 1
