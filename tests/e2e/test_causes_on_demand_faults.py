"""Each way an on-demand transform can serve something else than it trained on is named, and nothing else is flagged."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest
from building import NOON, Checked, Project, hours

STATS = """
driver = Entity(name="driver", join_keys=["driver_id"], value_type=ValueType.INT64)
stats = FeatureView(
    name="stats", entities=[driver], ttl=timedelta(hours=24),
    schema=[Field(name="trips", dtype=Int64), Field(name="rate", dtype=Float64), Field(name="share", dtype=Float32),
            Field(name="city", dtype=String)],
    source=FileSource(name="s", path=HERE + "/stats.parquet", timestamp_field="at", created_timestamp_column="known"),
)

@on_demand_feature_view(sources=[stats], schema=[Field(name="tripled", dtype=Float64)])
def sound(inputs: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({"tripled": inputs["rate"].astype("float64") * 3.0})
"""
PANDAS = """
@on_demand_feature_view(sources=[stats], schema=[{schema}])
def made(inputs: pd.DataFrame) -> pd.DataFrame:
    import numpy as np
    return pd.DataFrame({{{outputs}}})
"""
PYTHON = """
@on_demand_feature_view(sources=[stats], schema=[{schema}], mode="python")
def made(inputs: dict[str, Any]) -> dict[str, Any]:
    return {{{outputs}}}
"""
COUNT = 20


def pandas(outputs: str, dtype: str = "Float64") -> str:
    """A repo whose transform `made:x` is the pandas expression `outputs`."""
    return STATS + PANDAS.format(schema=f'Field(name="x", dtype={dtype})', outputs=f'"x": {outputs}')


def python(outputs: str, dtype: str = "Float64") -> str:
    """A repo whose transform `made:x` is the expression `outputs` over lists."""
    return (
        "from typing import Any\n"
        + STATS
        + PYTHON.format(schema=f'Field(name="x", dtype={dtype})', outputs=f'"x": {outputs}')
    )


def drivers(project: Project, *, age: dict[int, float] | None = None, count: int = COUNT, **columns: Any) -> None:
    """One event per driver, an hour old unless `age` says how many hours."""
    ages = [(age or {}).get(driver, 1.0) for driver in range(count)]
    project.source(
        "stats",
        {
            "driver_id": list(range(count)),
            "at": [NOON - hours(each) for each in ages],
            "known": [NOON - hours(each) for each in ages],
            "trips": [100 + 2 * each for each in range(count)],
            "rate": [1.0 + each / 10 for each in range(count)],
            "share": [each / 10 for each in range(count)],
            "city": [f"city {each % 3}" for each in range(count)],
            **columns,
        },
    )


def only(checked: Checked, *skewed: str) -> None:
    """No feature but those named is flagged."""
    flagged = [each["feature"] for each in checked.result["features"] if each["verdict"] != "pass"]
    assert sorted(flagged) == sorted(skewed), checked.stdout


def causes(checked: Checked, ref: str = "made:x") -> dict[str, int]:
    """The skewed cells of a feature by cause."""
    found: dict[str, int] = checked.feature(ref)["causes"]
    return found


def cells(project: Project, ref: str = "made:x") -> list[tuple[int, str, str, str, dict[str, Any]]]:
    """Of the newest run: driver, kind, cause, blame and evidence of each skewed cell."""
    with duckdb.connect(str(project.folder / "skewguard.duckdb"), read_only=True) as ledger:
        rows = ledger.execute(
            "select (entity->>'driver_id')::int, kind, cause, blame, evidence from latest_diffs"
            " where feature = ? and skewed order by 1",
            [ref],
        ).fetchall()
    return [(*row[:4], json.loads(row[4] or "{}")) for row in rows]


@pytest.fixture(params=["duckdb", "dask"])
def project(request: pytest.FixtureRequest, tmp_path: Path) -> Project:
    return Project(folder=tmp_path / "repo", offline=request.param)


def check(project: Project, code: str, **columns: Any) -> Checked:
    project.define(code)
    drivers(project, **columns)
    return project.check("--as-of", NOON.isoformat())


with_null = {"rate": [None if each in (3, 4) else 1.0 + each for each in range(COUNT)]}
whole_with_null = {"trips": [None if each in (3, 4) else 100 + each for each in range(COUNT)]}


@pytest.mark.parametrize(
    "code",
    [
        pandas("np.random.default_rng().random(len(inputs))"),
        python("[__import__('random').random() for _ in inputs['trips']]"),
        pandas("np.random.default_rng().integers(0, 2, len(inputs)).astype(float) + inputs['rate']"),
    ],
    ids=["pandas", "python", "coin"],
)
def test_nondeterministic(project: Project, code: str) -> None:
    checked = check(project, code)
    only(checked, "made:x")
    skewed = checked.feature("made:x")["skewed"]
    assert skewed >= 3
    assert causes(checked) == {"nondeterministic": skewed}


@pytest.mark.parametrize(
    ("code", "kinds"),
    [
        (pandas("np.log1p(inputs['rate'])"), {"serving_error"}),
        (pandas("inputs['rate'].map(lambda rate: -1.0 if rate is None else rate)"), {"missing_offline"}),
    ],
)
def test_null_handling(project: Project, code: str, kinds: set[str]) -> None:
    checked = check(project, code, **with_null)
    only(checked, "made:x")
    assert causes(checked) == {"null_handling": 2}
    found = cells(project)
    assert [each[0] for each in found] == [3, 4]
    assert {each[1] for each in found} == kinds
    assert all(each[4]["null_inputs"] for each in found)


def test_integers_made_float_by_a_null_elsewhere(project: Project) -> None:
    checked = check(project, pandas("inputs['trips'].map(str)", "String"), **whole_with_null)
    only(checked, "made:x")
    # "103.0" against "103", and of the null itself "nan" against "None".
    assert causes(checked) == {"null_handling": COUNT}
    evidence = {each[0]: each[4] for each in cells(project)}
    assert evidence[0]["made_float"] == ["trips"] and evidence[0]["null_inputs"] == []
    assert evidence[3]["null_inputs"] == ["trips"]


def test_only_dask_makes_floats_of_a_python_transforms_integers(project: Project) -> None:
    checked = check(project, python("[str(n) for n in inputs['trips']]", "String"), **whole_with_null)
    if project.offline == "duckdb":
        only(checked)
    else:
        only(checked, "made:x")
        assert causes(checked) == {"null_handling": COUNT - 2}


def test_input_type(project: Project) -> None:
    share = [each / 10 for each in range(COUNT)]
    checked = check(project, pandas("np.floor(inputs['share'] * 10)"), share=share)
    only(checked, "made:x")
    skewed = checked.feature("made:x")["skewed"]
    print(cells(project))
    assert causes(checked) == {"input_type": skewed} and skewed > 1


@pytest.mark.parametrize(
    "code",
    [
        pandas("inputs['trips'] - inputs['trips'].mean()"),
        pandas("inputs['rate'].rank()"),
        pandas("(inputs['rate'] - inputs['rate'].mean()) / inputs['rate'].std()"),
        pandas("inputs['rate'].shift(1)"),
        python("[n / max(inputs['trips']) for n in inputs['trips']]"),
    ],
    ids=["centred", "rank", "scaled", "shift", "python"],
)
def test_batch_dependent(project: Project, code: str) -> None:
    checked = check(project, code)
    only(checked, "made:x")
    skewed = checked.feature("made:x")["skewed"]
    assert skewed >= COUNT - 1
    assert causes(checked) == {"batch_dependent": skewed}


def test_null_filled_from_the_batch(project: Project) -> None:
    checked = check(project, pandas("inputs['rate'].fillna(inputs['rate'].mean())"), **with_null)
    only(checked, "made:x")
    assert causes(checked) == {"batch_dependent": 2}


@pytest.mark.parametrize(
    "code",
    [
        pandas("inputs['rate'] + (inputs['event_timestamp'].dt.hour if 'event_timestamp' in inputs else 0)"),
        python("[r + t.hour for r, t in zip(inputs['rate'], inputs.get('event_timestamp', [NOW] * 999))]").replace(
            "return", "from datetime import datetime; NOW = datetime(2026, 1, 1); return"
        ),
        python("[float(n) + len(inputs) for n in inputs['trips']]"),
        pandas("inputs['rate'] + (0.0 if 'event_timestamp' in inputs else 1.0)"),
    ],
)
def test_undeclared_input(project: Project, code: str) -> None:
    checked = check(project, code)
    only(checked, "made:x")
    assert causes(checked) == {"undeclared_input": COUNT}
    assert cells(project)[0][4]["offline_only_columns"] == ["event_timestamp"]


@pytest.mark.parametrize("code", [pandas("inputs['rate'] * 2.0"), python("[r and r * 2.0 for r in inputs['rate']]")])
def test_inherited_from_expired_inputs(project: Project, code: str) -> None:
    checked = check(project, code, age={5: 30.0, 6: 40.0})
    only(checked, "stats:trips", "stats:rate", "stats:share", "stats:city", "made:x", "sound:tripled")
    assert causes(checked) == {"inherited": 2}
    assert causes(checked, "sound:tripled") == {"inherited": 2}


def test_expired_inputs_of_a_transform_that_fills_them(project: Project) -> None:
    checked = check(project, pandas("inputs['rate'].fillna(0.0) * 2.0"), age={5: 30.0, 6: 40.0})
    expected = "inherited" if project.offline == "duckdb" else "offline_dropped"
    assert causes(checked) == {expected: 2}


def test_two_causes_in_one_feature(project: Project) -> None:
    checked = check(project, pandas("np.log1p(inputs['rate'])"), age={5: 30.0, 6: 40.0}, **with_null)
    assert causes(checked) == {"null_handling": 2, "inherited": 2}
    assert [(each[0], each[2]) for each in cells(project)] == [
        (3, "null_handling"), (4, "null_handling"), (5, "inherited"), (6, "inherited"),
    ]  # fmt: skip
