"""Bindings refuse what contradicts the transform, before Feast meets it; and pushes say why nothing was pushed."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from skewguard import Feature, batch_features, on_demand_features
from skewguard.errors.definition import BindingError, DtypeError, NotATransformError

if TYPE_CHECKING:
    from feast import FeatureView

FEATURES = [Feature("mean", "float64", owner="ops"), Feature("n", "int64", owner="ops")]


@batch_features(entity=["carrier"], timestamp="at", lookback=timedelta(days=7), features=FEATURES)
def one_table(departures: pd.DataFrame) -> pd.DataFrame:
    return departures


@batch_features(entity=["carrier"], timestamp="at", features=[Feature("mean", "float64")])
def two_tables(departures: pd.DataFrame, arrivals: pd.DataFrame) -> pd.DataFrame:
    return departures


@on_demand_features(inputs={"mean": "float64", "minutes": "int64"}, features=[Feature("share", "float64")])
def share(inputs: pd.DataFrame) -> pd.DataFrame:
    return inputs


@batch_features(entity=["carrier"], timestamp="at", features=[Feature("m", "set(map)")])
def impossible(departures: pd.DataFrame) -> pd.DataFrame:
    return departures


def events(path: str = "departures.parquet") -> Any:
    from feast import FileSource

    return FileSource(path=path, timestamp_field="at")


def carrier(key: str = "carrier") -> Any:
    from feast import Entity, ValueType

    return Entity(name="c", join_keys=[key], value_type=ValueType.STRING)


def bound(transform: Any = one_table, **changes: Any) -> FeatureView:
    from skewguard import feature_view

    return feature_view(transform, **{"source": events(), "entities": [carrier()]} | changes)


def booking(dtype: Any = None) -> Any:
    from feast import Field, RequestSource
    from feast.types import Int64

    return RequestSource(name="booking", schema=[Field(name="minutes", dtype=dtype or Int64)])


def test_a_view_reads_the_built_table_beside_the_repo() -> None:
    view = bound(name="delays")
    assert view.batch_source.path == str(Path(__file__).parent / "data" / "built" / "delays.parquet")
    assert view.batch_source.timestamp_field == "at"
    assert view.batch_source.created_timestamp_column == "created_timestamp"
    assert bound(path="tables/x.parquet").batch_source.path == "tables/x.parquet"
    assert sorted((each.name, str(each.dtype)) for each in view.schema) == [
        ("carrier", "String"), ("mean", "Float64"), ("n", "Int64"),
    ]  # fmt: skip
    assert (view.owner, bound(owner="me").owner) == ("ops", "me")


def test_names_that_are_no_file_names_get_files_of_their_own() -> None:
    paths = {bound(name=name).batch_source.path for name in ("a/b", "a_b", "a b", "ü" * 60, "u" * 90, "..")}
    assert len(paths) == 6
    assert {str(Path(each).parent) for each in paths} == {str(Path(__file__).parent / "data" / "built")}


def test_what_contradicts_a_batch_transform_is_refused() -> None:
    from feast import RequestSource

    with pytest.raises(NotATransformError, match="batch_features"):
        bound(share)
    with pytest.raises(NotATransformError, match="batch_features"):
        bound(len)
    with pytest.raises(BindingError, match="join keys"):
        bound(entities=[carrier("origin")])
    with pytest.raises(BindingError, match="takes 2 event tables"):
        bound(two_tables)
    with pytest.raises(BindingError, match="takes arrivals too"):
        bound(two_tables, source={"departures": events()})
    with pytest.raises(BindingError, match="takes no 'arrival'.*arrivals"):
        bound(two_tables, source={"departures": events(), "arrival": events()})
    with pytest.raises(BindingError, match="RequestSource"):
        bound(source=RequestSource(name="x", schema=booking().schema))
    with pytest.raises(DtypeError, match=r"Set\(Map\)"):
        bound(impossible)


def test_what_contradicts_an_on_demand_transform_is_refused() -> None:
    from feast.types import Float64

    from skewguard import on_demand_feature_view

    delays, other = bound(name="delays"), bound(name="others")
    with pytest.raises(NotATransformError, match="on_demand_features"):
        on_demand_feature_view(one_table, sources=[delays])
    with pytest.raises(BindingError, match="no source has its input 'minutes'"):
        on_demand_feature_view(share, sources=[delays])
    with pytest.raises(BindingError, match=r"'minutes' is Int64, minutes is Float64"):
        on_demand_feature_view(share, sources=[delays, booking(Float64)])
    with pytest.raises(BindingError, match=r"delays:mean and others:mean.*columns="):
        on_demand_feature_view(share, sources=[delays, other, booking()])
    with pytest.raises(BindingError, match="columns maps means"):
        on_demand_feature_view(share, sources=[delays, booking()], columns={"means": "delays:mean"})
    chosen = on_demand_feature_view(share, sources=[delays, other, booking()], columns={"mean": "others:mean"})
    assert "('others__mean', 'mean')" in chosen.udf_string


def test_a_transform_of_the_main_module_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(one_table, "__module__", "__main__")
    with pytest.raises(BindingError, match="__main__"):
        bound()


def test_feasts_own_inference_finds_the_declared_schema_too() -> None:
    """A view that came back from a registry is applied anew without the declaration: Feast then guesses the same."""
    from feast.on_demand_feature_view import OnDemandFeatureView

    from skewguard import on_demand_feature_view

    view = on_demand_feature_view(halves, sources=[bound(name="delays"), booking()])
    plain = OnDemandFeatureView.from_proto(view.to_proto())
    assert type(plain.feature_transformation).__name__ == "PandasTransformation"
    assert view == plain
    plain.infer_features()
    assert [(each.name, str(each.dtype)) for each in plain.features] == [("half", "Float32"), ("late", "Bool")]


@on_demand_features(
    inputs={"mean": "float64", "minutes": "int64"}, features=[Feature("half", "float32"), Feature("late", "bool")]
)
def halves(inputs: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({"half": inputs["minutes"] / 2, "late": inputs["mean"] > 15})


def test_a_keys_type_is_what_is_declared_else_what_the_events_have(tmp_path: Path) -> None:
    from feast import Entity, FileSource

    untyped = Entity(name="c", join_keys=["carrier"])
    path = tmp_path / "departures.parquet"
    source = FileSource(path=str(path), timestamp_field="at")

    def keys() -> list[tuple[str, str]]:
        view = bound(source=source, entities=[untyped])
        return [(each.name, str(each.dtype)) for each in view.schema if each.name == "carrier"]

    assert keys() == []
    path.write_bytes(b"no parquet")
    assert keys() == []
    pd.DataFrame({"carrier": [1, 2], "at": pd.to_datetime(["2013-01-01"] * 2)}).to_parquet(path)
    assert keys() == [("carrier", "Int64")]
    typed = {each.name: str(each.dtype) for each in bound(source=source).schema}
    assert typed["carrier"] == "String", "the entity's own type comes first"
    pd.DataFrame({"other": [1]}).to_parquet(path)
    assert keys() == []
