"""Live checks whose registry is no local file: an object of S3, and Feast's own registry server."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from building import NOON, Checked, Project, hours

pytestmark = pytest.mark.feast

DEFINITIONS = """
driver = Entity(name="driver", join_keys=["driver_id"], value_type=ValueType.INT64)
source = FileSource(name="s", path=HERE + "/stats.parquet", timestamp_field="at")
stats = FeatureView(name="stats", entities=[driver], ttl=timedelta(hours=96), source=source,
                    schema=[Field(name="trips", dtype=Int64)])

@on_demand_feature_view(sources=[stats], schema=[Field(name="twice", dtype=Int64)])
def doubled(inputs: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({"twice": inputs["trips"].fillna(0).astype("int64") * 2})

versioned = FeatureService(name="versioned", features=[stats, doubled])
"""


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = Project(folder=tmp_path_factory.mktemp("registries") / "repo")
    project.define(DEFINITIONS)
    project.source("stats", {"driver_id": [1, 2, 3], "at": [NOON - hours(2)] * 3, "trips": [1, 2, 3]})
    project.apply().materialize(NOON - hours(9), NOON)
    # Written behind the job's back, after the window: red, so that nothing can be green for want of looking.
    project.source("stats", {"driver_id": [1, 2, 3], "at": [NOON - hours(2)] * 3, "trips": [1, 2, 9]})
    return project


@pytest.fixture
def elsewhere(deployed: Project, tmp_path: Path) -> Project:
    """A repo that has nothing of the deployment but the way to it."""
    return Project(folder=tmp_path / "repo", online=f"type: sqlite\n    path: {deployed.folder / 'online.db'}")


def checked(project: Project, registry: str, *words: str) -> Checked:
    path = project.folder / "feature_store.yaml"
    path.write_text(path.read_text().replace("registry: registry.db", f"registry: {registry}"))
    return project.check("--live", "--as-of", NOON.isoformat(), "--service", "versioned", *words)


def red_by_one_row(found: Checked) -> None:
    assert found.exit_code == 1, found.stderr
    assert found.counts("stats:trips") == {"requested": 3, "compared": 3, "matched": 2, "mismatched": 1, "skewed": 1}
    assert found.counts("doubled:twice") == {"requested": 3, "compared": 3, "matched": 2, "mismatched": 1, "skewed": 1}
    # The windows come from the registry: without them nothing would be said to have been covered.
    assert found.feature("stats:trips")["causes"] == {"rewritten_history": 1}
    assert found.feature("doubled:twice")["causes"] == {"inherited": 1}


@pytest.fixture(scope="module")
def s3(deployed: Project) -> Iterator[str]:
    """The address of an S3 that holds the registry as lake/registry.db."""
    server = pytest.importorskip("moto.server").ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as environment:
        for name, value in (("ACCESS_KEY_ID", "x"), ("SECRET_ACCESS_KEY", "x"), ("DEFAULT_REGION", "us-east-1")):
            environment.setenv(f"AWS_{name}", value)
        environment.setenv("FEAST_S3_ENDPOINT_URL", f"http://{host}:{port}")
        import boto3

        client = boto3.client("s3", endpoint_url=f"http://{host}:{port}")
        client.create_bucket(Bucket="lake")
        client.upload_file(str(deployed.folder / "registry.db"), "lake", "registry.db")
        try:
            yield "lake"
        finally:
            server.stop()


def test_a_registry_in_s3(elsewhere: Project, s3: str) -> None:
    red_by_one_row(checked(elsewhere, f"s3://{s3}/registry.db"))


@pytest.mark.parametrize(
    ("registry", "said"),
    [
        ("s3://lake/none.db", "The registry s3://lake/none.db does not exist, so nothing is deployed"),
        ("s3://no-such-lake/r.db", "S3 bucket no-such-lake for the Feast registry does not exist"),
    ],
)
def test_no_registry_in_s3(elsewhere: Project, s3: str, registry: str, said: str) -> None:
    found = checked(elsewhere, registry)
    assert found.exit_code == 2
    assert said in found.stderr


def test_an_s3_that_is_not_there(elsewhere: Project, s3: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FEAST_S3_ENDPOINT_URL", f"http://127.0.0.1:{free_port()}")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    found = checked(elsewhere, f"s3://{s3}/registry.db")
    assert found.exit_code == 2
    assert "The registry s3://lake/registry.db cannot be reached: Could not connect to the endpoint" in found.stderr


def remote(port: int) -> str:
    return f"{{registry_type: remote, path: '127.0.0.1:{port}'}}"


def test_a_registry_server(deployed: Project, elsewhere: Project) -> None:
    """Feast's server says of no object which project it is of: another one's must not be taken for ours."""
    pytest.importorskip("grpc", reason="pip install 'feast[grpcio]'")
    from feast import Entity, FeatureStore, FileSource
    from feast.registry_server import start_server

    store = FeatureStore(repo_path=str(deployed.folder))
    for each in (Entity(name="other"), FileSource(name="s", path="/nowhere.parquet")):
        apply = store.registry.apply_entity if isinstance(each, Entity) else store.registry.apply_data_source
        apply(each, "another_shop")
    port = free_port()
    server = start_server(store, port, wait_for_termination=False)
    try:
        red_by_one_row(checked(elsewhere, remote(port)))
    finally:
        server.stop(None)


def test_a_registry_server_that_is_not_there(elsewhere: Project) -> None:
    pytest.importorskip("grpc", reason="pip install 'feast[grpcio]'")
    port = free_port()
    found = checked(elsewhere, remote(port))
    assert found.exit_code == 2
    assert f"The registry 127.0.0.1:{port} cannot be reached: " in found.stderr


def test_a_registry_server_without_its_client(elsewhere: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "grpc" or name.endswith("registry.remote")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "grpc", None)
    found = checked(elsewhere, remote(1))
    assert found.exit_code == 2
    assert "The registry needs the Python package grpc, which is not installed here." in found.stderr
    assert "pip install 'feast[grpcio]'" in found.stderr
