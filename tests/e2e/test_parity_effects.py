"""What transforms do beside answering is named, and undone where it can be; what ends a process ends no run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from building import run

pytestmark = pytest.mark.feast

MODULE = """
import locale, os, random, sys, threading, time, uuid, warnings
from datetime import timedelta

import numpy as np
import pandas as pd

from skewguard import Feature, batch_features, on_demand_features

bound = on_demand_features(inputs={"x": "float64"}, features=[Feature("y", "float64")])
totals = batch_features(
    entity=["key"], timestamp="at", lookback=timedelta(days=1), features=[Feature("total", "float64")]
)


def made(inputs):
    return pd.DataFrame({"y": inputs["x"] * 2})


def summed(events):
    events = events.sort_values("at", kind="stable").drop_duplicates(["key", "at"], keep="last")
    return pd.DataFrame({"key": events["key"], "at": events["at"], "total": events["x"].astype("float64")})


@bound
def untouched(inputs):
    return made(inputs)


@bound
def meddling(inputs):
    pd.set_option("display.precision", 3)
    np.seterr(all="raise")
    np.random.seed(1)
    locale.setlocale(locale.LC_ALL, "C.UTF-8" if locale.setlocale(locale.LC_ALL) != "C.UTF-8" else "C")
    sys.path.insert(0, "/nowhere")
    threading.Thread(target=time.sleep, args=(20,), daemon=True).start()
    return made(inputs)


@bound
def littering(inputs):
    place = os.path.join(os.path.dirname(__file__), "litter", uuid.uuid4().hex)
    os.makedirs(place)
    open(place + "/file", "w").close()
    os.remove(place + "/file")
    return made(inputs)


@totals
def chatty(events: pd.DataFrame) -> pd.DataFrame:
    print("hello")
    warnings.simplefilter("error")
    os.chdir("/")
    os.environ["LEFT_BEHIND"] = "1"
    pd.set_option("display.precision", 3)
    return summed(events)


@totals
def leaving(events: pd.DataFrame) -> pd.DataFrame:
    os._exit(7)


@totals
def exiting(events: pd.DataFrame) -> pd.DataFrame:
    sys.exit("no more")


@totals
def late_exiting(events: pd.DataFrame) -> pd.DataFrame:
    if len(events) > 6:
        sys.exit(3)
    return summed(events)


@totals
def needy(events: pd.DataFrame) -> pd.DataFrame:
    import not_there_at_all
    return summed(events)


@totals
def forgetful(events: pd.DataFrame) -> pd.DataFrame:
    summed(events)


@totals
def starving(events: pd.DataFrame) -> pd.DataFrame:
    if not len(events):
        raise ValueError("no events")
    return summed(events)


@totals
def unknowable(events: pd.DataFrame) -> pd.DataFrame:
    raise ValueError("not of these")
"""


def test_effects_are_named_and_undone_and_what_ends_its_process_is_named(tmp_path: Path) -> None:
    (tmp_path / "meddlers.py").write_text(MODULE)
    ran = run(
        "parity", "meddlers", "--law", "schema_kept", "--law", "input_untouched",
        "--examples", "14", "--json", "r.json", cwd=tmp_path,
    )  # fmt: skip
    assert ran.exit_code == 1, ran.stderr
    result = json.loads((tmp_path / "r.json").read_text())
    notes = {name: note for note in result["notes"] for name in [note.partition(":")[0].removeprefix("meddlers.")]}
    assert set(notes) == {"meddling", "littering", "chatty"}
    for words in ("changes how numpy takes errors", "changes the locale", "changes sys.path", "pandas' display.precis"):
        assert words in notes["meddling"].partition("undone")[0], notes["meddling"]
    for words in ("leaves a thread running", "changes the random state"):
        assert words in notes["meddling"].partition("undone")[2], notes["meddling"]
    assert "makes the folder" in notes["littering"] and "and others" in notes["littering"]
    assert "undone" not in notes["littering"].replace("not undone", "") and len(notes["littering"]) < 600
    for words in ("prints", "changes the warnings filter", "the working directory", "the environment", "display.prec"):
        assert words in notes["chatty"].partition("undone")[0], notes["chatty"]

    errors = {each["feature"].removeprefix("meddlers."): each["message"] for each in result["errors"]}
    assert "exit code 7" in errors["leaving"] and "made-up events" in errors["leaving"]
    assert "SystemExit: no more" in errors["exiting"]
    assert "not_there_at_all" in errors["needy"] and "whatever its events" in errors["needy"]
    assert "returned a NoneType" in errors["forgetful"]
    assert set(errors) == {"leaving", "exiting", "needy", "forgetful"}

    laws = {(each["transform"].removeprefix("meddlers."), each["law"]): each for each in result["laws"]}
    assert laws["untouched", "schema_kept"]["verdict"] == "held"
    assert laws["late_exiting", "schema_kept"]["verdict"] == "broken"
    assert "SystemExit: 3" in laws["late_exiting", "schema_kept"]["message"]
    assert laws["late_exiting", "input_untouched"]["verdict"] == "held"
    assert laws["starving", "schema_kept"]["message"] == "given no events it raises ValueError: no events"
    assert laws["unknowable", "schema_kept"]["verdict"] == "not_applicable"
