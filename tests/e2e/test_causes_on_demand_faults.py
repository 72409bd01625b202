"""Each way an on-demand transform can serve something else than it trained on is named, and nothing else is flagged."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pytest
from building import NOON, Checked, Project, hours
from seeding import note

COUNT = 20
NULLS = (3, 4)
STATS = """
from typing import Any
driver = Entity(name="driver", join_keys=["driver_id"], value_type=ValueType.INT64)
stats = FeatureView(
    name="stats", entities=[driver], ttl=timedelta(hours=24),
    schema=[Field(name="trips", dtype=Int64), Field(name="rate", dtype=Float64), Field(name="share", dtype=Float32),
            Field(name="some_trips", dtype=Int64), Field(name="some_rate", dtype=Float64)],
    source=FileSource(name="s", path=HERE + "/stats.parquet", timestamp_field="at", created_timestamp_column="known"),
)
"""
PANDAS = """
@on_demand_feature_view(sources=[stats], schema=[{schema}])
def {name}(inputs: pd.DataFrame) -> pd.DataFrame:
    import numpy as np
    return pd.DataFrame({{{outputs}}})
"""
PYTHON = """
@on_demand_feature_view(sources=[stats], schema=[{schema}], mode="python")
def {name}(inputs: dict[str, Any]) -> dict[str, Any]:
    return {{{outputs}}}
"""


class Fault(NamedTuple):
    """One output of a transform, what is expected of it: cells by cause, and their kinds (any where none are named)."""

    ref: str  # transforms whose name ends in `_python` are of that mode
    output: str
    causes: dict[str, int]
    kinds: tuple[str, ...] = ()
    dtype: str = "Float64"
    on_dask: dict[str, int] | None = None  # where Feast's default store makes a difference

    def expected(self, offline: str) -> dict[str, int]:
        return self.causes if self.on_dask is None or offline != "dask" else self.on_dask


ALL, SOME = COUNT, len(NULLS)
NOT_FIRST = COUNT - 1
FAULTS = [
    Fault("batch:centred", "inputs['trips'] - inputs['trips'].mean()", {"batch_dependent": ALL}, ("mismatch",)),
    Fault("batch:ranked", "inputs['rate'].rank()", {"batch_dependent": NOT_FIRST}),
    Fault("batch:scaled", "(inputs['rate'] - inputs['rate'].mean()) / inputs['rate'].std()",
          {"batch_dependent": ALL}, ("missing_online",)),
    Fault("batch:shifted", "inputs['rate'].shift(1)", {"batch_dependent": NOT_FIRST}, ("missing_online",)),
    Fault("batch:filled", "inputs['some_rate'].fillna(inputs['some_rate'].mean())",
          {"batch_dependent": SOME}, ("missing_online",)),
    Fault("batch_python:share", "[n / max(inputs['trips']) for n in inputs['trips']]", {"batch_dependent": NOT_FIRST}),
    Fault("raises:logged", "np.log1p(inputs['some_rate'])", {"null_handling": SOME}, ("serving_error",)),
    Fault("raises:beside", "inputs['rate'] * 2.0", {"null_handling": SOME}, ("serving_error",)),
    Fault("nulls:special", "inputs['some_rate'].map(lambda rate: -1.0 if rate is None else rate)",
          {"null_handling": SOME}, ("missing_offline",)),
    Fault("nulls:text", "inputs['some_trips'].map(str)", {"null_handling": ALL}, ("mismatch",), "String"),
    Fault("nulls_python:text", "[str(n) for n in inputs['some_trips']]", {}, (), "String",
          {"null_handling": COUNT - SOME}),
    Fault("types:floored", "np.floor(inputs['share'] * 10)", {"input_type": 6}, ("mismatch",)),
    Fault("hours:added", "inputs['rate'] + (inputs['event_timestamp'].dt.hour if 'event_timestamp' in inputs else 0)",
          {"undeclared_input": ALL}, ("mismatch",)),
    Fault("hours_python:counted", "[r + len(inputs) for r in inputs['rate']]", {"undeclared_input": ALL}),
    Fault("types:drawn", "np.random.default_rng().random(len(inputs))", {"nondeterministic": ALL}, ("mismatch",)),
    Fault("hours_python:drawn", "[__import__('random').random() for _ in inputs['rate']]", {"nondeterministic": ALL}),
    # Near-misses: all that is near one of the above and yet the same on both paths.
    Fault("batch:doubled", "inputs['rate'] * 2.0", {}),
    Fault("types:null_kept", "inputs['some_rate'] * 2.0", {}),
    Fault("types:null_filled", "inputs['some_rate'].fillna(0.0)", {}),
    Fault("types:widened", "inputs['share'].astype('float64') * 2", {}),
    Fault("types:rounded", "(inputs['share'] * 10).round()", {}),
    Fault("types:whole", "inputs['some_trips'].astype('float64')", {}),
    Fault("types:seeded", "inputs['rate'] + np.random.default_rng(7).random()", {}),
    Fault("nulls_python:kept", "[None if r is None else r + 1.0 for r in inputs['some_rate']]", {}),
]  # fmt: skip
INHERITING = [
    Fault("doubled:x", "inputs['rate'] * 2.0", {"inherited": 2}, ("missing_offline",)),
    Fault("doubled_python:x", "[None if r is None else r * 2.0 for r in inputs['rate']]", {"inherited": 2}),
    # The default store loses the whole row; what the transform makes of nulls is then nowhere offline.
    Fault("filled:x", "inputs['rate'].fillna(0.0) * 2.0", {"inherited": 2}, (), "Float64", {"offline_dropped": 2}),
    Fault("logged:x", "np.log1p(inputs['some_rate'])", {"null_handling": SOME, "inherited": 2}),
    Fault("centred:x", "inputs['trips'] - inputs['trips'].mean()", {"batch_dependent": COUNT - 2, "inherited": 2}),
]


def define(project: Project, faults: Sequence[Fault], before: str = STATS) -> None:
    """The repo's Python: one view, and the on-demand views with these outputs."""
    views: dict[str, list[Fault]] = {}
    for fault in faults:
        views.setdefault(fault.ref.partition(":")[0], []).append(fault)
    code = [before]
    for name, outputs in views.items():
        named = [(each.ref.partition(":")[2], each) for each in outputs]
        schema = ", ".join(f'Field(name="{short}", dtype={each.dtype})' for short, each in named)
        written = ", ".join(f'"{short}": {each.output}' for short, each in named)
        code.append((PYTHON if "_python" in name else PANDAS).format(name=name, schema=schema, outputs=written))
    project.define("".join(code))


def drivers(project: Project, *, age: dict[int, float] | None = None, **columns: Any) -> None:
    """One event per driver, an hour old unless `age` says how many hours."""
    ages = [(age or {}).get(driver, 1.0) for driver in range(COUNT)]
    project.source(
        "stats",
        {
            "driver_id": list(range(COUNT)),
            "at": [NOON - hours(each) for each in ages],
            "known": [NOON - hours(each) for each in ages],
            "trips": [100 + 3 * each for each in range(COUNT)],
            "rate": [1.0 + each / 10 for each in range(COUNT)],
            "share": [each / 10 for each in range(COUNT)],
            "some_trips": [None if each in NULLS else 100 + each for each in range(COUNT)],
            "some_rate": [None if each in NULLS else 1.0 + each for each in range(COUNT)],
            **columns,
        },
    )


def flagged(checked: Checked) -> set[str]:
    """The features that did not pass."""
    return {each["feature"] for each in checked.result["features"] if each["verdict"] != "pass"}


def cells(project: Project, ref: str) -> list[tuple[int, str, str, str, dict[str, Any]]]:
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


def test_each_fault_of_a_transform_is_named(project: Project) -> None:
    define(project, FAULTS)
    drivers(project)
    checked = project.check("--as-of", NOON.isoformat())
    note(checked, {each.ref: each.expected(project.offline) for each in FAULTS})
    found = {each.ref: checked.feature(each.ref)["causes"] for each in FAULTS}
    assert found == {each.ref: each.expected(project.offline) for each in FAULTS}
    assert flagged(checked) == {each.ref for each in FAULTS if each.expected(project.offline)}
    for fault in FAULTS:
        kinds = {each[1] for each in cells(project, fault.ref)}
        assert kinds == set(fault.kinds) or not fault.kinds, fault.ref
    _evidence(project)


def _evidence(project: Project) -> None:
    _, _, _, blame, logged = cells(project, "raises:logged")[0]
    assert "some_rate" in logged["null_inputs"] and logged["online_form"].startswith("TypeError")
    assert blame == "online"
    made_float = {each[0]: each[4] for each in cells(project, "nulls:text")}
    assert made_float[0]["made_float"] == ["some_trips"] and made_float[0]["null_inputs"] == []
    assert (made_float[0]["offline_form"], made_float[0]["online_form"]) == ("100.0", "100")
    centred = cells(project, "batch:centred")[0][4]
    assert (float(centred["among_others"]), float(centred["alone"])) == (-28.5, 0.0)
    assert cells(project, "hours:added")[0][4]["offline_only_columns"] == ["event_timestamp"]
    drawn = cells(project, "types:drawn")[0][4]
    assert len({*drawn["offline_reruns"], *drawn["online_reruns"]}) == 4


def test_what_follows_from_skewed_inputs_is_inherited(project: Project) -> None:
    define(project, INHERITING)
    drivers(project, age={5: 30.0, 6: 40.0})
    checked = project.check("--as-of", NOON.isoformat())
    expired = {
        f"stats:{name}": {"ttl_not_enforced": 2} for name in ("trips", "rate", "share", "some_trips", "some_rate")
    }
    note(checked, expired | {each.ref: each.expected(project.offline) for each in INHERITING})
    found = {each.ref: checked.feature(each.ref)["causes"] for each in INHERITING}
    assert found == {each.ref: each.expected(project.offline) for each in INHERITING}


JOINED = """
from typing import Any
driver = Entity(name="driver", join_keys=["driver_id"], value_type=ValueType.INT64)
def source(name):
    return FileSource(name=name, path=HERE + "/" + name + ".parquet", timestamp_field="at")
stats = FeatureView(name="stats", entities=[driver], ttl=timedelta(hours=24),
                    schema=[Field(name="rate", dtype=Float64)], source=source("stats"))
bonus = FeatureView(name="bonus", entities=[driver], ttl=timedelta(hours=24),
                    schema=[Field(name="extra", dtype=Float64)], source=source("bonus"))

@on_demand_feature_view(sources=[stats, bonus], schema=[Field(name="x", dtype=Float64), Field(name="y", dtype=Float64)])
def both(inputs: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({"x": inputs["rate"] * 2.0, "y": inputs["rate"] + inputs["extra"]})
"""


def test_rows_that_the_joint_query_loses(project: Project) -> None:
    project.define(JOINED)
    times = [NOON - hours(1)] * COUNT
    project.source("stats", {"driver_id": list(range(COUNT)), "at": times, "rate": [1.0 + n for n in range(COUNT)]})
    times = [NOON - hours(30) if driver == 5 else at for driver, at in enumerate(times)]
    project.source("bonus", {"driver_id": list(range(COUNT)), "at": times, "extra": [0.5 * n for n in range(COUNT)]})
    checked = project.check("--as-of", NOON.isoformat())
    lost = {"offline_dropped": 1} if project.offline == "dask" else {}
    note(checked, {"bonus:extra": {"ttl_not_enforced": 1}, "both:x": lost, "both:y": {"inherited": 1}})
    assert checked.feature("both:x")["causes"] == lost
    assert checked.feature("both:y")["causes"] == {"inherited": 1}
    assert flagged(checked) == {"bonus:extra", "both:y"} | ({"both:x"} if lost else set())


REQUESTED = """
from feast import RequestSource
@on_demand_feature_view(
    sources=[RequestSource(name="asked", schema=[Field(name="amount", dtype=Float64)])],
    schema=[Field(name="x", dtype=Float64)],
)
def requested(inputs: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({"x": inputs["amount"] - inputs["amount"].mean()})
"""


def test_request_data_alone_and_several_rows_to_a_request(project: Project) -> None:
    define(project, FAULTS[:1] + FAULTS[6:7], STATS + REQUESTED)
    drivers(project)
    checked = project.check("--as-of", NOON.isoformat(), "--request-size", "5")
    skewed = checked.feature("requested:x")["skewed"]
    note(checked, {"requested:x": {"batch_dependent": skewed}, "batch:centred": {"batch_dependent": ALL}})
    assert skewed == 0 or checked.feature("requested:x")["causes"] == {"batch_dependent": skewed}
    assert checked.feature("batch:centred")["causes"] == {"batch_dependent": ALL}
    # Among others a null is a float, as in training.
    assert flagged(checked) - {"requested:x"} == {"batch:centred"}


LIVE = [
    Fault("doubled:x", "inputs['rate'] * 2.0", {"inherited": 2}, ("mismatch",)),
    Fault("doubled_python:x", "[r * 2.0 for r in inputs['rate']]", {"inherited": 2}, ("mismatch",)),
]
WRITTEN = """
@on_demand_feature_view(sources=[stats], schema=[Field(name="x", dtype=Float64)], entities=[driver],
                        write_to_online_store=True)
def written(inputs: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({"x": inputs["rate"] * FACTOR})
"""


def deploy(project: Project, *window: datetime) -> None:
    """Apply as a script does: `feast apply` makes no table for an on-demand view that is stored. Then materialize."""
    store = project.apply()
    if window:
        with contextlib.chdir(project.folder):
            store.materialize(*window)


def test_live_stale_inputs_and_stored_outputs(tmp_path: Path) -> None:
    project = Project(folder=tmp_path / "repo")
    define(project, LIVE, STATS + WRITTEN.replace("FACTOR", "3.0"))
    drivers(project)
    deploy(project, NOON - hours(48), NOON)
    live = ("--live", "--as-of", NOON.isoformat())
    clean = project.check(*live)
    assert clean.exit_code == 0, clean.stdout + clean.stderr

    drivers(project, rate=[900.0 if each in (8, 9) else 1.0 + each / 10 for each in range(COUNT)])
    stale = project.check(*live)
    followed = {ref: {"inherited": 2} for ref in ("doubled:x", "doubled_python:x", "written:x")}
    note(stale, {"stats:rate": {"rewritten_history": 2}} | followed)
    assert flagged(stale) == {"stats:rate", "doubled:x", "doubled_python:x", "written:x"}
    for ref in ("doubled:x", "doubled_python:x", "written:x"):
        assert stale.feature(ref)["causes"] == {"inherited": 2}, ref
    _, kind, _, blame, evidence = cells(project, "doubled:x")[0]
    assert (kind, blame) == ("mismatch", "online")
    assert evidence["inputs"]["stats:rate"] == {"offline": "900.0", "online": "1.8"}
    assert (evidence["served_offline_inputs"], evidence["trained_on_online_inputs"]) == ("1800.0", "3.6")

    drivers(project)
    define(project, LIVE, STATS + WRITTEN.replace("FACTOR", "4.0"))
    unapplied = project.check(*live)
    assert unapplied.exit_code == 0, "training and serving both run what the registry stores"
    noted = {each["feature"] for each in unapplied.result["features"] if "another version" in " ".join(each["notes"])}
    assert noted == {"written:x"}
    deploy(project)
    changed = project.check(*live)
    note(changed, {"written:x": {"stored_on_demand": COUNT}})
    assert flagged(changed) == {"written:x"}
    assert changed.feature("written:x")["causes"] == {"stored_on_demand": COUNT}
    assert cells(project, "written:x")[0][4]["computed"] == "4.0"
