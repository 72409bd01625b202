"""The sandbox trains and serves every kind of view over slices, and leaves the repo alone."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from skewguard.errors.store import MaterializationFailed
from tests.feast.checking import Check, checking
from tests.feast.conftest import NOON

pytestmark = pytest.mark.feast
FIELDS = "fields = [Field(name='trips', dtype=Int64)]\n"
PLAIN = FIELDS + "plain = FeatureView(name='plain', entities=[driver], schema=fields, source=trips)\n"
NEWEST = {1: 102, 2: 202, 3: 302}
KEYS = {"driver_id": [1, 3, 9]}
VALUES = [102, 302, None]


def same_on_both(check: Check, name: str, feature: str, keys: dict[str, Any], values: list[Any]) -> None:
    """Both stores answer `values` once the view is materialized; before, only the offline one does."""
    assert check.online(name, feature, keys) == [None] * len(values)
    check.materialize(name, NOON)
    assert check.online(name, feature, keys) == values
    assert check.offline(name, feature, keys, NOON) == values


@pytest.mark.parametrize("offline", ["dask", "duckdb"])
def test_a_plain_view(make_repo: Any, tmp_path: Path, offline: str) -> None:
    repo = make_repo(PLAIN, offline_store={"type": offline}, online_store={"type": "no.such.OnlineStore"})
    before = repo.snapshot()
    with checking(repo.folder, tmp_path / "private") as check:
        assert not check.sandbox.errors
        same_on_both(check, "plain", "trips", KEYS, VALUES)
    assert repo.snapshot() == before


def test_the_slice_is_what_both_stores_read(make_repo: Any, tmp_path: Path) -> None:
    repo = make_repo(PLAIN)
    with checking(repo.folder, tmp_path / "private") as check:
        (repo.folder / "data/trips.parquet").unlink()
        same_on_both(check, "plain", "trips", KEYS, VALUES)


def test_renamed_columns_and_composite_keys(make_repo: Any, tmp_path: Path) -> None:
    code = """
    area = Entity(name="area", join_keys=["place"], value_type=ValueType.STRING)
    mapped = FileSource(name="mapped", path="data/trips.parquet", timestamp_field="event_timestamp",
                        field_mapping={"trips": "journeys", "region": "place"})
    both = FeatureView(name="both", entities=[area, driver], source=mapped,
                       schema=[Field(name="journeys", dtype=Int64), Field(name="place", dtype=String)])
    """
    with checking(make_repo(code).folder, tmp_path / "private") as check:
        source = check.view("both").source
        assert source is not None and [source.column_of(key.column) for key in check.view("both").join_keys] == [
            "region",
            "driver_id",
        ]
        keys = {"place": ["north", "south", "south"], "driver_id": [1, 3, 1]}
        same_on_both(check, "both", "journeys", keys, [102, 302, None])


def test_a_view_without_entities(make_repo: Any, tmp_path: Path) -> None:
    code = FIELDS + "alone = FeatureView(name='alone', schema=fields, source=trips)\n"
    with checking(make_repo(code).folder, tmp_path / "private") as check:
        check.materialize("alone", NOON)
        assert check.offline("alone", "trips", {"anything": [1]}, NOON)[0] in NEWEST.values()
        # Served by the other store: after a historical read, Feast's own cache has lost the stand-in key.
        assert check.online("alone", "trips", {"__dummy_id": [""]})[0] in NEWEST.values()


def test_push_stream_and_batch_views(make_repo: Any, tmp_path: Path) -> None:
    code = (
        FIELDS
        + """
def double(rows):
    return rows.assign(trips=rows["trips"] * 2)

pushed = PushSource(name="pushed", batch_source=trips)
fresh = FeatureView(name="fresh", entities=[driver], schema=fields, source=pushed)
kafka = KafkaSource(name="kafka", kafka_bootstrap_servers="nowhere:9092", topic="t", batch_source=trips,
                    timestamp_field="event_timestamp", message_format=JsonFormat("trips int"))
stream = StreamFeatureView(name="stream", entities=[driver], source=kafka, schema=fields,
                           timestamp_field="event_timestamp")
batch = BatchFeatureView(name="batch", entities=[driver], mode="pandas", source=trips, online=True, offline=True,
                         udf=double, schema=fields,
                         udf_string="def double(rows):\\n    return rows.assign(trips=rows['trips'] * 2)\\n")
"""
    )
    repo = make_repo(code)
    with checking(repo.folder, tmp_path / "private") as check:
        assert not check.sandbox.errors
        for name in ("fresh", "stream"):
            same_on_both(check, name, "trips", KEYS, VALUES)
        slice_before = (tmp_path / "private").glob("slice*.parquet")
        kept = {path: path.read_bytes() for path in slice_before}
        check.materialize("batch", NOON)
        # Feast runs a batch view's transform on one path only: this is skew that a check must be able to see.
        assert check.online("batch", "trips", KEYS) == [204, 604, None]
        assert check.offline("batch", "trips", KEYS, NOON) == VALUES
        assert {path: path.read_bytes() for path in kept} == kept


def test_on_demand_views(make_repo: Any, tmp_path: Path) -> None:
    code = (
        PLAIN
        + """
asked = RequestSource(name="asked", schema=[Field(name="amount", dtype=Int64)])

@on_demand_feature_view(sources=[plain, asked], schema=[Field(name="total", dtype=Int64)])
def pandas_mode(inputs: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({"total": inputs["trips"] + inputs["amount"]})

@on_demand_feature_view(sources=[plain, asked], schema=[Field(name="total", dtype=Int64)], mode="python")
def python_mode(inputs):
    return {"total": [a + b for a, b in zip(inputs["trips"], inputs["amount"])]}

@on_demand_feature_view(sources=[asked], schema=[Field(name="total", dtype=Int64)])
def request_only(inputs: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({"total": inputs["amount"] * 2})
"""
    )
    # Feast's default offline store cannot answer for request data alone (FEAST.md has its other faults).
    repo = make_repo(code, offline_store={"type": "duckdb"})
    with checking(repo.folder, tmp_path / "private") as check:
        assert not check.sandbox.errors
        check.materialize("plain", NOON)
        keys = {"driver_id": [1, 3], "amount": [5, 7]}
        for name, values in {"pandas_mode": [107, 309], "python_mode": [107, 309], "request_only": [10, 14]}.items():
            asked = keys if name != "request_only" else {"amount": keys["amount"]}
            assert check.online(name, "total", asked) == values, name
            assert check.offline(name, "total", asked, NOON) == values, name


def test_an_on_demand_view_that_is_stored_is_materialized_like_any_other(make_repo: Any, tmp_path: Path) -> None:
    code = (
        PLAIN
        + """
@on_demand_feature_view(entities=[driver], sources=[plain], schema=[Field(name="twice", dtype=Int64)],
                        write_to_online_store=True)
def kept(inputs: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({"twice": inputs["trips"] * 2})
"""
    )
    repo = make_repo(code)
    with checking(repo.folder, tmp_path / "private") as check:
        assert not check.sandbox.errors
        assert (check.view("kept").stored, check.view("plain").stored) == (True, False)
        same_on_both(check, "kept", "twice", KEYS, [204, 604, None])


def test_an_alias_is_asked_for_through_a_service_of_its_own(make_repo: Any, tmp_path: Path) -> None:
    code = (
        PLAIN
        + """
starts = plain.with_name("start").with_join_key_map({"driver_id": "start_id"})
ends = plain.with_name("end").with_join_key_map({"driver_id": "end_id"})
one = FeatureService(name="one", features=[starts, ends])
two = FeatureService(name="two", features=[plain.with_join_key_map({"driver_id": "boss_id"})])
"""
    )
    with checking(make_repo(code).folder, tmp_path / "private") as check:
        check.materialize("start", NOON)
        for name, key in {"plain": "driver_id", "start": "start_id", "plain by boss_id": "boss_id"}.items():
            assert check.online(name, "trips", {key: [1, 3, 9]}) == VALUES, name
            assert check.offline(name, "trips", {key: [1, 3, 9]}, NOON) == VALUES, name
        service = check.sandbox.service("one")
        assert service is not None and check.sandbox.service("nothing") is None
        answer = check.sandbox.serving.get_online_features(
            service, [{"start_id": 1, "end_id": 3}], full_feature_names=True
        ).to_dict()
        assert (answer["start__trips"], answer["end__trips"]) == ([102], [302])


def test_a_view_pinned_to_a_version_is_checked_as_its_code_says(make_repo: Any, tmp_path: Path) -> None:
    code = FIELDS + "old = FeatureView(name='old', entities=[driver], schema=fields, source=trips, version='v3')\n"
    with checking(make_repo(code).folder, tmp_path / "private") as check:
        assert not check.sandbox.errors
        same_on_both(check, "old", "trips", KEYS, VALUES)


def test_what_the_yaml_says_about_values_holds_in_the_sandbox(make_repo: Any, tmp_path: Path, recwarn: Any) -> None:
    repo = make_repo(
        PLAIN,
        entity_key_serialization_version=2,
        materialization={"pull_latest_features": True},
        registry={"path": "data/registry.db", "enable_online_feature_view_versioning": True},
        offline_store="duckdb",
    )
    with checking(repo.folder, tmp_path / "private") as check:
        config = check.sandbox.serving.config
        assert config.materialization_config.pull_latest_features
        assert config.entity_key_serialization_version == 2
        assert config.registry.enable_online_feature_view_versioning
        assert config.registry.path.startswith(str(tmp_path / "private"))
        same_on_both(check, "plain", "trips", KEYS, VALUES)


def test_materializing_is_bounded_by_the_instant(make_repo: Any, tmp_path: Path) -> None:
    with checking(make_repo(PLAIN).folder, tmp_path / "private") as check:
        check.materialize("plain", NOON - timedelta(hours=1))
        assert check.online("plain", "trips", KEYS) == [101, 301, None]


def test_one_bad_view_costs_itself_and_what_is_made_of_it(make_repo: Any, tmp_path: Path) -> None:
    code = (
        PLAIN
        + """
bad = FeatureView(name="bad:name", entities=[driver], schema=fields, source=trips)

@on_demand_feature_view(sources=[plain], schema=[Field(name="wrong", dtype=String)])
def mistyped(inputs: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({"wrong": inputs["no_such_input"]})

@on_demand_feature_view(sources=[bad], schema=[Field(name="same", dtype=Int64)])
def dependent(inputs: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({"same": inputs["trips"]})

services = FeatureService(name="mixed", features=[plain, bad])
"""
    )
    with checking(make_repo(code).folder, tmp_path / "private") as check:
        messages = {each.feature: each.message for each in check.sandbox.errors}
        assert sorted(messages) == ["bad:name", "dependent", "mistyped"]
        assert "must not contain ':'" in messages["bad:name"]
        assert messages["dependent"] == "its input bad:name could not be applied"
        assert "no_such_input" in messages["mistyped"]
        same_on_both(check, "plain", "trips", KEYS, VALUES)


def test_only_what_has_a_slice_is_applied_and_what_an_on_demand_view_reads_beside_it(
    make_repo: Any, tmp_path: Path
) -> None:
    code = (
        PLAIN
        + """
bad = FeatureView(name="bad:name", entities=[driver], schema=fields, source=trips)
beside = FeatureView(name="beside", entities=[driver], schema=[Field(name="rate", dtype=Float64)], source=trips)
apart = FeatureView(name="apart", entities=[driver], schema=[Field(name="rate", dtype=Float64)], source=trips)

@on_demand_feature_view(sources=[plain, beside], schema=[Field(name="sum", dtype=Float64)])
def both(inputs: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({"sum": inputs["trips"] + inputs["rate"]})

@on_demand_feature_view(sources=[apart], schema=[Field(name="same", dtype=Float64)])
def other(inputs: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({"same": inputs["rate"]})
"""
    )
    with checking(make_repo(code).folder, tmp_path / "private", only=["plain"]) as check:
        assert not check.sandbox.errors
        store = check.sandbox.training
        names = [each.name for each in (*store.list_feature_views(), *store.list_on_demand_feature_views())]
        assert sorted(names) == ["beside", "both", "plain"]


def test_what_feast_cannot_materialize_is_said_in_its_words(make_repo: Any, tmp_path: Path) -> None:
    code = (
        "plain = FeatureView(name='plain', entities=[driver], schema=[Field(name='region', dtype=Int64)], source=trips)"
    )
    with checking(make_repo(code).folder, tmp_path / "private") as check:
        with pytest.raises(MaterializationFailed) as caught:
            check.materialize("plain", NOON)
        assert "plain" in str(caught.value) and "\n" not in str(caught.value)


def test_names_that_look_like_sql(make_repo: Any, tmp_path: Path) -> None:
    name = "länge 'select' \"order\" __" + "x" * 60
    code = f"{FIELDS}strange = FeatureView(name={name!r}, entities=[driver], schema=fields, source=trips)\n"
    with checking(make_repo(code).folder, tmp_path / "private") as check:
        assert not check.sandbox.errors
        same_on_both(check, name, "trips", KEYS, VALUES)
