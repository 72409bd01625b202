"""`--scan-online`: keys that only the deployed store holds are drawn too, and never without being asked."""

from __future__ import annotations

import contextlib
import json
import shutil
import socket
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from building import NOON, Checked, Project, hours

pytestmark = pytest.mark.feast

DEFINITIONS = """
driver = Entity(name="driver", join_keys=["driver_id"], value_type=ValueType.INT64)
route = Entity(name="route", join_keys=["from*"], value_type=ValueType.STRING)
source = FileSource(name="s", path=HERE + "/stats.parquet", timestamp_field="at")
stats = FeatureView(name="stats", entities=[driver, route], ttl=timedelta(hours=96), source=source,
                    schema=[Field(name="trips", dtype=Int64)])
other = FeatureView(name="other", entities=[driver, route], ttl=timedelta(hours=96), source=source,
                    schema=[Field(name="trips", dtype=Int64)])

@on_demand_feature_view(sources=[stats], schema=[Field(name="twice", dtype=Int64)])
def doubled(inputs: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({"twice": inputs["trips"].fillna(0).astype("int64") * 2})
"""
MISSING = {"missing_offline": 2, "skewed": 2}
LIVE = ("--live", "--as-of", NOON.isoformat())
GONE = (3, 7)  # drivers whose source rows were deleted once they were materialized
PUSHED = (500, 501, 502)  # drivers that were only ever written to the online store


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def columns(drivers: list[int]) -> dict[str, list[Any]]:
    size = len(drivers)
    return {
        "driver_id": drivers,
        "from*": [f"JFK [{each}]" for each in drivers],
        "at": [NOON - hours(2)] * size,
        "trips": [each * 10 for each in drivers],
    }


def deploy(project: Project) -> None:
    project.define(DEFINITIONS)
    project.source("stats", columns(list(range(20))))
    store = project.apply()
    with contextlib.chdir(project.folder):
        store.materialize(NOON - hours(48), NOON - hours(1))
    frame = pd.DataFrame(columns(list(PUSHED)))
    store.write_to_online_store("stats", frame.assign(at=NOON - hours(0.5)))
    project.source("stats", columns([each for each in range(20) if each not in GONE]))


def assert_found(found: Checked) -> None:
    assert found.exit_code == 1, found.stdout + found.stderr
    counts = {"requested": 23, "compared": 23, "matched": 18, "missing_offline": 5, "skewed": 5}
    assert found.counts("stats:trips") == counts
    assert found.feature("stats:trips")["causes"] == {"deleted_upstream": 2, "online_only_push": 3}
    # A value made from nothing agrees on both sides; what online has an input for differs.
    assert found.feature("doubled:twice")["causes"] == {"inherited": 5}
    # The other view holds the keys that were materialized, and none of those that were pushed to this one.
    assert found.counts("other:trips") == {"requested": 20, "compared": 20, "matched": 18, **MISSING}
    assert "of 23 keys of stats in the online store, 5 have no source event" in found.stdout
    assert "of 20 keys of other in the online store, 2 have no source event" in found.stdout


def test_keys_found_only_in_sqlite_join_the_population_when_asked(tmp_path: Path) -> None:
    project = Project(folder=tmp_path / "repo")
    deploy(project)
    before = (project.folder / "online.db").read_bytes()
    unasked = project.check(*LIVE)
    assert unasked.exit_code == 0, unasked.stdout + unasked.stderr
    assert unasked.counts("stats:trips") == {"requested": 18, "compared": 18, "matched": 18}
    assert "--scan-online" not in unasked.stdout
    assert_found(project.check(*LIVE, "--scan-online"))
    assert_found(project.check(*LIVE, "--scan-online", "--online-batch", "2", "--max-qps", "1000"))
    assert (project.folder / "online.db").read_bytes() == before


def test_a_larger_draw_from_both_keeps_the_rows_of_the_smaller(tmp_path: Path) -> None:
    project = Project(folder=tmp_path / "repo")
    deploy(project)
    drawn = []
    for size in ("6", "12"):
        project.check(*LIVE, "--scan-online", "--sample", size, "--feature", "stats")
        asked = project.rows("select entity from entity_rows join runs using (run_id) order by run_id desc, row_id")
        drawn.append({json.loads(row["entity"])["driver_id"] for row in asked[: int(size)]})
    assert drawn[0] < drawn[1]
    assert drawn[1] & {*GONE, *PUSHED}, "keys found only online have the same chance as the others"


def test_keys_that_no_request_finds_are_counted_and_left_out(tmp_path: Path) -> None:
    from feast.infra.key_encoding_utils import serialize_entity_key
    from feast.protos.feast.types.EntityKey_pb2 import EntityKey
    from feast.protos.feast.types.Value_pb2 import Value

    project = Project(folder=tmp_path / "repo")
    deploy(project)
    strange = EntityKey(join_keys=["driver_id", "from*"], entity_values=[Value(string_val="3"), Value(string_val="x")])
    with contextlib.closing(sqlite3.connect(project.folder / "online.db")) as store, store:
        row = "insert into shop_stats (entity_key, feature_name) values (?, 'trips')"
        store.execute(row, (serialize_entity_key(strange),))
        store.execute(row, (b"no key at all",))
    found = project.check(*LIVE, "--scan-online", "--feature", "stats:trips")
    assert found.counts("stats:trips")["requested"] == 23
    assert any("holds 2 keys of other names or types" in note for note in found.feature("stats:trips")["notes"])


@pytest.mark.redis
def test_keys_found_only_in_redis_join_the_population_when_asked(tmp_path: Path, redis_server: str) -> None:
    import redis

    online = f"type: redis\n    connection_string: {redis_server},db=3"
    project, longer = (
        Project(folder=tmp_path / "repo", online=online),
        Project(folder=tmp_path / "longer", online=online),
    )
    deploy(project)
    # Another project, whose name ends in this one's, keeps the same entities in the same database.
    settings = longer.folder / "feature_store.yaml"
    settings.write_text(settings.read_text().replace("project: shop", "project: my_pet_workshop"))
    deploy(longer)
    host, _, port = redis_server.partition(":")
    with redis.Redis(host=host, port=int(port), db=3) as client:
        before = {key: client.hgetall(key) for key in client.scan_iter()}
        assert len(before) == 46
        unasked = project.check(*LIVE)
        assert unasked.exit_code == 0, unasked.stdout + unasked.stderr
        assert_found(project.check(*LIVE, "--scan-online", "--online-batch", "7"))
        assert {key: client.hgetall(key) for key in client.scan_iter()} == before
        client.flushdb()


@pytest.fixture
def redis_cluster(tmp_path: Path) -> Iterator[list[int]]:
    """The ports of two Redis servers that share the keys, and ask for the password `opened`."""
    binary = shutil.which("redis-server")
    if binary is None:
        pytest.skip("redis-server is not installed (Debian: apt-get install redis-server)")
    ports, servers = [free_port(), free_port()], []
    for port in ports:
        (tmp_path / str(port)).mkdir()
        options = {"port": str(port), "bind": "127.0.0.1", "save": "", "dir": str(tmp_path / str(port))}
        options |= {"cluster-enabled": "yes", "cluster-port": str(free_port()), "requirepass": "opened"}
        command = [binary, *(word for name, value in options.items() for word in (f"--{name}", value))]
        servers.append(subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
    try:
        _join(ports)
        yield ports
    finally:
        for server in servers:
            server.terminate()
            server.wait(timeout=10)


def _join(ports: list[int]) -> None:
    """Deal out the slots, introduce the servers, and wait until they agree."""
    import redis
    from redis.backoff import ConstantBackoff
    from redis.retry import Retry

    # Each question by a connection of its own: the first come before the servers listen.
    clients = [redis.Redis(port=port, password="opened", retry=Retry(ConstantBackoff(0.05), 200)) for port in ports]
    for client, (first, last) in zip(clients, [(0, 8191), (8192, 16383)], strict=True):
        client.execute_command("CLUSTER ADDSLOTSRANGE", first, last)
    for number, client in enumerate(clients):
        client.execute_command("CLUSTER SET-CONFIG-EPOCH", number + 1)
    bus = clients[1].config_get("cluster-port")["cluster-port"]
    clients[0].execute_command("CLUSTER MEET", "127.0.0.1", ports[1], bus)
    until = time.monotonic() + 20
    while any(
        (told["cluster_state"], told["cluster_slots_ok"]) != ("ok", "16384")
        for told in (client.execute_command("CLUSTER INFO") for client in clients)
    ):
        assert time.monotonic() < until, "the servers do not agree"
        time.sleep(0.05)


@pytest.mark.redis
def test_the_keys_of_a_cluster_are_those_of_all_its_servers(tmp_path: Path, redis_cluster: list[int]) -> None:
    import redis

    places = ",".join(f"127.0.0.1:{port}" for port in redis_cluster)
    online = f"type: redis\n    redis_type: redis_cluster\n    connection_string: '{places},password=opened,ssl=false'"
    project = Project(folder=tmp_path / "repo", online=f"{online}\n    key_ttl_seconds: 100000")
    deploy(project)
    before = [redis.Redis(port=port, password="opened").dbsize() for port in redis_cluster]
    assert sum(before) == 23
    assert min(before) > 0, "one server has them all: the other could be forgotten"
    unasked = project.check(*LIVE)
    assert unasked.exit_code == 0, unasked.stdout + unasked.stderr
    assert_found(project.check(*LIVE, "--scan-online", "--online-batch", "7"))
    assert [redis.Redis(port=port, password="opened").dbsize() for port in redis_cluster] == before


@pytest.mark.redis
def test_a_server_that_forbids_to_list_its_keys_is_named(tmp_path: Path, redis_server: str) -> None:
    import redis

    host, _, port = redis_server.partition(":")
    online = f"type: redis\n    connection_string: {redis_server},db=4"
    project = Project(folder=tmp_path / "repo", online=online)
    deploy(project)
    with redis.Redis(host=host, port=int(port), db=4) as client:
        client.acl_setuser(
            "reader", enabled=True, passwords=["+secret"], categories=["+@all"], commands=["-scan"], keys=["*"]
        )
        settings = project.folder / "feature_store.yaml"
        settings.write_text(settings.read_text().replace("db=4", "db=4,username=reader,password=secret"))
        refused = project.check(*LIVE, "--scan-online")
        client.acl_deluser("reader")
        client.flushdb()
    assert refused.exit_code == 2
    assert "cannot list the keys of the online store (redis)" in refused.stderr, refused.stderr
    assert "scan" in refused.stderr and "secret" not in refused.stderr


def test_a_store_whose_keys_cannot_be_listed_is_refused(tmp_path: Path) -> None:
    project = Project(folder=tmp_path / "repo")
    deploy(project)
    settings = project.folder / "feature_store.yaml"
    settings.write_text(settings.read_text().replace("version: 3", "version: 2"))
    refused = project.check(*LIVE, "--scan-online")
    assert refused.exit_code == 2
    assert "keys of entity_key_serialization_version 2 cannot be taken apart" in refused.stderr, refused.stderr
