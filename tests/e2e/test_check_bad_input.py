"""What bad input gets: one paragraph that names the place and the next step, exit 2, and nothing left behind."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from building import NOON, Checked, Project, hours, run

from skewguard.reading import remote

HOUR_AGO = NOON - hours(1)
TIME = pa.timestamp("us", "UTC")
TWO_VIEWS = """
driver = Entity(name="driver", join_keys=["driver_id"], value_type=ValueType.INT64)
stats = FeatureView(name="stats", entities=[driver], ttl=timedelta(hours=24), schema=[Field(name="trips", dtype=Int64)],
    source=FileSource(name="s", path=HERE + "/stats.parquet", timestamp_field="at", created_timestamp_column="known"))
good = FeatureView(name="good", entities=[driver], ttl=timedelta(0), schema=[Field(name="n", dtype=Int64)],
    source=FileSource(name="g", path=HERE + "/good.parquet", timestamp_field="at"))
"""
YAML = "provider: local\nregistry: registry.db\nentity_key_serialization_version: 3\n"


def columns(**other: Any) -> dict[str, Any]:
    """The columns of `stats`; None leaves one out."""
    found = {
        "driver_id": [1, 2, 3],
        "at": [HOUR_AGO] * 3,
        "known": [HOUR_AGO] * 3,
        "trips": [10, 20, 30],
        **other,
    }
    return {name: values for name, values in found.items() if values is not None}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(folder=tmp_path / "repo")
    made.define(TWO_VIEWS)
    made.source("stats", columns())
    made.source("good", {"driver_id": [1, 2, 3], "at": [HOUR_AGO] * 3, "n": [1, 2, 3]})
    return made


@pytest.fixture(autouse=True)
def private_tmp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Whatever a check puts into the temporary folder is gone when it ends."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield
    assert not list(folder.iterdir())


def files(folder: Path) -> dict[str, tuple[int, int]]:
    return {
        str(path.relative_to(folder)): (path.lstat().st_mtime_ns, path.lstat().st_size) for path in folder.rglob("*")
    }


def check(project: Project, *words: str) -> Checked:
    """A check outside of the repo, which it must leave as it is; its JSON read from standard output."""
    before = files(project.folder)
    ledger = () if "--db" in words else ("--db", "kept.duckdb")
    ran = run("check", str(project.folder), "--json", "-", *ledger, *words, cwd=project.folder.parent)
    assert files(project.folder) == before, "a check writes nothing into the repo"
    assert "defect" not in ran.stderr, ran.stderr
    assert "Traceback" not in ran.stderr
    result = json.loads(ran.stdout)
    assert result["exit_code"] == ran.exit_code
    return Checked(exit_code=ran.exit_code, stdout=ran.stdout, stderr=ran.stderr, result=result)


def refused(project: Project, *words: str, said: str) -> None:
    """The whole check fails, in one paragraph, before anything is kept."""
    checked = check(project, *words)
    paragraph = [line for line in checked.stderr.splitlines() if not line.startswith("[")]
    assert checked.exit_code == 2, checked.stderr
    assert checked.result["verdict"] == "error"
    assert len(paragraph) == 1
    assert paragraph[0].startswith("Error: ")
    assert said in paragraph[0]
    assert not (project.folder.parent / "kept.duckdb").exists()


def fails_alone(project: Project, *words: str, said: str, view: str = "stats") -> None:
    """One view has an error, and the other is compared all the same."""
    checked = check(project, *words)
    assert checked.exit_code == 2, checked.stderr
    assert [each["feature"] for each in checked.result["errors"]] == [view]
    assert said in checked.result["errors"][0]["message"]
    assert checked.feature("good:n")["verdict"] == "pass"
    with duckdb.connect(str(project.folder.parent / "kept.duckdb"), read_only=True) as ledger:
        assert ledger.execute("select count(*) from runs").fetchone() == (1,)


@pytest.mark.parametrize(
    ("yaml", "said"),
    [
        (b"project: [a\n b: {", "cannot be used"),
        (b"\x80\xff", "cannot be used"),
        (b"- a\n", "it holds no settings"),
        (YAML.encode(), "`project:` is missing"),
        (f"project: shop\n{YAML}offline_store:\n  type: duckbd\n".encode(), "Known names near it: duckdb."),
        (f"project: shop\n{YAML}offline_store: [1]\n".encode(), "`offline_store:` is neither a name nor settings"),
        (f"project: ${{UNSET_HERE}}\n{YAML}".encode(), "It uses UNSET_HERE, for which the environment has no value."),
        (f"project: shop\n{YAML}offline_store:\n  type: spark\n".encode(), "pip install 'feast[spark]'"),
    ],
)
def test_a_yaml_that_cannot_be_used(project: Project, yaml: bytes, said: str) -> None:
    (project.folder / "feature_store.yaml").write_bytes(yaml)
    refused(project, said=said)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("\n\ndef f(:", "at definitions.py, line 3 (`def f(:`)"),
        ("x = 1\nraise KeyError('boom')", "KeyError: 'boom' at definitions.py, line 2"),
        ("import sys\nsys.exit(0)", "SystemExit: 0 at definitions.py, line 2"),
        ("class Odd(BaseException): ...\nraise Odd('base')", "Odd: base at definitions.py, line 2"),
        ("import not_there_at_all", "pip install not_there_at_all"),
        ("x = 1", "defines no feature view. Python files read: definitions.py."),
    ],
)
def test_python_that_defines_nothing(project: Project, code: str, said: str) -> None:
    (project.folder / "definitions.py").write_text(code)
    refused(project, said=said)


def test_only_views_that_are_not_served(project: Project) -> None:
    project.define(TWO_VIEWS.replace("ttl=", "online=False, ttl="))
    refused(project, said="stats (not served online (online=False))")


def _write(content: bytes) -> Callable[[Project], object]:
    return lambda project: (project.folder / "stats.parquet").write_bytes(content)


def _source(types: dict[str, pa.DataType] | None = None, **other: Any) -> Callable[[Project], object]:
    return lambda project: project.source("stats", columns(**other), **(types or {}))


def _repeated(project: Project) -> None:
    arrays = [pa.array([1]), pa.array([HOUR_AGO], TIME), pa.array([HOUR_AGO], TIME), pa.array([1]), pa.array([2])]
    names = ["driver_id", "at", "known", "trips", "trips"]
    pq.write_table(pa.Table.from_arrays(arrays, names), project.folder / "stats.parquet")


def _damaged(project: Project) -> None:
    path = project.source("stats", columns(**{name: values * 700 for name, values in columns().items()}))
    content = path.read_bytes()
    path.write_bytes(content[:20] + bytes(1500) + content[1520:])


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda project: (project.folder / "stats.parquet").unlink(), "Known names near it: good.parquet."),
        (_write(b""), "it is empty"),
        (_write(b"driver_id,trips\n1,2\n"), "it does not begin as one"),
        (_write(b"PAR1 cut off"), "cannot be read from"),
        (_damaged, "Check that the file is whole"),
        (_repeated, "has several columns named 'trips'"),
        (_source(driver_id=None), "no column 'driver_id', which is the join key"),
        (_source(at=None), "no column 'at', which is the event timestamp"),
        (_source(known=None), "no column 'known', which is the created timestamp"),
        (_source(trips=None), "no column 'trips', which is the column behind a feature"),
        (_source({"at": TIME, "known": TIME}, at=[], known=[], driver_id=[], trips=[]), "has no rows"),
        (_source(at=["2026-03-01"] * 3), "is of type string, which is not a time"),
        (_source({"at": TIME}, at=[None] * 3), "3 rows, none with a time"),
        (_source({"driver_id": pa.int64()}, driver_id=[None] * 3), "there is no entity to sample"),
        (_source(at=[datetime(2199, 1, 1, tzinfo=UTC)] * 3), "has no event yet"),
        (_source(driver_id=["a", "b", "c"]), "Feast cannot materialize stats"),
    ],
)
def test_a_source_that_cannot_be_used_is_its_views_error(
    project: Project, make: Callable[[Project], object], said: str
) -> None:
    make(project)
    fails_alone(project, said=said)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--feature", "statz"), "Known names near it: stats"),
        (("--feature", "stats:tripz"), "Known names near it: stats:trips"),
        (("--exclude", "goood"), "Known names near it: good"),
        (("--service", "none"), "names nothing in this repo"),
        (("--sample", "0"), "a whole number from 1 up"),
        (("--sample", "abc"), "a whole number from 1 up"),
        (("--request-size", "0"), "a whole number from 1 up"),
        (("--seed", "text"), "a whole number is needed"),
        (("--max-skew-rate", "2"), "a share from 0 to 1"),
        (("--max-freshness", "5 parsecs"), "a length of time such as"),
        (("--timeout", "nan"), "a finite number"),
        (("--as-of", "nonsense"), "an ISO-8601 date or time"),
        (("--exclude", "stats", "--exclude", "good"), "There is nothing to compare"),
        (("--live",), "does not exist, so nothing is deployed from this repo"),
    ],
)
def test_options_that_cannot_be_meant(project: Project, words: tuple[str, ...], said: str) -> None:
    refused(project, *words, said=said)


def test_an_as_of_before_all_data(project: Project) -> None:
    checked = check(project, "--as-of", "2000-01-01")
    assert checked.exit_code == 2
    assert all("has no event yet" in each["message"] for each in checked.result["errors"])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "No such file or directory"),
        (b"", "it is empty"),
        ("driver_id\n1\n".encode("utf-16"), "it is neither Parquet nor text in UTF-8"),
        (b"PAR1", "cannot be read"),
        (b"driver_id\n", "has no rows"),
        (b"driver_id,driver_id\n1,2\n", "several of its columns are named 'driver_id'"),
        (b"driver_id,w\n1,2\n2\n", "cannot be read"),
        (b"drivr_id\n1\n", "Known names near it: drivr_id."),
        (b"driver_id\na\n", "holds 'a' in column 'driver_id'"),
        (b"driver_id\n1.5\n", "holds '1.5' in column 'driver_id'"),
        (b"driver_id,w\n1,2\n,3\n", "no value in column 'driver_id' in 1 of 2 rows"),
        (b"driver_id,event_timestamp\n1,yesterday\n", "as every view needs it"),
        (
            b"driver_id,event_timestamp\n" + b"".join(b"1,2026-03-01T12:%02d:00Z\n" % minute for minute in range(21)),
            "has 21 distinct values in event_timestamp",
        ),
    ],
)
def test_entity_files_that_cannot_be_used(project: Project, content: bytes | None, said: str) -> None:
    path = project.folder.parent / "rows.csv"
    if content is not None:
        path.write_bytes(content)
    refused(project, "--feature", "stats", "--entities", str(path), said=said)


@pytest.mark.parametrize("content", [b"k,w\r\n007,'x'\r\n7,y\r\n007,z\r\n", b"\xef\xbb\xbfk;w\n007;x\n7;y\n007;z\n"])
def test_a_csv_of_entities_is_taken_as_written(tmp_path: Path, content: bytes) -> None:
    project = Project(folder=tmp_path / "repo")
    project.define(ONE_VIEW.format(view="v", entity="e", key="k", feature="f", kind="STRING"))
    project.source("x", {"k": ["007", "7", "'7'"], "at": [HOUR_AGO] * 3, "f": [1, 2, 3]})
    (tmp_path / "rows.csv").write_bytes(content)
    checked = check(project, "--entities", str(tmp_path / "rows.csv"))
    assert checked.exit_code == 0, checked.stderr
    assert checked.counts("v:f") == {"requested": 2, "compared": 2, "matched": 2}
    assert "1 of 3 rows of rows.csv are duplicates; each was asked once" in checked.feature("v:f")["notes"]


def test_ledgers_that_are_none_are_left_as_they_are(project: Project) -> None:
    folder = project.folder.parent
    (folder / "text.duckdb").write_text("hello")
    with duckdb.connect(str(folder / "other.duckdb")) as other:
        other.execute("create table theirs (a int)")
    for name, said in (
        ("text.duckdb", "is not a DuckDB file"),
        ("other.duckdb", "of another program"),
        ("tmp", "it is a folder"),
        ("none/kept.duckdb", "there is no folder"),
    ):
        path = folder / name
        before = path.read_bytes() if path.is_file() else None
        refused(project, "--db", str(path), said=said)
        assert before is None or path.read_bytes() == before


@pytest.mark.parametrize(("name", "said"), [("none/x.json", "its folder does not exist"), (".", "it is a folder")])
def test_a_result_that_cannot_be_written_is_told_before_the_work(project: Project, name: str, said: str) -> None:
    ran = run("check", str(project.folder), "--json", name, "--db", "kept.duckdb", cwd=project.folder.parent)
    assert ran.exit_code == 2
    assert said in ran.stderr
    assert "] load" not in ran.stderr
    assert not (project.folder.parent / "kept.duckdb").exists()


@pytest.mark.parametrize("content", [b"\xff" * 200, b"hello world", b""])
def test_a_registry_of_other_bytes(project: Project, content: bytes) -> None:
    (project.folder / "registry.db").write_bytes(content)
    refused(project, "--live", said="registry.db")


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Project:
    made = Project(folder=tmp_path_factory.mktemp("deployed") / "repo")
    made.define(TWO_VIEWS)
    made.source("stats", columns())
    made.source("good", {"driver_id": [1, 2, 3], "at": [HOUR_AGO] * 3, "n": [1, 2, 3]})
    made.feast("apply")
    return made


def test_a_locked_online_store_is_waited_for_as_long_as_was_said(deployed: Project) -> None:
    with contextlib.closing(sqlite3.connect(deployed.folder / "online.db")) as holder:
        holder.execute("begin exclusive")
        refused(deployed, "--live", "--timeout", "0.2", said="database is locked")


@pytest.mark.parametrize("answer", [None, b"HTTP/1.1 400 Bad Request\r\n\r\n"])
def test_a_port_that_is_no_redis(deployed: Project, answer: bytes | None) -> None:
    yaml = deployed.folder / "feature_store.yaml"
    before = yaml.read_text()
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as listening:
        port = listening.getsockname()[1]
        redis = f"online_store:\n    type: redis\n    connection_string: 127.0.0.1:{port},password=hunter2\n"
        yaml.write_text(before.partition("online_store:")[0] + redis)
        try:
            with _answering(listening, answer):
                checked = check(deployed, "--live", "--timeout", "1")
        finally:
            yaml.write_text(before)
    assert checked.exit_code == 2, checked.stderr
    assert f"(redis at 127.0.0.1:{port}) cannot be reached" in checked.stderr
    assert "hunter2" not in checked.stderr + checked.stdout


@contextlib.contextmanager
def _answering(listening: socket.socket, answer: bytes | None) -> Iterator[None]:
    """A server that says `answer` to whoever comes; None: that takes connections and says nothing."""
    import threading

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                caller, _ = listening.accept()
                with caller:
                    caller.sendall(answer or b"")

    if answer is not None:
        threading.Thread(target=serve, daemon=True).start()
    yield


ONE_VIEW = """
e = Entity(name={entity!r}, join_keys=[{key!r}], value_type=ValueType.{kind})
fv = FeatureView(name={view!r}, entities=[e], ttl=timedelta(0), schema=[Field(name={feature!r}, dtype=Int64)],
    source=FileSource(name="x", path=HERE + "/x.parquet", timestamp_field="at"))
"""


@pytest.mark.parametrize(
    "names",
    [
        ("v'\"q", "e'\"", "k'\"y", "f'1\""),
        ("my view", "my entity", "my key", " f"),
        ("select", "where", "user", "from"),
        ("größe_日本", "entité", "clé", "naïve 🎉"),
        ("a__b", "x__y", "k__k", "b__c"),
        ("v" * 70, "e" * 70, "k" * 70, "f" * 80),
        ("[red]v[/red]", "e;--", "k%s{x}", "v;drop table x;--"),
        ("v", "e", "k0", "row_id"),
        ("v", "e", "v0", "as_of"),
        ("v", "e", "entity", "event_timestamp"),
    ],
)
def test_names_that_feast_allows_are_compared(tmp_path: Path, names: tuple[str, str, str, str]) -> None:
    view, entity, key, feature = names
    project = Project(folder=tmp_path / "repo")
    project.define(ONE_VIEW.format(view=view, entity=entity, key=key, feature=feature, kind="INT64"))
    project.source("x", {key: [1, 2], "at": [HOUR_AGO] * 2, feature: [10, 20]})
    checked = check(project)
    assert checked.exit_code == 0, checked.stderr
    assert checked.counts(f"{view}:{feature}") == {"requested": 2, "compared": 2, "matched": 2}


ON_DEMAND = (
    TWO_VIEWS
    + """
@on_demand_feature_view(sources=[stats], schema=[Field(name="z", dtype=Float64)])
def od(inputs: pd.DataFrame) -> pd.DataFrame:
    {body}
"""
)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("raise RuntimeError('boom')", "`feast apply` refuses it: boom"),
        ("return pd.DataFrame({'y': inputs['trips'] * 2.0})", "[z Float64] not found in inferred list of features [y"),
        ("return pd.DataFrame({'z': inputs['trips'].astype(str)})", "features [z String] for 'od'"),
        ("return pd.DataFrame({'z': list(inputs['trips'] * 2.0) + [1.0]})", "Expected length 3 but got length 4"),
        ("return pd.DataFrame({'z': [1.0]})", "Expected length 3 but got length 1"),
        ("return None", "`feast apply` refuses it"),
    ],
)
def test_on_demand_transforms_that_cannot_work(project: Project, body: str, said: str) -> None:
    project.define(ON_DEMAND.format(body=body))
    fails_alone(project, said=said, view="od")


def test_a_transform_that_exits(project: Project) -> None:
    project.define(ON_DEMAND.format(body="raise SystemExit(0)"))
    fails_alone(project, said="code of the repo ended the program (SystemExit: 0)", view="od")


def test_a_transform_that_exits_for_some_rows(project: Project) -> None:
    leaves = "if list(inputs['trips']) == [20]: raise SystemExit(3)"
    body = f"{leaves}\n    return pd.DataFrame({{'z': inputs['trips'] * 2.0}})"
    project.define(ON_DEMAND.format(body="").replace("    \n", f"    {body}\n"))
    checked = check(project)
    assert checked.exit_code == 1, checked.stderr
    assert checked.counts("od:z")["serving_errors"] == 1
    assert checked.feature("good:n")["verdict"] == "pass"
    assert "code of the repo ended the program (SystemExit: 3)" in " ".join(checked.stderr.split())


def test_a_batch_transform_that_exits(project: Project) -> None:
    batch = (
        TWO_VIEWS
        + """
from feast import BatchFeatureView

def leave(rows: pd.DataFrame) -> pd.DataFrame:
    raise SystemExit(4)

left = BatchFeatureView(name="left", mode="pandas", udf=leave, entities=[driver], source=stats.batch_source,
                        online=True, schema=[Field(name="trips", dtype=Int64)], ttl=timedelta(days=1),
                        udf_string="leave")
"""
    )
    project.define(batch)
    fails_alone(project, said="SystemExit: 4", view="left")


def test_skew_beside_an_error_exits_1(project: Project) -> None:
    project.source("stats", columns(at=[HOUR_AGO - hours(48)] * 3))
    project.define(TWO_VIEWS + TWO_VIEWS.partition("good = ")[2].join(("bad = ", "")).replace("good", "bad"))
    checked = check(project)
    assert (checked.exit_code, checked.result["verdict"]) == (1, "fail"), checked.stderr
    assert [each["feature"] for each in checked.result["errors"]] == ["bad"]
    assert check(project, "--feature", "stats", "--exit-zero").exit_code == 0


def test_nulls_everywhere_are_a_warning(project: Project) -> None:
    project.source("stats", columns(trips=[None] * 3), trips=pa.int64())
    assert (check(project).exit_code, check(project, "--strict").exit_code) == (0, 1)


def test_mapped_times_and_keys_with_nan_are_followed(tmp_path: Path) -> None:
    project = Project(folder=tmp_path / "repo")
    mapped = 'timestamp_field="when", field_mapping={{"at": "when"}}'
    one = ONE_VIEW.replace('timestamp_field="at"', mapped)
    project.define(one.format(view="v", entity="e", key="k", feature="f", kind="INT64"))
    project.source("x", {"k": [1.0, float("nan"), 3.0], "at": [HOUR_AGO] * 3, "f": [1, 2, 3]})
    checked = check(project)
    assert checked.exit_code == 0, checked.stderr
    assert checked.counts("v:f") == {"requested": 2, "compared": 2, "matched": 2}


def test_a_termination_leaves_nothing(project: Project) -> None:
    folder = project.folder.parent
    command = [sys.executable, "-m", "skewguard", "check", str(project.folder), "--db", "kept.duckdb"]
    environment = {**os.environ, "TMPDIR": tempfile.gettempdir()}
    process = subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, text=True, env=environment)
    assert process.stderr is not None
    for line in process.stderr:
        if "] slice" in line:
            break
    process.send_signal(signal.SIGTERM)
    _, rest = process.communicate(timeout=60)
    assert process.returncode == 130, rest
    assert rest.endswith("Interrupted.\n")
    assert not (folder / "kept.duckdb").exists()


def test_a_bucket_that_gives_no_answer_is_asked_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = Project(folder=tmp_path)
    views = "\n".join(
        f"""
v{at} = FeatureView(name="v{at}", entities=[e], ttl=timedelta(0), schema=[Field(name="n", dtype=Int64)],
    source=FileSource(path="s3://{bucket}/{at}.parquet", s3_endpoint_override=NOBODY, timestamp_field="at"))
"""
        for at, bucket in enumerate(["lake", "lake", "pond"])
    )
    project.define(
        f'e = Entity(name="e", join_keys=["k"], value_type=ValueType.INT64)\nNOBODY = "http://127.0.0.1:9"\n{views}'
    )
    asked = []
    plain = remote._filesystem
    monkeypatch.setattr(remote, "_filesystem", lambda spec, family: asked.append(spec.path) or plain(spec, family))
    checked = project.check()
    assert checked.exit_code == 2
    assert asked == ["s3://lake/0.parquet", "s3://pond/2.parquet"]
    errors = {each["feature"]: each["message"] for each in checked.result["errors"]}
    assert "s3://lake/1.parquet" in errors["v1"] and "Could not connect" in errors["v1"]
