"""Bound transforms are plain Feast objects that Feast applies, materializes and serves in processes without skewguard's
bindings: the project alone is importable there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from feasting import feast

ROOT = Path(__file__).parents[2]
START = datetime(2013, 1, 1, tzinfo=UTC)
NAME = 'mixed "view" — ü__x'

HELPERS = """
SCALE = 2.0

def scaled(x):
    return x * SCALE
"""
TRANSFORMS = """
from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from shopcode.helpers import scaled
from skewguard import Feature, Tolerance, batch_features, on_demand_features

if TYPE_CHECKING:
    from duckdb import DuckDBPyRelation

LATE = 15


@batch_features(entity={"carrier": "string"}, timestamp="observed_at", created="known_at", lookback=timedelta(days=7),
                features=[Feature("mean_delay", "float64", nullable=True, range=(-100, 1000), owner="ops",
                                  tolerance=Tolerance(relative=1e-9), freshness=timedelta(hours=1), max_skew_rate=0.01),
                          Feature("flights", "int64", owner="ops", description="How many")])
def carrier_delays(departures: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for carrier, group in departures.groupby("carrier"):
        for at in group["happened_at"]:
            window = group[(group["happened_at"] > at - pd.Timedelta(days=7)) & (group["happened_at"] <= at)]
            rows.append((carrier, at, window["known_at"].max(), scaled(window["delay"].mean()), len(window)))
    return pd.DataFrame(rows, columns=["carrier", "observed_at", "known_at", "mean_delay", "flights"])


@batch_features(entity="carrier", timestamp="at", lookback=timedelta(0), features=[Feature("number", "int64")])
def carrier_last(departures: DuckDBPyRelation) -> DuckDBPyRelation:
    return departures.project("carrier, happened_at as at, number")


@on_demand_features(inputs={"mean_delay": "float64", "minutes": "int64"},
                    features=[Feature("share", "float64", range=(0, None), owner="models"), Feature("late", "bool")])
def delay_share(inputs: pd.DataFrame) -> pd.DataFrame:
    share = np.log1p(inputs["mean_delay"].abs()) / scaled(inputs["minutes"])
    return pd.DataFrame({"share": share, "late": inputs["mean_delay"] > LATE})


@on_demand_features(
    mode="row",
    inputs={"mean_delay": "float64", "minutes": "int64", "booked_at": "unixtimestamp", "newest": "int64"},
    features=[Feature("hours", "int32"), Feature("narrow", "float32"), Feature("label", "string"),
              Feature("known", "bool"), Feature("day", "unixtimestamp"), Feature("both", "array(float64)"),
              Feature("big", "int64")])
def mixed(mean_delay, minutes, booked_at, newest):
    label = {60: "short", 120: "long"}.get(minutes)  # null for the row that Feast makes up
    day = None if booked_at is None else booked_at.replace(hour=0, minute=0, second=0)
    both = None if mean_delay is None else [scaled(mean_delay), 0.1]
    hours = None if minutes is None else minutes // 60
    narrow = None if mean_delay is None else mean_delay / 3
    return hours, narrow, label, mean_delay is not None, day, both, None if newest is None else 2**53 + newest
"""
REPO = """
from datetime import timedelta
from pathlib import Path

from feast import Entity, Field, FileSource, RequestSource, ValueType
from feast.types import Int64, UnixTimestamp

from shopcode.transforms import carrier_delays, carrier_last, delay_share, mixed
from skewguard import feature_view, on_demand_feature_view

carrier = Entity(name="airline", join_keys=["carrier"])
typed_carrier = Entity(name="typed_airline", join_keys=["carrier"], value_type=ValueType.STRING)
departures = FileSource(name="departures", path=str(Path(__file__).parent / "data" / "departures.parquet"),
                        timestamp_field="happened_at", created_timestamp_column="known_at")
booking = RequestSource(name="booking", schema=[Field(name="minutes", dtype=Int64),
                                                Field(name="booked_at", dtype=UnixTimestamp)])
delays = feature_view(carrier_delays, source=departures, entities=[carrier], ttl=timedelta(days=30),
                      tags={"team": "ops"}, description="Delays")
last = feature_view(carrier_last, source={"departures": departures}, entities=[typed_carrier], name="last_flight")
share = on_demand_feature_view(delay_share, sources=[delays, booking])
mixed_view = on_demand_feature_view(mixed, sources=[delays, last, booking], name=NAME,
                                    columns={"newest": "last_flight:number"})
"""
READER = """
import json, sys
import pandas as pd
from datetime import datetime, timezone
from feast import FeatureStore

store = FeatureStore("feature_repo")
refs = json.loads(sys.argv[1])
rows = [{"carrier": carrier, "minutes": minutes, "booked_at": booked} for carrier, minutes, booked in [
    ("AA", 60, datetime(2013, 1, 20, 5, 6, 7, tzinfo=timezone.utc)), ("B6", None, None), ("none", 120, None)]]

def plain(value):
    if isinstance(value, (list, tuple)) or hasattr(value, "tolist") and getattr(value, "shape", ()) != ():
        return [plain(each) for each in value]
    return None if pd.isna(value) else value.isoformat() if hasattr(value, "isoformat") else value

def online(rows):
    found = store.get_online_features(refs, rows).to_dict()
    return {name: [plain(each) for each in values] for name, values in found.items()}

frame = pd.DataFrame({"carrier": [each["carrier"] for each in rows],
                      "minutes": pd.array([each["minutes"] for each in rows], dtype="Int64"),
                      "booked_at": pd.to_datetime([each["booked_at"] for each in rows], utc=True),
                      "event_timestamp": pd.to_datetime(["2013-01-20"] * 3, utc=True)})
arrow = store.get_historical_features(frame, refs).to_arrow()
offline = {row["carrier"]: {name: plain(value) for name, value in row.items()} for row in arrow.to_pylist()}
full = store.get_online_features(["delay_share:share"], rows, full_feature_names=True).to_dict()
print("ANSWER" + json.dumps({
    "batch": online(rows), "alone": [online([each]) for each in rows], "offline": offline,
    "types": {name: str(kind) for name, kind in zip(arrow.schema.names, arrow.schema.types)}, "full": list(full),
    "modules": sorted(each for each in sys.modules if each.startswith("skewguard")),
    "tags": {each.name: each.tags for each in [*store.list_feature_views(), *store.list_on_demand_feature_views()]},
    "owners": {each.name: each.owner for each in [*store.list_feature_views(), *store.list_on_demand_feature_views()]},
    "classes": sorted({type(each).__module__ + "." + type(each).__name__ for each in
                       [*store.list_feature_views(), *store.list_on_demand_feature_views()]}),
}))
"""


class Shop:
    """A project with transforms, a Feast repo and data, of which only its own folder is importable."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.write("shopcode/__init__.py", "")
        self.write("shopcode/helpers.py", HELPERS)
        self.write("shopcode/transforms.py", TRANSFORMS)
        self.write("feature_repo/features.py", f"NAME = {NAME!r}\n" + REPO)
        self.write(
            "feature_repo/feature_store.yaml",
            """
            project: shop
            provider: local
            registry: data/registry.db
            entity_key_serialization_version: 3
            offline_store:
                type: duckdb
            online_store:
                type: sqlite
                path: data/online.db
            """,
        )
        self.events(30)

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")

    def events(self, count: int) -> pd.DataFrame:
        at = [START + timedelta(hours=9 * number) for number in range(count)]
        frame = pd.DataFrame(
            {
                "carrier": [["AA", "B6"][number % 2] for number in range(count)],
                "happened_at": at,
                "known_at": [each + timedelta(hours=1) for each in at],
                "delay": [None if number % 7 == 3 else float(number) for number in range(count)],
                "number": range(count),
            }
        ).astype({"happened_at": "datetime64[us, UTC]", "known_at": "datetime64[us, UTC]"})
        path = self.folder / "feature_repo/data/departures.parquet"
        path.parent.mkdir(exist_ok=True)
        frame.to_parquet(path, index=False)
        return frame

    def run(self, *command: str, cwd: str = ".") -> str:
        environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(self.folder), str(ROOT)])}
        done = subprocess.run(
            [sys.executable, *command],
            cwd=self.folder / cwd,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def build(self, *words: str) -> int:
        """`skewguard build` in this process, as the command line runs it."""
        from skewguard.cli.edge import outcome

        with pytest.MonkeyPatch.context() as patch:
            patch.syspath_prepend(str(self.folder))
            return outcome(["build", str(self.folder / "feature_repo"), *words])

    def feast(self, *words: str) -> str:
        return feast(self.folder / "feature_repo", *words, root=self.folder)


REFS = [
    *("carrier_delays:mean_delay", "carrier_delays:flights", "delay_share:share", "delay_share:late"),
    *(f"{NAME}:{each}" for each in ("hours", "narrow", "label", "known", "day", "both", "big")),
]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    made = Shop(tmp_path_factory.mktemp("shop"))
    made.feast("apply")  # before any table is built
    assert made.build() == 0
    made.feast("materialize", "2012-01-01T00:00:00", "2014-01-01T00:00:00")
    return made


@pytest.fixture(scope="module")
def answer(shop: Shop) -> dict[str, Any]:
    """What a fresh process reads."""
    shop.write("reader.py", READER)
    said = shop.run("reader.py", json.dumps(REFS))
    found: dict[str, Any] = json.loads(said.partition("ANSWER")[2])
    return found


def test_offline_and_online_agree_in_a_fresh_process(answer: dict[str, Any]) -> None:
    compared = 0
    for at, carrier in enumerate(["AA", "B6", "none"]):
        for ref in REFS:
            name = ref.rpartition(":")[2]
            offline = answer["offline"][carrier][name]
            assert answer["batch"][name][at] == pytest.approx(offline), (carrier, name)
            assert answer["alone"][at][name][0] == pytest.approx(offline), (carrier, name)
            compared += offline is not None
    assert compared > 15


def test_the_values_are_the_functions(answer: dict[str, Any]) -> None:
    served = {name: values[0] for name, values in answer["batch"].items()}
    assert served["flights"] == 10
    assert served["hours"] == 1
    assert served["label"] == "short"
    assert served["known"] is True
    assert served["day"] == "2013-01-20T00:00:00+00:00"
    assert served["both"] == [served["mean_delay"] * 2, 0.1]
    assert served["big"] == 2**53 + 28  # row mode keeps integers that a frame of nulls would round
    assert answer["batch"]["known"] == [True, True, False]
    assert answer["batch"]["share"][2] is None


def test_offline_columns_have_the_declared_types(answer: dict[str, Any]) -> None:
    wanted = {
        "share": "double",
        "late": "bool",
        "hours": "int32",
        "narrow": "float",
        "label": "string",
        "known": "bool",
        "big": "int64",
    }
    assert {name: answer["types"][name] for name in wanted} == wanted


def test_full_names_are_served_too(answer: dict[str, Any]) -> None:
    assert "delay_share__share" in answer["full"]


def test_serving_imports_no_more_of_skewguard_than_the_transforms_do(answer: dict[str, Any]) -> None:
    assert "skewguard.definition.serve" in answer["modules"]
    beyond = [each for each in answer["modules"] if each.split(".")[1:2] not in ([], *([n] for n in SERVING))]
    assert not beyond


SERVING = ("contract", "credentials", "definition", "dtypes", "errors", "model", "version")


def test_the_objects_are_feasts_own(answer: dict[str, Any]) -> None:
    assert answer["classes"] == [
        "feast.feature_view.FeatureView",
        "feast.on_demand_feature_view.OnDemandFeatureView",
    ]


def test_tags_carry_the_declaration_through_the_registry(answer: dict[str, Any], shop: Shop) -> None:
    from skewguard.contract import Contract, Tolerance
    from skewguard.definition.tags import Binding, read

    delays = read(answer["tags"]["carrier_delays"])
    assert delays is not None
    assert delays.binding is Binding.BATCH
    assert delays.transform == "shopcode.transforms.carrier_delays"
    assert delays.lookback == timedelta(days=7)
    assert delays.owner == "ops"
    assert delays.contracts["mean_delay"] == Contract(
        nullable=True,
        range=(-100, 1000),
        tolerance=Tolerance(relative=1e-9),
        max_skew_rate=0.01,
        freshness=timedelta(hours=1),
        owner="ops",
    )
    assert delays.sources["departures"].path == str(shop.folder / "feature_repo/data/departures.parquet")
    assert (delays.sources["departures"].timestamp_column, delays.sources["departures"].created_column) == (
        "happened_at", "known_at",
    )  # fmt: skip
    assert answer["tags"]["carrier_delays"]["team"] == "ops"
    assert answer["owners"] == {"carrier_delays": "ops", "last_flight": "", "delay_share": "", NAME: ""}
    share = read(answer["tags"]["delay_share"])
    assert share is not None
    assert share.inputs == {"mean_delay": ("carrier_delays__mean_delay", "mean_delay"), "minutes": ("minutes",)}
    assert share.contracts["share"].owner == "models"


def test_a_change_in_a_helper_reaches_feast_and_the_table(
    shop: Shop, answer: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    registered = {view: tags["skewguard.fingerprint"] for view, tags in answer["tags"].items()}
    shop.write("shopcode/helpers.py", HELPERS.replace("2.0", "3.0"))
    try:
        plan = shop.feast("plan")
        changed = {view for view, fingerprint in registered.items() if fingerprint in plan}
        assert changed == {"carrier_delays", "delay_share", NAME}
        assert shop.build() == 0
        said = capsys.readouterr().out
        assert "carrier_delays: built" in said
        assert "(the code has changed)" in said
        assert "last_flight: up to date" in said
    finally:
        shop.write("shopcode/helpers.py", HELPERS)
        assert shop.build("-q") == 0


def test_build_says_what_it_did_and_exits_2_where_it_could_not(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    assert shop.build() == 0
    assert "carrier_delays: up to date" in capsys.readouterr().out
    assert shop.build("--whole", "--view", "carrier_delays") == 0
    one = capsys.readouterr().out
    assert one.count("\n") == 1
    assert "carrier_delays: built, 30 rows" in one
    source = shop.folder / "feature_repo/data/departures.parquet"
    kept = source.read_bytes()
    source.unlink()
    try:
        assert shop.build() == 2
    finally:
        source.write_bytes(kept)
    said = capsys.readouterr().err
    assert "Traceback" not in said
    assert said.count("departures.parquet") >= 2, "one view failing stops no other"
    assert shop.build("--view", "carrier_delay") == 2
    assert "carrier_delays" in capsys.readouterr().err
