"""Live checks through Feast's own feature server as the online store."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from building import NOON, Project, hours

pytestmark = [pytest.mark.feast, pytest.mark.slow]

DEFINITIONS = """
driver = Entity(name="driver", join_keys=["driver_id"], value_type=ValueType.INT64)
source = FileSource(name="s", path=HERE + "/stats.parquet", timestamp_field="at")
stats = FeatureView(name="stats", entities=[driver], ttl=timedelta(hours=96), source=source,
                    schema=[Field(name="trips", dtype=Int64), Field(name="rate", dtype=Float32)])
words = FeatureView(name="words", entities=[driver], ttl=timedelta(hours=96), source=source,
                    schema=[Field(name="word", dtype=String)])
aliased = FeatureService(name="aliased", features=[words.with_name("said")])

@on_demand_feature_view(sources=[stats], schema=[Field(name="twice", dtype=Int64)])
def doubled(inputs: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({"twice": inputs["trips"].fillna(0).astype("int64") * 2})
"""
REFS = ("stats:trips", "stats:rate", "words:word", "doubled:twice")
LIVE = ("--live", "--as-of", NOON.isoformat(), "--exclude", "said")


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextlib.contextmanager
def served(folder: Path, *words: str) -> Iterator[None]:
    """`feast WORDS --port PORT` in the repo, with all its workers, until the block ends."""
    command = [sys.executable, "-c", "from feast.cli.cli import cli; cli()", *words]
    with (folder.parent / f"{words[0]}.log").open("w") as log:
        server = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, start_new_session=True)
    try:
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGTERM)
        server.wait(timeout=30)


def wait_for(port: int) -> None:
    until = time.monotonic() + 90
    while time.monotonic() < until:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.1)
    raise RuntimeError("the server did not start")


def write(project: Project, drivers: int, changed: int = 0) -> None:
    columns = {
        "driver_id": list(range(drivers)),
        "at": [NOON - hours(2)] * drivers,
        "trips": [each + (each < changed) for each in range(drivers)],
        "rate": [each / 10 for each in range(drivers)],
        "word": [f"word {each}" for each in range(drivers)],
    }
    project.source("stats", columns)


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Project, int]]:
    """The repo that is served, and the port of its feature server."""
    project = Project(folder=tmp_path_factory.mktemp("served") / "repo")
    project.define(DEFINITIONS)
    write(project, 20)
    store = project.apply()
    with contextlib.chdir(project.folder):
        store.materialize(NOON - hours(48), NOON)
    port = free_port()
    with served(project.folder, "serve", "--host", "127.0.0.1", "--port", str(port), "--no-access-log"):
        wait_for(port)
        yield project, port


def client(folder: Path, port: int, registry: str) -> Project:
    made = Project(folder=folder, online=f"type: remote\n    path: http://127.0.0.1:{port}")
    settings = made.folder / "feature_store.yaml"
    settings.write_text(settings.read_text().replace("registry: registry.db", f"registry: {registry}"))
    made.define("")
    return made


def test_a_feature_server_is_asked_as_a_client_asks_it(deployed: tuple[Project, int], tmp_path: Path) -> None:
    origin, port = deployed
    project = client(tmp_path / "repo", port, str(origin.folder / "registry.db"))
    write(origin, 20)
    clean = project.check(*LIVE)
    assert clean.exit_code == 0, clean.stdout + clean.stderr
    for ref in REFS:
        assert clean.counts(ref) == {"requested": 20, "compared": 20, "matched": 20}, ref
    write(origin, 22, changed=3)
    stale = project.check(*LIVE)
    assert stale.exit_code == 1, stale.stderr
    skewed = {"requested": 22, "compared": 22, "matched": 17, "mismatched": 3, "missing_online": 2, "skewed": 5}
    assert stale.counts("stats:trips") == skewed
    assert stale.feature("doubled:twice")["causes"] == {"inherited": 5}


def test_what_a_feature_server_cannot_be_asked_for_is_that_views_error(
    deployed: tuple[Project, int], tmp_path: Path
) -> None:
    origin, port = deployed
    project = client(tmp_path / "repo", port, str(origin.folder / "registry.db"))
    write(origin, 20)
    checked = project.check("--live", "--as-of", NOON.isoformat())
    assert checked.exit_code == 2
    assert [error["feature"] for error in checked.result["errors"]] == ["said"]
    assert "alias" in checked.result["errors"][0]["message"]
    assert checked.counts("stats:trips") == {"requested": 20, "compared": 20, "matched": 20}
    listed = project.check(*LIVE, "--scan-online")
    assert listed.exit_code == 2
    assert "cannot list the keys of the online store (remote)" in listed.stderr
