"""Sources that are no files: a real PostgreSQL as the offline store, pulled by Feast's own code."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from building import NOON, Project, hours

pytestmark = [pytest.mark.feast, pytest.mark.postgres]

DEFINITIONS = """
from feast.infra.offline_stores.contrib.postgres_offline_store.postgres_source import PostgreSQLSource

driver = Entity(name="driver", join_keys=["driver_id"], value_type=ValueType.INT64)
place = Entity(name="place", join_keys=["city"], value_type=ValueType.STRING)
source = PostgreSQLSource(name="s", table="stats", timestamp_field="at", created_timestamp_column="known")
query = PostgreSQLSource(name="q", query='select city, at, "Mean" from cities', timestamp_field="at",
                         field_mapping={"Mean": "mean"})
stats = FeatureView(name="stats", entities=[driver], ttl=timedelta(days=365), source=source,
                    schema=[Field(name="trips", dtype=Int64), Field(name="rate", dtype=Float32),
                            Field(name="word", dtype=String)])
cities = FeatureView(name="cities", entities=[place], ttl=timedelta(0), source=query,
                     schema=[Field(name="mean", dtype=Float64)])
service = FeatureService(name="both", features=[stats, cities])

@on_demand_feature_view(sources=[stats, cities], schema=[Field(name="sum", dtype=Float64)])
def added(inputs: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({"sum": inputs["trips"].astype("float64") + inputs["mean"]})
"""
Rows = list[tuple[Any, ...]]
# Drivers 0 to 9 have an old event; of them 0 to 3 a new one, created twice: the later row counts.
STATS: Rows = [(d, NOON - hours(300), NOON - hours(300), d * 10, d / 8, f"old {d}") for d in range(10)]
STATS += [(d, NOON - hours(2), NOON - hours(made), d * 10 + made, d / 4, "new") for d in range(4) for made in (2, 1)]
CITIES: Rows = [(f"city {at}", NOON - hours(3 if at < 6 else 400), at * 1.5) for at in range(10)]


@contextmanager
def connected(port: int, database: str = "postgres") -> Iterator[Any]:
    import psycopg

    with psycopg.connect(f"host=127.0.0.1 port={port} user=postgres dbname={database}", autocommit=True) as connection:
        yield connection


@pytest.fixture
def project(tmp_path: Path, postgres_server: int) -> Iterator[Project]:
    database = tmp_path.name.lower()
    with connected(postgres_server) as connection:
        connection.execute(f'create database "{database}"')
    made = Project(folder=tmp_path / "repo")
    settings = made.folder / "feature_store.yaml"
    postgres = f"type: postgres\n    host: 127.0.0.1\n    port: {postgres_server}\n    database: {database}\n"
    postgres += "    user: postgres\n    password: unused\n    db_schema: public\n    sslmode: disable\n"
    settings.write_text(settings.read_text().replace("type: duckdb\n", postgres))
    made.define(DEFINITIONS)
    with connected(postgres_server, database) as connection, connection.cursor() as cursor:
        columns = "driver_id bigint, at timestamptz, known timestamptz, trips bigint, rate real, word text"
        cursor.execute(f"create table stats ({columns})")
        cursor.execute('create table cities (city text, at timestamptz, "Mean" double precision)')
        cursor.executemany("insert into stats values (%s, %s, %s, %s, %s, %s)", STATS)
        cursor.executemany("insert into cities values (%s, %s, %s)", CITIES)
        cursor.execute("analyze")
    yield made


def tables(project: Project, port: int) -> set[str]:
    with connected(port, project.folder.parent.name.lower()) as connection:
        return {name for (name,) in connection.execute("select tablename from pg_tables where schemaname = 'public'")}


def test_a_warehouse_is_checked_as_files_are(project: Project, postgres_server: int) -> None:
    checked = project.check("--as-of", NOON.isoformat())
    assert checked.exit_code == 0, checked.stdout + checked.stderr
    for ref in ("stats:trips", "stats:rate", "stats:word", "cities:mean", "added:sum"):
        assert checked.counts(ref) == {"requested": 10, "compared": 10, "matched": 10}, ref
    said = " ".join(checked.stdout.split())
    assert "pulled 18 rows of s from the beginning on through Feast's offline store (postgres)" in said
    assert "expected: about 18 rows" in said
    assert "pull s from the beginning: about 18 rows" in checked.stderr
    assert tables(project, postgres_server) == {"stats", "cities"}, "what Feast uploads to answer is gone again"


def test_what_is_wrong_in_a_deployment_over_a_warehouse_is_found(project: Project, postgres_server: int) -> None:
    store = project.apply()
    store.materialize(NOON - hours(500), NOON)
    clean = project.check("--live", "--as-of", NOON.isoformat())
    assert clean.exit_code == 0, clean.stdout + clean.stderr
    with connected(postgres_server, project.folder.parent.name.lower()) as connection:
        connection.execute("update stats set trips = 77 where driver_id in (5, 6)")  # which rewrites history
        connection.execute("insert into stats values (7, %s, %s, 1, 1, 'late')", (NOON - hours(1), NOON + hours(1)))
    found = project.check("--live", "--as-of", NOON.isoformat())
    assert found.exit_code == 1
    assert found.feature("stats:trips")["causes"] == {"late_arrival": 1, "unexplained": 2}
    assert found.feature("stats:rate")["causes"] == {"late_arrival": 1}


def test_since_bounds_what_is_pulled_and_raises_no_false_alarm(project: Project, postgres_server: int) -> None:
    since = ("--since", (NOON - hours(24)).isoformat(), "--as-of", NOON.isoformat())
    bounded = project.check(*since)
    assert bounded.exit_code == 0, bounded.stdout + bounded.stderr
    assert bounded.counts("stats:trips") == {"requested": 4, "compared": 4, "matched": 4}
    assert bounded.counts("cities:mean") == {"requested": 6, "compared": 6, "matched": 6}
    assert "pulled 8 rows of s from 2026-02-28T12:00:00+00:00 on" in bounded.stdout
    (project.folder / "rows.csv").write_text("driver_id,city\n1,city 2\n8,city 2\n2,city 9\n")
    listed = project.check(*since, "--entities", str(project.folder / "rows.csv"))
    assert listed.exit_code == 0, listed.stdout + listed.stderr
    assert listed.counts("stats:trips") == {"requested": 2, "compared": 2, "matched": 2}
    assert listed.counts("added:sum") == {"requested": 1, "compared": 1, "matched": 1}
    assert any("entity rows without an event since --since" in note for note in listed.feature("added:sum")["notes"])


def test_an_old_row_that_is_still_served_gets_no_wrong_cause(project: Project, postgres_server: int) -> None:
    """Online holds an event from before --since, of which nothing was pulled: that is no deleted event."""
    store = project.apply()
    store.materialize(NOON - hours(500), NOON - hours(100))
    store.materialize(NOON - hours(101), NOON - hours(0.5))
    old = {"driver_id": 1, "at": NOON - hours(250), "known": NOON - hours(250), "trips": 4321, "rate": 0.0, "word": ""}
    push(store, [old])
    as_of = ("--live", "--as-of", NOON.isoformat(), "--feature", "stats:trips")
    assert project.check(*as_of).feature("stats:trips")["causes"] == {"deleted_upstream": 1}
    bounded = project.check(*as_of, "--since", (NOON - hours(24)).isoformat())
    assert bounded.feature("stats:trips")["causes"] == {"unexplained": 1}, bounded.stdout


def push(store: Any, rows: list[dict[str, Any]]) -> None:
    import pandas as pd

    store.write_to_online_store("stats", pd.DataFrame(rows))


def test_a_warehouse_that_is_not_there_is_named(project: Project) -> None:
    settings = project.folder / "feature_store.yaml"
    lines = settings.read_text().splitlines()
    settings.write_text("\n".join("    port: 1" if line.strip().startswith("port:") else line for line in lines))
    refused = project.check()
    assert refused.exit_code == 2
    said = " ".join(error["message"] for error in refused.result["errors"])
    assert "Feast's offline store (postgres) cannot pull the source 's'" in said and "Traceback" not in refused.stderr


def test_a_file_store_reads_no_table(project: Project) -> None:
    settings = project.folder / "feature_store.yaml"
    head, _, rest = settings.read_text().partition("offline_store:")
    settings.write_text(head + "offline_store:\n    type: duckdb\nonline_store:" + rest.partition("online_store:")[2])
    skipped = project.check()
    assert skipped.exit_code == 2
    assert "the offline store reads files only" in skipped.stderr + skipped.stdout
