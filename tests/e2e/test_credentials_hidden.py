"""Stores that really fail quote no password: not on the screen, not in the JSON, not in the ledger."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest
from building import NOON, Checked, Project, hours
from deploying import Deployed

SECRET = "hunter2"
VIEW = """
driver = Entity(name="driver", join_keys=["driver_id"], value_type=ValueType.INT64)
stats = FeatureView(
    name="stats", entities=[driver], schema=[Field(name="trips", dtype=Int64)],
    source=FileSource(name="s", path={path!r}, timestamp_field="at"),
)
"""


@pytest.fixture(scope="module")
def applied(tmp_path_factory: pytest.TempPathFactory) -> Project:
    made = Project(folder=tmp_path_factory.mktemp("credentials") / "repo")
    source = made.source("stats", {"driver_id": [1, 2], "at": [NOON - hours(1)] * 2, "trips": [1, 2]})
    made.define(VIEW.format(path=str(source)))
    Deployed(project=made).apply()
    return made


def with_stores(
    project: Project, *, online: str = "type: sqlite\n    path: online.db", registry: str = "registry.db"
) -> None:
    (project.folder / "feature_store.yaml").write_text(
        f"project: shop\nprovider: local\nregistry: {registry}\nentity_key_serialization_version: 3\n"
        f"offline_store:\n    type: duckdb\nonline_store:\n    {online}\n"
    )


def says_no_secret(project: Project, checked: Checked, *, secret: str = SECRET) -> str:
    assert checked.exit_code == 2, checked.stdout
    said = checked.stdout + checked.stderr + json.dumps(checked.result)
    assert secret not in said
    ledger = project.folder / "skewguard.duckdb"
    assert not ledger.exists() or secret.encode() not in ledger.read_bytes()
    return " ".join(said.split())


def closed_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def test_a_redis_that_is_not_there(applied: Project) -> None:
    port = closed_port()
    with_stores(applied, online=f"type: redis\n    connection_string: 127.0.0.1:{port},password={SECRET}")
    assert f"127.0.0.1:{port}" in says_no_secret(applied, applied.check("--live", "--timeout", "2"))


@pytest.mark.redis
def test_a_redis_that_refuses_the_password(applied: Project, redis_server: str) -> None:
    with_stores(applied, online=f"type: redis\n    connection_string: {redis_server},username=feast,password={SECRET}")
    assert redis_server in says_no_secret(applied, applied.check("--live", "--timeout", "2"))


@pytest.mark.parametrize("scheme", ["postgresql", "postgresql+psycopg", "mysql+pymysql", "nosuchdb"])
def test_a_registry_that_is_not_there(applied: Project, scheme: str) -> None:
    where = f"{scheme}://feast:{SECRET}@127.0.0.1:{closed_port()}/feast"
    with_stores(applied, registry=f"{{registry_type: sql, path: {where!r}}}")
    says_no_secret(applied, applied.check("--live"))


def test_a_yaml_that_is_none(applied: Project) -> None:
    path = applied.folder / "feature_store.yaml"
    path.write_text(f'project: shop\nonline_store:\n  type: redis\n  password: "{SECRET}\n')
    says_no_secret(applied, applied.check())


def test_definitions_that_raise(applied: Project, tmp_path: Path) -> None:
    made = Project(folder=tmp_path / "repo")
    made.define(f'raise ConnectionError("cannot connect to postgresql://feast:{SECRET}@db:5432/x (password={SECRET})")')
    assert "db:5432" in says_no_secret(made, made.check())


def test_a_source_that_cannot_be_read(tmp_path: Path) -> None:
    made = Project(folder=tmp_path / "repo")
    made.define(VIEW.format(path=f"postgresql://feast:{SECRET}@127.0.0.1/x.parquet"))
    says_no_secret(made, made.check())
    made.define(VIEW.format(path=f"/nowhere/x.parquet?aws_secret_access_key={SECRET}"))
    says_no_secret(made, made.check())


def test_options_are_kept_without_them(applied: Project) -> None:
    with_stores(applied)
    entities = applied.folder / f"password={SECRET}.csv"
    entities.write_text("driver_id\n1\n")
    found = applied.check("--entities", str(entities), "--as-of", NOON.isoformat())
    assert found.exit_code == 0
    assert SECRET.encode() not in (applied.folder / "skewguard.duckdb").read_bytes()
