"""The decorators leave a function what it was, mark it, and refuse what cannot be meant."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from skewguard import Feature, Tolerance, batch_features, on_demand_features
from skewguard.definition import Form, Mode, find_transform, transform_of
from skewguard.dtypes import parse
from skewguard.errors.definition import DefinitionError, DtypeError

if TYPE_CHECKING:
    import duckdb
    from duckdb import DuckDBPyRelation

ROOT = Path(__file__).parents[2]
FEATURE = Feature("mean_delay", "float64")


def plain(departures: pd.DataFrame) -> pd.DataFrame:
    return departures


def two_tables(departures: DuckDBPyRelation, runs: duckdb.DuckDBPyRelation) -> DuckDBPyRelation:
    return departures


def half_relations(departures: DuckDBPyRelation, runs: pd.DataFrame) -> DuckDBPyRelation:
    return departures


def share(inputs: pd.DataFrame) -> pd.DataFrame:
    return inputs


def row(delay: float | None, minutes: int | None) -> float | None:
    return delay


def starred(*tables: Any) -> Any:
    return tables


def generator(departures: Any) -> Any:
    yield departures


async def coroutine(departures: Any) -> Any:
    return departures


BATCH: dict[str, Any] = {"entity": ["carrier"], "timestamp": "observed_at", "features": [FEATURE]}
ON_DEMAND: dict[str, Any] = {"inputs": {"delay": "float64", "minutes": "int64"}, "features": [FEATURE]}


@pytest.fixture(autouse=True)
def unmarked() -> Any:
    yield
    for each in (plain, two_tables, half_relations, share, row, starred):
        each.__dict__.pop("__skewguard__", None)


def test_the_very_function_is_returned_and_still_callable() -> None:
    assert batch_features(**BATCH)(plain) is plain
    frame = pd.DataFrame({"a": [1]})
    assert plain(frame) is frame
    assert on_demand_features(**ON_DEMAND)(share) is share
    assert share(frame) is frame


def test_a_batch_mark_says_all_that_was_declared() -> None:
    batch_features(**BATCH | {"lookback": timedelta(days=7), "created": "known_at"})(plain)
    mark = transform_of(plain)
    assert (mark.entity, mark.timestamp, mark.created, mark.created_column) == (
        ("carrier",), "observed_at", "known_at", "known_at",
    )  # fmt: skip
    assert mark.lookback == timedelta(days=7)
    assert mark.parameters == ("departures",)
    assert mark.columns == ("carrier", "observed_at", "known_at", "mean_delay")
    assert mark.name == "plain"
    assert mark.path == f"{__name__}.plain"
    assert mark.form is Form.PANDAS


def test_a_table_without_created_time_has_a_column_for_it_all_the_same() -> None:
    batch_features(**BATCH)(plain)
    assert transform_of(plain).created_column == "created_timestamp"
    assert "created_timestamp" not in transform_of(plain).columns


def test_keys_may_come_with_dtypes_or_as_one_name() -> None:
    batch_features(**BATCH | {"entity": {"carrier": "STRING"}})(plain)
    assert transform_of(plain).entity_dtypes == {"carrier": "String"}
    batch_features(**BATCH | {"entity": "carrier"})(two_tables)
    assert transform_of(two_tables).entity == ("carrier",)


def test_relations_are_asked_for_by_annotation_even_where_duckdb_is_not_imported() -> None:
    batch_features(**BATCH)(two_tables)
    assert transform_of(two_tables).form is Form.DUCKDB
    assert transform_of(two_tables).parameters == ("departures", "runs")


def test_modes() -> None:
    on_demand_features(**ON_DEMAND)(share)
    on_demand_features(**ON_DEMAND, mode="row")(row)
    assert transform_of(share).mode is Mode.PANDAS
    assert transform_of(row).mode is Mode.ROW
    assert transform_of(row).inputs == {"delay": "Float64", "minutes": "Int64"}


@pytest.mark.parametrize(
    ("changes", "function", "said"),
    [
        ({}, lambda departures: departures, "lambda"),
        ({}, starred, "one event table per parameter"),
        ({}, generator, "coroutine or generator"),
        ({}, coroutine, "coroutine or generator"),
        ({}, half_relations, "mixes DuckDB relations"),
        ({"features": []}, plain, "declares no features"),
        ({"features": ["mean"]}, plain, "declares no features"),
        ({"features": [FEATURE, Feature("mean_delay", "int64")]}, plain, "mean_delay twice"),
        ({"features": [Feature("carrier", "string")]}, plain, "carrier twice"),
        ({"features": [Feature("created_timestamp", "int64")]}, plain, "created_timestamp"),
        ({"created": "observed_at"}, plain, "observed_at twice"),
        ({"timestamp": ""}, plain, "needs a name"),
        ({"entity": {"carrier": "text"}}, plain, "'text' is not a dtype"),
        ({"lookback": timedelta(days=-1)}, plain, "lookback"),
        ({"lookback": 7}, plain, "lookback"),
        ({}, print, "not a transform"),
    ],
)
def test_batch_declarations_that_cannot_be_meant(changes: dict[str, Any], function: Any, said: str) -> None:
    with pytest.raises(DefinitionError, match=said):
        batch_features(**BATCH | changes)(function)
    assert not hasattr(function, "__skewguard__")


@pytest.mark.parametrize(
    ("changes", "function", "said"),
    [
        ({"inputs": {}}, share, "inputs"),
        ({"inputs": ["delay"]}, share, "inputs"),
        ({"inputs": {"delay": "float6"}}, share, "float64"),
        ({"mode": "python"}, share, 'mode="row"'),
        ({"inputs": {"mean_delay": "float64"}}, share, "returns what it is given"),
        ({"mode": "row"}, share, "take each input as an argument"),
        ({"mode": "row", "inputs": {"delay": "float64"}}, row, "minutes"),
        ({}, row, "take one frame"),
        ({}, starred, "take one frame"),
    ],
)
def test_on_demand_declarations_that_cannot_be_meant(changes: dict[str, Any], function: Any, said: str) -> None:
    with pytest.raises(DefinitionError, match=said):
        on_demand_features(**ON_DEMAND | changes)(function)


def test_functions_that_no_other_process_can_import_are_refused() -> None:
    def nested(departures: Any) -> Any:
        return departures

    with pytest.raises(DefinitionError, match=r"nested.*top level of a module"):
        batch_features(**BATCH)(nested)


def test_two_decorators_on_one_function_are_refused() -> None:
    batch_features(**BATCH)(plain)
    with pytest.raises(DefinitionError, match="decorated twice"):
        batch_features(**BATCH)(plain)


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("float64", "Float64"),
        ("INT64", "Int64"),
        ("unix_timestamp", "UnixTimestamp"),
        (" array( float32 ) ", "Array(Float32)"),
        ("set(string)", "Set(String)"),
        ("array(array(int64))", "Array(Array(Int64))"),
        ("struct({a: int64, b: array(string)})", "Struct({a: Int64, b: Array(String)})"),
    ],
)
def test_dtypes_are_read_in_any_case_and_kept_in_feasts_words(text: str, known: str) -> None:
    assert str(parse(text)) == known
    assert str(parse(known)) == known
    assert Feature("x", text).dtype == known


@pytest.mark.parametrize("text", ["float", "array(int64", "array()", "struct({})", "struct({a})", "", None, 3, "int46"])
def test_what_is_no_dtype_is_refused(text: Any) -> None:
    with pytest.raises(DtypeError, match="dtype of Feast"):
        parse(text)


def test_a_wrong_dtype_names_the_near_ones() -> None:
    with pytest.raises(DtypeError, match="int64"):
        parse("int46")


@pytest.mark.parametrize(
    ("promises", "said"),
    [
        ({"range": (1,)}, "least, most"),
        ({"range": (2, 1)}, "least, most"),
        ({"range": (0, float("nan"))}, "least, most"),
        ({"range": "0-1"}, "least, most"),
        ({"dtype": "string", "range": (0, 1)}, "only numbers"),
        ({"categories": ["a"]}, "only String"),
        ({"dtype": "string", "categories": []}, "allowed texts"),
        ({"dtype": "string", "categories": "ab"}, "allowed texts"),
        ({"dtype": "string", "categories": ["a", "a"]}, "allowed texts"),
        ({"max_skew_rate": 1.1}, "0 to 1"),
        ({"max_skew_rate": True}, "0 to 1"),
        ({"freshness": timedelta(seconds=-1)}, "at least 0"),
        ({"freshness": 3}, "at least 0"),
        ({"tolerance": 0.1}, "Tolerance"),
        ({"owner": " "}, "owner"),
        ({"nullable": "yes"}, "True or False"),
        ({"name": " "}, "needs a name"),
    ],
)
def test_promises_that_cannot_be_meant(promises: dict[str, Any], said: str) -> None:
    given = {"name": "x", "dtype": "float64"} | promises
    with pytest.raises(DefinitionError, match=said):
        Feature(**given)


@pytest.mark.parametrize("wrong", [-1e-9, float("nan"), float("inf"), "0", True])
def test_tolerances_that_cannot_be_meant(wrong: Any) -> None:
    with pytest.raises(DefinitionError, match="Tolerance"):
        Tolerance(absolute=wrong)
    with pytest.raises(DefinitionError, match="Tolerance"):
        Tolerance(relative=wrong)


def test_a_feature_keeps_its_promises() -> None:
    feature = Feature("x", "float64", nullable=True, range=(0, None), tolerance=Tolerance(relative=1e-6), owner="ops")
    assert feature.contract.range == (0, None)
    assert feature.contract.tolerance == Tolerance(relative=1e-6)
    assert (feature.contract.nullable, feature.contract.owner) == (True, "ops")


def test_undecorated_functions_and_wrong_paths_are_named() -> None:
    with pytest.raises(DefinitionError, match="plain is not a transform"):
        transform_of(plain)
    with pytest.raises(DefinitionError, match="no_such_module"):
        find_transform("no_such_module.f")
    with pytest.raises(DefinitionError, match="Transforms there: none"):
        find_transform("json.dumps")


def test_importing_a_transform_imports_no_store() -> None:
    program = (
        "import sys\n"
        "from skewguard import Feature, Tolerance, batch_features, on_demand_features\n"
        "print(*sorted(sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)
    loaded = {name.split(".")[0] for name in run.stdout.split()}
    assert "skewguard" in loaded
    assert not loaded & {"feast", "duckdb", "pandas", "pyarrow", "numpy"}
