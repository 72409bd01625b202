"""On-demand features are served as Feast serves them, a request at a time, without a store read for each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from feast import Entity, FeatureService, FeatureView, Field, RequestSource, ValueType
from feast.infra.online_stores.sqlite import SqliteOnlineStore
from feast.on_demand_feature_view import on_demand_feature_view
from feast.types import Float32, Float64, Int64, String

from skewguard.feature_store.offline import read_offline
from skewguard.feature_store.on_demand import serve_on_demand
from skewguard.model import ViewKind, ViewSpec
from tests.feast.reading import NOON, OFFLINE_STORES, Scratch, column, events, hours, refs, rows, spec, values

pytestmark = pytest.mark.feast

# Entity 4 has no amount, entity 5 no row at all.
AMOUNTS = {1: 10.0, 2: -20.0, 3: 30.0, 4: None}
FV = spec("fv", {"amount": "Float64", "visits": "Int64"}, {"k": "Int64"})
OTHER = spec("other", {"rate": "Float64"}, {"m": "Int64"})


def on_demand(
    name: str,
    feature: str,
    dtype: str = "Float64",
    *,
    keys: tuple[str, ...] = ("k",),
    request: bool = False,
    inputs: tuple[str, ...] = ("fv",),
) -> ViewSpec:
    return spec(
        name,
        {feature: dtype},
        dict.fromkeys(keys, "Int64"),
        kind=ViewKind.ON_DEMAND,
        request={"factor": "Float64"} if request else {},
        inputs=inputs,
        input_features=[f.ref for view in (FV, OTHER) if view.name in inputs for f in view.features],
    )


PANDAS = on_demand("by_pandas", "share", request=True)
PYTHON = on_demand("by_python", "share_py", request=True)
SINGLETON = on_demand("alone", "twice")
BATCHED = on_demand("centred", "distance")
CAREFUL = on_demand("careful", "size")
REQUEST_ONLY = on_demand("asked", "doubled", keys=(), request=True, inputs=())
TWO_SOURCES = on_demand("both", "product", keys=("k", "m"), inputs=("fv", "other"))
STORED = on_demand("stored", "kept")
TEXT = on_demand("worded", "label", "String")


def build(scratch: Scratch) -> None:
    """Views, on-demand views of every sort, materialized up to NOON."""
    key, other_key = (Entity(name=name, join_keys=[name], value_type=ValueType.INT64) for name in ("k", "m"))
    table = events([hours(-2)] * 4, k=list(AMOUNTS), amount=list(AMOUNTS.values()), visits=[1, 2, 3, None])
    fv = FeatureView(
        name="fv", source=scratch.source("s", table), entities=[key],
        schema=[Field(name="amount", dtype=Float64), Field(name="visits", dtype=Int64)],
    )  # fmt: skip
    rates = scratch.source("rates", events([hours(-2)] * 2, m=[7, 8], rate=[0.5, 2.0]))
    other = FeatureView(name="other", source=rates, entities=[other_key], schema=[Field(name="rate", dtype=Float64)])
    asked = RequestSource(name="asked_for", schema=[Field(name="factor", dtype=Float64)])
    store = scratch.store()
    store.apply([key, other_key, fv, other, asked, *_on_demand_views(key, fv, other, asked)])
    store.materialize(hours(-100), NOON, feature_views=["fv", "other", "stored"])


def _on_demand_views(key: Any, fv: Any, other: Any, asked: Any) -> Iterator[Any]:
    @on_demand_feature_view(sources=[fv, asked], schema=[Field(name="share", dtype=Float64)])
    def by_pandas(inputs: pd.DataFrame) -> pd.DataFrame:
        return pd.DataFrame({"share": inputs["amount"].fillna(0.0) * inputs["factor"]})

    @on_demand_feature_view(sources=[fv, asked], schema=[Field(name="share_py", dtype=Float64)], mode="python")
    def by_python(inputs: dict) -> dict:
        return {
            "share_py": [None if a is None else a * f for a, f in zip(inputs["amount"], inputs["factor"], strict=True)]
        }

    @on_demand_feature_view(sources=[fv], schema=[Field(name="twice", dtype=Float64)], mode="python", singleton=True)
    def alone(inputs: dict) -> dict:
        return {"twice": None if inputs["amount"] is None else inputs["amount"] * 2}

    @on_demand_feature_view(sources=[fv], schema=[Field(name="distance", dtype=Float64)])
    def centred(inputs: pd.DataFrame) -> pd.DataFrame:
        return pd.DataFrame({"distance": inputs["amount"] - inputs["amount"].mean()})

    @on_demand_feature_view(sources=[fv], schema=[Field(name="size", dtype=Float64)])
    def careful(inputs: pd.DataFrame) -> pd.DataFrame:
        return pd.DataFrame({"size": inputs["amount"].abs()})

    @on_demand_feature_view(sources=[asked], schema=[Field(name="doubled", dtype=Float64)])
    def asked_view(inputs: pd.DataFrame) -> pd.DataFrame:
        return pd.DataFrame({"doubled": inputs["factor"] * 2})

    @on_demand_feature_view(sources=[fv, other], schema=[Field(name="product", dtype=Float64)])
    def both(inputs: pd.DataFrame) -> pd.DataFrame:
        return pd.DataFrame({"product": inputs["amount"].astype("float64") * inputs["rate"].astype("float64")})

    @on_demand_feature_view(
        entities=[key], sources=[fv], schema=[Field(name="kept", dtype=Float64)], write_to_online_store=True
    )
    def stored(inputs: pd.DataFrame) -> pd.DataFrame:
        return pd.DataFrame({"kept": inputs["amount"] + 1})

    @on_demand_feature_view(sources=[fv], schema=[Field(name="label", dtype=String)])
    def worded(inputs: pd.DataFrame) -> pd.DataFrame:
        return pd.DataFrame({"label": inputs["visits"].astype(str)})

    asked_view.name = asked_view.projection.name = "asked"
    yield from (by_pandas, by_python, alone, centred, careful, asked_view, both, stored, worded)


@pytest.fixture(scope="module", params=OFFLINE_STORES)
def scratch(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Scratch:
    made = Scratch(tmp_path_factory.mktemp(f"served_{request.param}"), request.param)
    build(made)
    return made


@pytest.fixture(scope="module")
def duckdb_scratch(tmp_path_factory: pytest.TempPathFactory) -> Scratch:
    made = Scratch(tmp_path_factory.mktemp("served"), "duckdb")
    build(made)
    return made


def serve(scratch: Scratch, view: ViewSpec, table: pa.Table, **options: Any) -> Any:
    inputs = [each for each in (FV, OTHER) if each.name in view.inputs]
    return serve_on_demand(scratch.store(), view, refs(view), inputs, table, **options)


def one_by_one(scratch: Scratch, view: ViewSpec, table: pa.Table) -> list[Any]:
    """What a person's own loop over `store.get_online_features` gives: values, or the type of the error."""
    store = scratch.store()
    served = []
    for row in table.drop(["row_id", "as_of"]).to_pylist():
        try:
            answer = store.get_online_features(features=refs(view), entity_rows=[row]).to_dict()
        except Exception as error:
            served.append(type(error).__name__)
        else:
            served.append(answer[view.features[0].name][0])
    return served


KEYED = rows(k=[5, 4, 3, 2, 1, 1])
WITH_FACTOR = rows(k=[5, 4, 3, 2, 1, 1], factor=[1.0, 2.0, 3.0, None, 0.0, -1.0])
CASES = {
    "pandas": (PANDAS, WITH_FACTOR),
    "python": (PYTHON, WITH_FACTOR.slice(0, 3)),
    "singleton": (SINGLETON, KEYED),
    "batch-dependent": (BATCHED, KEYED),
    "raises on null": (CAREFUL, KEYED),
    "request only": (REQUEST_ONLY, rows(factor=[1.0, 2.5])),
    "two sources": (TWO_SOURCES, rows(k=[1, 2, 3], m=[8, 7, 7])),
    "stored": (STORED, KEYED),
    "typed by its row": (TEXT, KEYED),
}


@pytest.mark.parametrize("case", CASES)
def test_it_is_what_feast_serves_row_by_row(duckdb_scratch: Scratch, case: str) -> None:
    view, table = CASES[case]
    side = serve(duckdb_scratch, view, table)
    served = [
        error.partition(":")[0] if error else value
        for value, error in zip(values(side), column(side, "error"), strict=True)
    ]
    expected = one_by_one(duckdb_scratch, view, table)
    assert served == expected
    assert any(value is not None for value in expected)
    assert column(side, "row_id") == table["row_id"].to_pylist()
    assert column(side, "event_timestamp") == [None] * table.num_rows
    assert column(side, "returned") == [error is None for error in column(side, "error")]


def test_a_null_input_raises_when_served_and_not_in_training(scratch: Scratch) -> None:
    """FEAST.md 6: a one-row request hands pandas an object column holding None."""
    online = serve(scratch, CAREFUL, KEYED)
    offline = read_offline(scratch.store(), CAREFUL, refs(CAREFUL), KEYED)
    assert [bool(error) for error in column(online, "error")] == [True, True, False, False, False, False]
    assert column(online, "error")[1].startswith("TypeError: ")
    assert column(offline, "error") == [None] * 6
    assert values(offline) == [None, None, 30.0, 20.0, 10.0, 10.0]


def test_a_batch_dependent_transform_is_served_alone(scratch: Scratch) -> None:
    asked = rows(k=[1, 2, 3])
    assert values(serve(scratch, BATCHED, asked)) == [0.0, 0.0, 0.0]
    offline = read_offline(scratch.store(), BATCHED, refs(BATCHED), asked)
    assert values(offline) == pytest.approx([10 - 20 / 3, -20 - 20 / 3, 30 - 20 / 3])
    assert values(serve(scratch, BATCHED, asked, request_size=3)) == pytest.approx(values(offline))


def test_request_data_offline_and_online_agree(scratch: Scratch) -> None:
    """Rows of one entity with other request data are rows of their own, which dask would merge."""
    for view in (PANDAS, PYTHON):
        asked = rows(k=[1, 1, 2, 3], factor=[1.0, 2.0, 3.0, 4.0])
        offline = read_offline(scratch.store(), view, refs(view), asked)
        assert values(offline) == values(serve(scratch, view, asked)) == [10.0, 20.0, -60.0, 120.0]
        assert column(offline, "returned") == [True] * 4


def test_request_data_alone(scratch: Scratch) -> None:
    asked = rows(factor=[1.0, 1.0, 2.5])
    offline = read_offline(scratch.store(), REQUEST_ONLY, refs(REQUEST_ONLY), asked)
    assert values(serve(scratch, REQUEST_ONLY, asked)) == [2.0, 2.0, 5.0]
    # Dask's plan needs a view to join: it answers only beside a feature of one (tests/e2e/test_request_data.py).
    assert values(offline) == [2.0, 2.0, 5.0]


def test_a_singleton_cannot_train(scratch: Scratch) -> None:
    """FEAST.md 1.5: offline its transform gets lists."""
    offline = read_offline(scratch.store(), SINGLETON, refs(SINGLETON), rows(k=[1, 2]))
    assert all(column(offline, "error"))
    assert values(serve(scratch, SINGLETON, rows(k=[1, 2]))) == [20.0, -40.0]


def test_a_singleton_asked_for_several_rows_answers_one(duckdb_scratch: Scratch) -> None:
    side = serve(duckdb_scratch, SINGLETON, rows(k=[1, 2, 3]), request_size=2)
    assert values(side) == [20.0, None, 60.0]
    assert [bool(error) for error in column(side, "error")] == [False, True, False]


def test_the_size_of_a_request_decides_what_shares_an_error(duckdb_scratch: Scratch) -> None:
    asked = rows(k=[1, 4, 2, 3])
    single = column(serve(duckdb_scratch, CAREFUL, asked), "error")
    double = column(serve(duckdb_scratch, CAREFUL, asked, request_size=2), "error")
    assert [bool(error) for error in single] == [False, True, False, False]
    assert [bool(error) for error in double] == [False] * 4  # in twos the column is float, and null is NaN


def test_the_store_is_read_once_for_many_rows(duckdb_scratch: Scratch, monkeypatch: pytest.MonkeyPatch) -> None:
    reads: list[int] = []
    original = SqliteOnlineStore.online_read

    def counting(self: Any, config: Any, table: Any, entity_keys: Any, requested_features: Any = None) -> Any:
        reads.append(len(entity_keys))
        return original(self, config, table, entity_keys, requested_features)

    monkeypatch.setattr(SqliteOnlineStore, "online_read", counting)
    paused: list[int] = []
    asked = rows(k=[1, 2, 3, 4] * 25)
    side = serve(duckdb_scratch, BATCHED, asked, batch=60, pause=paused.append)
    assert side.table.num_rows == 100
    assert (reads, paused) == ([4, 4], [60, 40])


def test_the_store_object_is_left_as_it_was(duckdb_scratch: Scratch) -> None:
    store = duckdb_scratch.store()
    real = store._get_provider().online_store
    serve_on_demand(store, PANDAS, refs(PANDAS), [FV], WITH_FACTOR)
    assert store._get_provider().online_store is real
    assert store.get_online_features(features=refs(PANDAS), entity_rows=[{"k": 1, "factor": 2.0}]).to_dict()[
        "share"
    ] == [20.0]


def test_a_key_that_cannot_be_read_is_its_own_rows_error(duckdb_scratch: Scratch) -> None:
    side = serve(duckdb_scratch, BATCHED, rows(k=pa.array(["1", "none", "2"])))
    assert values(side) == [0.0, None, 0.0]
    assert [bool(error) for error in column(side, "error")] == [False, True, False]


@pytest.mark.redis
def test_redis_serves_the_same(duckdb_scratch: Scratch, redis_server: str, tmp_path: Path) -> None:
    remote = Scratch(tmp_path, online={"type": "redis", "connection_string": redis_server}, project="served_by_redis")
    build(remote)
    for view, table in CASES.values():
        ours, theirs = serve(remote, view, table), serve(duckdb_scratch, view, table)
        assert ours.table.equals(theirs.table), view.name
        assert ours.notes == theirs.notes, view.name


def test_rows_without_data_are_counted(duckdb_scratch: Scratch) -> None:
    assert serve(duckdb_scratch, PANDAS, WITH_FACTOR).without_data == 1
    assert serve(duckdb_scratch, PANDAS, WITH_FACTOR.slice(1)).without_data == 0
    assert serve(duckdb_scratch, STORED, KEYED).without_data == 0
    assert serve(duckdb_scratch, REQUEST_ONLY, rows(factor=[1.0])).without_data == 0


def test_an_alias_in_a_service_is_served_and_cannot_train(scratch: Scratch) -> None:
    """FEAST.md 1.3: offline, the alias of an on-demand view is not found; duckdb says so only by leaving it out."""
    store = scratch.store()
    service = FeatureService(name="renamed", features=[store.get_on_demand_feature_view("centred").with_name("peer")])
    store.apply([service])
    peer = spec("peer", {"distance": "Float64"}, {"k": "Int64"}, base="centred", kind=ViewKind.ON_DEMAND, inputs=["fv"])
    asked = rows(k=[1, 2])
    assert values(serve_on_demand(scratch.store(), peer, service, [FV], asked)) == [0.0, 0.0]
    offline = read_offline(scratch.store(), peer, service, asked)
    assert values(offline) == [None, None]
    assert (all(column(offline, "error")), list(offline.absent)) == (
        (True, []) if scratch.offline == "dask" else (False, [0])
    )


def test_a_float32_input_is_served_as_it_was_rounded(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path)
    key = Entity(name="k", join_keys=["k"], value_type=ValueType.INT64)
    source = scratch.source("s", events([hours(-1)], k=[1], x=[0.1]))
    fv = FeatureView(name="small", source=source, entities=[key], schema=[Field(name="x", dtype=Float32)])

    @on_demand_feature_view(sources=[fv], schema=[Field(name="twice_x", dtype=Float64)])
    def doubled(inputs: pd.DataFrame) -> pd.DataFrame:
        return pd.DataFrame({"twice_x": inputs["x"].astype("float64") * 2})

    store = scratch.store()
    store.apply([key, fv, doubled])
    store.materialize(hours(-100), NOON)
    view = spec("doubled", {"twice_x": "Float64"}, {"k": "Int64"}, kind=ViewKind.ON_DEMAND, inputs=["small"])
    side = serve_on_demand(
        scratch.store(), view, refs(view), [spec("small", {"x": "Float32"}, {"k": "Int64"})], rows(k=[1])
    )
    assert values(side) == [2 * 0.10000000149011612]
    assert values(read_offline(scratch.store(), view, refs(view), rows(k=[1]))) == [0.2]
