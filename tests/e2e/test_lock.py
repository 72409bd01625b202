"""`skewguard lock` on real repos: what changes it, what does not, what it says, and what it does with bad input."""

from __future__ import annotations

import json
import shutil
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from building import NOON, Checked, Project, run

import skewguard
from skewguard.config import load
from skewguard.errors import SkewguardError
from skewguard.locking import lock_text, read_lock
from skewguard.pipeline.given import READERS

pytestmark = pytest.mark.feast
ROOT = Path(__file__).parents[2]

ODD = 'déjà "vu" ] = select'
ARITHMETIC = '''
import math
import pandas as pd

SCALE = 2
SECRET = "hunter2"
UNUSED = 1

def hours_between(x, unit=3600):
    """Doc."""
    return math.floor(x / unit)  # comment

class Rounder:
    digits = 2

def scaled(x):
    return hours_between(x) * SCALE
'''
DEFINITIONS = f"""
from arithmetic import Rounder, scaled, SECRET
shop = Entity(name="shop", join_keys=["shop_id"], value_type=ValueType.INT64)
orders = FileSource(name="orders", path=str(HERE + "/orders.parquet"), timestamp_field="at",
                    created_timestamp_column="made", field_mapping={{"raw_total": "total"}})
elsewhere = FileSource(name="elsewhere", path="/somewhere/else/of/mine/rows.parquet", timestamp_field="at")
totals = FeatureView(name="totals", entities=[shop], source=orders, ttl=timedelta(days=2),
                     schema=[Field(name="shop_id", dtype=Int64), Field(name="total", dtype=Float64),
                             Field(name="visits", dtype=Int64)])
others = FeatureView(name="others", entities=[shop], source=elsewhere, online=False,
                     schema=[Field(name="shop_id", dtype=Int64), Field(name={ODD!r}, dtype=String)])
request = RequestSource(name="request", schema=[Field(name="wanted", dtype=Float64)])

@on_demand_feature_view(sources=[totals[["total"]], request], schema=[Field(name="share", dtype=Float64)])
def shares(inputs: pd.DataFrame) -> pd.DataFrame:
    from arithmetic import scaled
    unused = SECRET
    return pd.DataFrame({{"share": inputs["total"] / inputs["wanted"] * scaled(1) + Rounder.digits}})

model = FeatureService(name="model", features=[totals[["visits"]], shares])
other_model = FeatureService(name="other model", features=[totals[["visits"]]])
renamed = FeatureService(name="renamed", features=[totals[["total"]].with_name("sums")])
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A repo of plain Feast views, none of them decorated by skewguard."""
    made = Project(folder=tmp_path_factory.mktemp("lock") / "feature_repo")
    rows = {"shop_id": [1, 2], "raw_total": [1.0, 2.0], "visits": [3, 4], "at": [NOON, NOON], "made": [NOON, NOON]}
    made.source("orders", rows)
    (made.folder / "arithmetic.py").write_text(ARITHMETIC)
    made.define(DEFINITIONS)
    (made.folder.parent / ".git").mkdir()
    ran = run("lock", str(made.folder), cwd=made.folder)
    assert ran.exit_code == 0, ran.stderr
    return made


@pytest.fixture
def agreed(project: Project) -> Iterator[Project]:
    """The repo as it was locked; what a test changes is put back."""
    files = {path: path.read_bytes() for path in project.folder.iterdir() if path.is_file()}
    yield project
    for path in list(project.folder.iterdir()):
        if path not in files and path.is_file():
            path.unlink()
    for path, content in files.items():
        path.write_bytes(content)


def check(project: Project, *words: str) -> Checked:
    return run("lock", "--check", str(project.folder), *words, cwd=project.folder)


def change(project: Project, file: str, old: str, new: str) -> None:
    path = project.folder / file
    text = path.read_text()
    assert old in text, "the change must change something"
    path.write_text(text.replace(old, new))


def test_it_is_sorted_text_without_paths_and_the_same_twice(project: Project) -> None:
    lock = project.folder / "skewguard.lock"
    text = lock.read_text()
    assert str(project.folder) not in text and "somewhere" not in text
    assert "hunter2" not in text, "texts of the code are hashed, not shown"
    before = lock.stat().st_mtime_ns
    ran = run("lock", str(project.folder), cwd=project.folder)
    assert "unchanged" in ran.stdout and lock.read_text() == text and lock.stat().st_mtime_ns == before
    views = tomllib.loads(text)["views"]
    assert list(views) == sorted(views) == ["others", "shares", "totals"]
    assert views["totals"]["source"] == {
        "created": "made", "field_mapping": ["raw_total -> total"], "kind": "FileSource",
        "name": "orders", "path": "orders.parquet", "timestamp": "at",
    }  # fmt: skip
    assert views["others"]["source"]["path"] == ".../rows.parquet"
    assert views["others"]["features"] == {ODD: {"dtype": "String"}}
    assert set(views["shares"]["code"]) == {
        "definitions.shares", "arithmetic.scaled", "arithmetic.hours_between", "arithmetic.SCALE",
        "arithmetic.Rounder", "arithmetic.SECRET",
    }  # fmt: skip
    assert views["shares"]["code"]["arithmetic.SCALE"] == "constant 2"
    assert views["shares"]["libraries"] == ["pandas"]
    assert lock_text(read_lock(lock)) == text


CHANGED = {
    "a helper": ("arithmetic.py", "x / unit", "x // unit", "shares: code of helper `hours_between` changed"),
    "a default": ("arithmetic.py", "unit=3600", "unit=60", "shares: code of helper `hours_between` changed"),
    "a constant": ("arithmetic.py", "SCALE = 2", "SCALE = 3", "shares: constant `SCALE` 2 -> 3"),
    "a text": ("arithmetic.py", "hunter2", "hunter3", "shares: value `SECRET` changed"),
    "a class": ("arithmetic.py", "digits = 2", "digits = 3", "shares: code of helper class `Rounder` changed"),
    "its own code": ("definitions.py", "scaled(1)", "scaled(2)", "shares: code of `shares` changed"),
    "a new helper": (
        "arithmetic.py",
        "    return hours_between(x) * SCALE",
        "    return hours_between(x) * two()\ndef two(): return 2",
        "helper `two` is reached now",
    ),
    "a ttl": ("definitions.py", "days=2", "days=2, hours=12", "totals: ttl 2 d -> 2 d 12 h"),
    "a dtype": (
        "definitions.py",
        '"visits", dtype=Int64',
        '"visits", dtype=Int32',
        "feature `visits`: dtype Int64 -> Int32",
    ),
    "a source": (
        "definitions.py",
        'created_timestamp_column="made"',
        'created_timestamp_column="born"',
        "totals: source: created timestamp column made -> born",
    ),
    "a mapping": (
        "definitions.py",
        '"raw_total": "total"',
        '"raw_total": "total", "x": "y"',
        "source: field mapping gained x -> y",
    ),
    "an entity": (
        "definitions.py",
        'Entity(name="shop"',
        'Entity(name="store"',
        "totals: entities gained store and lost shop",
    ),
    "a request": (
        "definitions.py",
        '"wanted", dtype=Float64)',
        '"wanted", dtype=Float32)',
        "request wanted Float64 -> Float32",
    ),
    "a lost view": ("definitions.py", "others = FeatureView", "(lambda **_: 1)", "others: the view is gone"),
    "a service": (
        "definitions.py",
        'totals[["visits"]], shares]',
        "shares]",
        "service model: features lost totals:visits",
    ),
    "an alias": (
        "definitions.py",
        'with_name("sums")',
        'with_name("sum")',
        "service renamed: features gained sum:total and lost sums:total",
    ),
}
KEPT = {
    "a comment": ("arithmetic.py", "# comment", "# another\n"),
    "a docstring": ("arithmetic.py", '"""Doc."""', '"""Other."""'),
    "formatting": ("arithmetic.py", "hours_between(x) * SCALE", "(hours_between( x )\n        * SCALE)"),
    "code that is not reached": ("arithmetic.py", "UNUSED = 1", "UNUSED = 2"),
    "the order of views": ("definitions.py", "shop = Entity", "late = 1\nshop = Entity"),
}


@pytest.mark.parametrize("what", CHANGED)
def test_a_changed_definition_fails_and_is_named(what: str, agreed: Project) -> None:
    file, old, new, words = CHANGED[what]
    change(agreed, file, old, new)
    ran = check(agreed)
    assert ran.exit_code == 1, ran.stdout + ran.stderr
    assert words in ran.stdout


@pytest.mark.parametrize("what", KEPT)
def test_what_is_no_change_passes(what: str, agreed: Project) -> None:
    change(agreed, *KEPT[what])
    ran = check(agreed)
    assert ran.exit_code == 0, ran.stdout + ran.stderr
    assert "up to date: 3 views, 4 features" in ran.stdout


def test_it_says_which_services_a_change_reaches(agreed: Project) -> None:
    """`total` is served by `renamed` under an alias, and reaches `model` through the on-demand `share` only."""
    change(agreed, "definitions.py", '"total", dtype=Float64', '"total", dtype=Float32')
    change(agreed, "arithmetic.py", "x / unit", "x // unit")
    ran = check(agreed, "--json", "-")
    told = json.loads(ran.stdout)
    assert (ran.exit_code, told["exit_code"], told["verdict"], told["written"]) == (1, 1, "fail", False)
    reached = {each["what"]: (each["about"], each["features"], each["services"]) for each in told["changes"]}
    assert reached == {
        "feature `total`: dtype Float64 -> Float32": ("dtype", ["totals:total"], ["model", "renamed"]),
        "code of helper `hours_between` changed": ("code", ["shares:share"], ["model"]),
    }
    assert told["services"] == ["model", "renamed"]
    assert "reaches model, renamed" in ran.stderr


def test_a_library_of_another_version_is_a_change(agreed: Project) -> None:
    import pandas as pd

    change(agreed, "skewguard.lock", f'pandas = "{pd.__version__}"', 'pandas = "1.0"')
    ran = check(agreed)
    assert ran.exit_code == 1 and f"library pandas: 1.0 -> {pd.__version__}\n  reaches model\n" in ran.stdout
    assert check(agreed, "--any-version").exit_code == 0
    ran = run("lock", str(agreed.folder), "--any-version", cwd=agreed.folder)
    assert ran.exit_code == 2 and "needs `--check`" in ran.stderr


def test_a_contract_of_the_project_is_part_of_it(agreed: Project) -> None:
    settings = '[tool.skewguard.contracts."totals:*"]\nfreshness = "90m"\n'
    (agreed.folder / "pyproject.toml").write_text(settings)
    ran = check(agreed)
    assert ran.exit_code == 1 and "feature `total`: freshness none -> 1 h 30 m" in ran.stdout


def test_from_python_it_is_the_same(agreed: Project) -> None:
    same = skewguard.lock(agreed.folder, check=True)
    assert (same.exit_code, str(same.verdict), same.changes, same.written) == (0, "pass", (), False)
    change(agreed, "arithmetic.py", "SCALE = 2", "SCALE = 3")
    found = skewguard.lock(agreed.folder, check=True)
    assert (found.exit_code, [each.words for each in found.changes]) == (1, ["constant `SCALE` 2 -> 3"])
    assert json.loads(found.to_json()) == json.loads(check(agreed, "--json", "-").stdout)
    written = skewguard.lock(agreed.folder)
    assert (written.exit_code, written.written, written.path) == (0, True, agreed.folder / "skewguard.lock")
    with pytest.raises(SkewguardError, match="any_version"):
        skewguard.lock(agreed.folder, any_version=True)


def test_locking_again_agrees_to_what_changed(agreed: Project) -> None:
    change(agreed, "arithmetic.py", "SCALE = 2", "SCALE = 3")
    ran = run("lock", str(agreed.folder), cwd=agreed.folder)
    assert ran.exit_code == 0 and "constant `SCALE` 2 -> 3" in ran.stdout and "written" in ran.stdout
    assert check(agreed).exit_code == 0


BROKEN = {
    "not TOML": ("version = = 1\n", "is not TOML"),
    "a conflict": (
        "# skewguard.lock\n<<<<<<< HEAD\nversion = 1\n=======\nversion = 1\n>>>>>>> x\n",
        "merge conflict, the first in line 2",
    ),
    "no version": ('project = "shop"\n', "no `version`"),
    "a later version": ('version = 99\nproject = "shop"\n', "is of version 99"),
    "another shape": ('version = 1\nproject = "shop"\n[views]\na = 1\n', "views.a is not what"),
    "another project": ('version = 1\nproject = "other"\n', "is the lock of the project 'other', not of 'shop'"),
    "no text": (b"\xff\xfe\x00", "cannot be read"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_lock_cannot_be_checked(what: str, agreed: Project) -> None:
    content, words = BROKEN[what]
    lock = agreed.folder / "skewguard.lock"
    lock.write_bytes(content if isinstance(content, bytes) else content.encode())
    ran = check(agreed, "--json", "-")
    assert ran.exit_code == 2 and words in ran.stderr and "Traceback" not in ran.stderr
    told = json.loads(ran.stdout)
    assert (told["verdict"], told["exit_code"]) == ("error", 2) and words in told["error"]
    assert told["errors"] == [{"feature": None, "message": told["error"]}], "as beside what was found"
    assert (told["written"], told["changes"], told["services"]) == (False, [], [])


def test_a_missing_lock_cannot_be_checked(agreed: Project) -> None:
    ran = check(agreed, "--lock", "no.lock")
    assert ran.exit_code == 2 and "Run `skewguard lock` once" in ran.stderr


def test_a_conflict_is_written_over_and_what_is_no_lock_is_not(agreed: Project) -> None:
    lock = agreed.folder / "skewguard.lock"
    whole = lock.read_text()
    lock.write_text(whole.replace("version = 1", "<<<<<<< HEAD\nversion = 1\n=======\nversion = 1\n>>>>>>> x"))
    assert run("lock", str(agreed.folder), cwd=agreed.folder).exit_code == 0
    assert lock.read_text() == whole
    other = agreed.folder / "notes.txt"
    other.write_text("mine")
    ran = run("lock", str(agreed.folder), "--lock", str(other), cwd=agreed.folder)
    assert ran.exit_code == 2 and "left as it is" in ran.stderr and other.read_text() == "mine"


def test_a_repo_that_does_not_import_changes_no_lock(agreed: Project) -> None:
    lock = agreed.folder / "skewguard.lock"
    whole = lock.read_bytes()
    change(agreed, "definitions.py", "shop = Entity", "1 / 0\nshop = Entity")
    for words in ([], ["--check"]):
        ran = run("lock", str(agreed.folder), *words, cwd=agreed.folder)
        assert ran.exit_code == 2 and "does not import: ZeroDivisionError" in ran.stderr
    assert lock.read_bytes() == whole


def test_a_check_says_that_the_lock_is_out_of_date(agreed: Project) -> None:
    words = ["--service", "other model"]
    assert not [note for note in _notes(agreed.check(*words)) if "skewguard.lock" in note]
    change(agreed, "arithmetic.py", "SCALE = 2", "SCALE = 3")
    checked = agreed.check(*words)
    (note,) = [note for note in _notes(checked) if "skewguard.lock" in note]
    assert checked.exit_code == 0 and "out of date (shares: constant `SCALE` 2 -> 3)" in note


SERVED = """
import decorated
from skewguard import on_demand_feature_view as bind
shop = Entity(name="shop", join_keys=["shop_id"], value_type=ValueType.INT64)
orders = FileSource(name="orders", path=HERE + "/orders.parquet", timestamp_field="at")
schema = [Field(name="shop_id", dtype=Int64), Field(name="raw_total", dtype=Float64)]
base = FeatureView(name="base", entities=[shop], source=orders, schema=schema)
twice = bind(decorated.twice, sources=[base])
"""


def test_a_live_check_says_that_the_registry_holds_older_code(tmp_path: Path) -> None:
    project = Project(folder=tmp_path / "feature_repo")
    project.source("orders", {"shop_id": [1], "raw_total": [1.0], "at": [NOON]})
    (project.folder / "decorated.py").write_text(
        "from skewguard import Feature, on_demand_features\n"
        "SCALE = 2\n"
        '@on_demand_features(mode="row", inputs={"raw_total": "float64"}, features=[Feature("twice", "float64")])\n'
        "def twice(raw_total):\n    return None if raw_total is None else raw_total * SCALE\n"
    )
    project.define(SERVED)
    project.feast("apply")
    words = "the registry holds another version of its transform"
    assert words not in str(project.check("--live").result)
    change(project, "decorated.py", "SCALE = 2", "SCALE = 3")
    checked = project.check("--live")
    assert words in str(checked.feature("twice:twice")["notes"])
    assert words not in str(checked.feature("base:raw_total")["notes"])


def _notes(checked: Checked) -> list[str]:
    return [line.strip() for line in checked.stdout.splitlines()]


DECORATED = """
from datetime import timedelta
import pandas as pd
from skewguard import Feature, batch_features

def hours_between(x):
    return x / 3600

@batch_features(entity={"shop_id": "int64"}, timestamp="at", lookback=timedelta(days=7),
                features=[Feature("waited", "float64", range=(0, None))])
def delays(orders: pd.DataFrame) -> pd.DataFrame:
    return orders.assign(waited=hours_between(orders["raw_total"]))[["shop_id", "at", "waited"]]
"""
OF_ALL_KINDS = """
import numpy as np
from feast import OnDemandFeatureView
from feast.batch_feature_view import batch_feature_view
from feast.stream_feature_view import stream_feature_view
from skewguard import feature_view
from decorated import delays
shop = Entity(name="shop", join_keys=["shop_id"], value_type=ValueType.INT64)
orders = FileSource(name="orders", path="orders.parquet", timestamp_field="at")
schema = [Field(name="shop_id", dtype=Int64), Field(name="raw_total", dtype=Float64)]
FACTOR = 3

def logged(x):
    return np.log(x) * FACTOR

@batch_feature_view(entities=[shop], source=orders, schema=schema, mode="pandas", online=True, offline=False)
def batched(frame):
    return logged(frame)

@stream_feature_view(entities=[shop], source=PushSource(name="pushed", batch_source=orders), schema=schema,
                     mode="pandas", timestamp_field="at", aggregations=[], ttl=timedelta(days=3), online=True)
def streamed(frame):
    return logged(frame) + 1

base = FeatureView(name="base", entities=[shop], source=orders, schema=schema)
anonymous = OnDemandFeatureView(
    name="anonymous", sources=[base], schema=[Field(name="z", dtype=Float64)],
    udf=lambda frame: pd.DataFrame({"z": logged(frame["raw_total"])}), udf_string="lambda frame: frame")
delays_view = feature_view(delays, source=orders, entities=[shop], ttl=timedelta(days=1))
model = FeatureService(name="model", features=[delays_view])
"""


def test_views_of_all_kinds_and_decorated_ones(tmp_path: Path) -> None:
    project = Project(folder=tmp_path / "feature_repo")
    project.source("orders", {"shop_id": [1], "raw_total": [1.0], "at": [NOON]})
    (project.folder / "decorated.py").write_text(DECORATED)
    project.define(OF_ALL_KINDS)
    (tmp_path / "pyproject.toml").write_text("")
    assert run("lock", str(project.folder), cwd=tmp_path).exit_code == 0
    lock = read_lock(tmp_path / "skewguard.lock")
    assert {name: view.facts["kind"] for name, view in lock.views.items()} == {
        "anonymous": "on_demand", "base": "feature_view", "batched": "batch", "delays": "feature_view",
        "streamed": "stream",
    }  # fmt: skip
    assert lock.views["delays"].transform["lookback"] == "7 d"
    assert lock.views["delays"].events["orders"]["path"] == "orders.parquet"
    assert lock.views["delays"].features["waited"] == {"dtype": "Float64", "range": "0 to any"}
    assert set(lock.views["batched"].code) == {"definitions.batched", "definitions.logged", "definitions.FACTOR"}
    assert set(lock.views["anonymous"].code) == {
        "definitions.<lambda>", "definitions.logged", "definitions.FACTOR", "udf_string"
    }  # fmt: skip
    change(project, "decorated.py", "days=7", "days=1")
    change(project, "decorated.py", "3600", "60")
    change(project, "definitions.py", "FACTOR = 3", "FACTOR = 4")
    change(project, "definitions.py", 'udf_string="lambda frame: frame"', 'udf_string="lambda frame: -frame"')
    ran = check(project)
    assert ran.exit_code == 1
    assert ran.stdout.splitlines()[:-1] == [
        "anonymous: constant `FACTOR` 3 -> 4; text `udf_string` changed",
        "batched: constant `FACTOR` 3 -> 4",
        "delays: lookback 7 d -> 1 d; code of helper `hours_between` changed",
        "  reaches model",
        "streamed: constant `FACTOR` 3 -> 4",
    ]


def test_another_folder_gives_the_same_bytes(project: Project, tmp_path: Path) -> None:
    copy = tmp_path / "elsewhere" / "repo of another name"
    shutil.copytree(project.folder, copy, ignore=shutil.ignore_patterns("skewguard.lock", "__pycache__"))
    text = (copy / "definitions.py").read_text()
    (copy / "definitions.py").write_text(text.replace(str(project.folder), str(copy)))
    assert run("lock", str(copy), "--lock", str(copy / "own.lock"), cwd=tmp_path).exit_code == 0
    assert (copy / "own.lock").read_bytes() == (project.folder / "skewguard.lock").read_bytes()


def test_a_view_that_cannot_be_read_is_named_and_the_others_are_locked(agreed: Project) -> None:
    more = "lost = FeatureView(name='lost', entities=[shop], source=FileSource(path='no.parquet', timestamp_field='a'))"
    path = agreed.folder / "definitions.py"
    path.write_text(f"{path.read_text()}\n{more}\n")
    ran = check(agreed, "--json", "-")
    told = json.loads(ran.stdout)
    assert (ran.exit_code, told["verdict"], [each["feature"] for each in told["errors"]]) == (2, "error", ["lost"])
    assert "Error in lost: its source file" in ran.stderr and told["changes"] == []
    change(agreed, "arithmetic.py", "SCALE = 2", "SCALE = 3")
    assert check(agreed).exit_code == 1


def test_the_lock_of_the_example_is_up_to_date() -> None:
    """Run `skewguard lock` and commit the file. Versions of libraries are those of whoever wrote it."""
    from skewguard.pipeline.lock import check_lock, default_lock

    assert default_lock(ROOT / "feature_repo") == ROOT / "skewguard.lock"
    contracts = load(ROOT / "feature_repo", known_options=READERS).contracts
    found = check_lock(ROOT / "feature_repo", contracts=contracts, any_version=True)
    assert not found.errors and len(found.lock.views) == 11
    assert not [f"{each.subject}: {each.words}" for each in found.changes]
