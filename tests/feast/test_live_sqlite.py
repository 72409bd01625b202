"""A deployed registry and SQLite store are read as they are, and no file of the repo changes."""

from __future__ import annotations

import sqlite3
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from skewguard.errors.base import SkewguardError
from skewguard.errors.repo import NoViews, ProjectNotInRegistry, RegistryMissing, RegistryUnreadable
from skewguard.errors.store import NoOnlineStore, StoreUnreachable
from skewguard.feature_store.load import open_repo
from skewguard.model import ViewKind
from tests.feast.checking import checking
from tests.feast.conftest import NOON, BuiltRepo

pytestmark = pytest.mark.feast
FIELDS = "fields = [Field(name='trips', dtype=Int64)]\n"
PLAIN = (
    FIELDS
    + "plain = FeatureView(name='plain', entities=[driver], schema=fields, source=trips, ttl=timedelta(days=9))\n"
)
KEYS = {"driver_id": [1, 3, 9]}
VALUES = [102, 302, None]


def deploy(repo: BuiltRepo, *names: str) -> Any:
    """`feast apply` and `feast materialize` in this process, as a script would run them."""
    from feast import FeatureStore
    from feast.repo_operations import apply_total

    with open_repo(folder=repo.folder):
        store = FeatureStore(repo_path=str(repo.folder))
        apply_total(store.config, repo.folder, skip_source_validation=True)
        store = FeatureStore(repo_path=str(repo.folder))
        if names:
            store.materialize(NOON - timedelta(days=1), NOON, feature_views=list(names))
    return store


def refused(folder: Path, private: Path) -> SkewguardError:
    """The error of a live check."""
    with pytest.raises(SkewguardError) as caught, checking(folder, private, live=True):
        pytest.fail("it opened")
    assert "\n" not in str(caught.value)
    return caught.value


@pytest.mark.parametrize("registry", ["data/registry.db", {"registry_type": "file", "path": "data/registry.db"}])
def test_live_reads_what_was_deployed_and_changes_no_file(make_repo: Any, tmp_path: Path, registry: Any) -> None:
    repo = make_repo(PLAIN, registry=registry)
    deploy(repo, "plain")
    repo.python("raise ValueError('live does not run this')\n", header="")
    before = repo.snapshot()
    with checking(repo.folder, tmp_path / "private", live=True) as check:
        assert not (check.sandbox.errors or check.sandbox.notes)
        plain = check.view("plain")
        assert (plain.windows, plain.ttl) == (((NOON - timedelta(days=1), NOON),), timedelta(days=9))
        assert check.online("plain", "trips", KEYS) == VALUES
        assert check.offline("plain", "trips", KEYS, NOON) == VALUES
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            check.sandbox.serving._get_provider().online_store._conn.execute("create table t (a)")
    assert repo.snapshot() == before


def test_live_serves_what_is_stored_not_what_is_in_the_source(make_repo: Any, tmp_path: Path) -> None:
    repo = make_repo(PLAIN)
    deploy(repo, "plain")
    with sqlite3.connect(repo.folder / "data/online.db") as connection:
        connection.execute("delete from tiny_plain where value_text = ''")
        assert connection.execute("select count(*) from tiny_plain").fetchone()[0] in (0, 3)
        connection.execute("delete from tiny_plain")
    connection.close()
    with checking(repo.folder, tmp_path / "private", live=True) as check:
        assert check.online("plain", "trips", KEYS) == [None, None, None]
        assert check.offline("plain", "trips", KEYS, NOON) == VALUES


def test_a_store_that_was_never_written_answers_nothing_and_is_not_made(make_repo: Any, tmp_path: Path) -> None:
    repo = make_repo(PLAIN)
    deploy(repo)
    (repo.folder / "data/online.db").unlink()
    before = repo.snapshot()
    with checking(repo.folder, tmp_path / "private", live=True) as check:
        assert check.online("plain", "trips", KEYS) == [None, None, None]
        assert len(check.sandbox.notes) == 1 and "online.db does not exist" in check.sandbox.notes[0]
        assert check.view("plain").windows == ()
    assert repo.snapshot() == before


def test_a_view_without_a_table_answers_nothing(make_repo: Any, tmp_path: Path) -> None:
    repo = make_repo(PLAIN + "other = FeatureView(name='other', entities=[driver], schema=fields, source=trips)\n")
    deploy(repo, "plain", "other")
    with sqlite3.connect(repo.folder / "data/online.db") as connection:
        connection.execute("drop table tiny_other")
    connection.close()
    before = repo.snapshot()
    with checking(repo.folder, tmp_path / "private", live=True) as check:
        assert check.online("plain", "trips", KEYS) == VALUES
        assert check.online("other", "trips", KEYS) == [None, None, None]
        assert check.sandbox.notes == ("the online store has no table for other: it was never applied there",)
    assert repo.snapshot() == before


def test_a_database_with_a_write_ahead_log_is_read_from_a_copy(make_repo: Any, tmp_path: Path) -> None:
    repo = make_repo(PLAIN)
    deploy(repo, "plain")
    writer = sqlite3.connect(repo.folder / "data/online.db")
    writer.execute("pragma journal_mode = wal").fetchone()
    writer.execute("delete from tiny_plain where rowid = (select max(rowid) from tiny_plain)")
    writer.commit()
    assert (repo.folder / "data/online.db-wal").stat().st_size > 0
    before = repo.snapshot()
    with checking(repo.folder, tmp_path / "private", live=True) as check:
        served = check.online("plain", "trips", {"driver_id": [1, 2, 3]})
        assert sorted(str(each) for each in served).count("None") == 1  # the delete is in the log only
    assert repo.snapshot() == before
    writer.close()


def test_an_online_store_that_is_no_database(make_repo: Any, tmp_path: Path) -> None:
    repo = make_repo(PLAIN)
    deploy(repo)
    (repo.folder / "data/online.db").write_bytes(b"not a database at all, but longer than a header is")
    error = refused(repo.folder, tmp_path / "private")
    assert isinstance(error, StoreUnreachable)
    assert "online.db" in str(error)


def test_no_online_store_at_all(make_repo: Any, tmp_path: Path) -> None:
    repo = make_repo(PLAIN)
    deploy(repo)
    repo.settings(online_store="null")
    assert isinstance(refused(repo.folder, tmp_path / "private"), NoOnlineStore)


def test_a_repo_that_was_never_applied_gets_no_registry(make_repo: Any, tmp_path: Path) -> None:
    repo = make_repo(PLAIN)
    before = repo.snapshot()
    error = refused(repo.folder, tmp_path / "private")
    assert isinstance(error, RegistryMissing)
    assert "feast apply" in str(error) and str(repo.folder / "data/registry.db") in str(error)
    assert repo.snapshot() == before


def test_a_registry_that_is_none(make_repo: Any, tmp_path: Path) -> None:
    repo = make_repo(PLAIN)
    (repo.folder / "data/registry.db").write_bytes(b"\xff\xffnot a registry")
    error = refused(repo.folder, tmp_path / "private")
    assert isinstance(error, RegistryUnreadable)
    assert "0.67" in str(error)


def test_a_project_that_the_registry_does_not_know(make_repo: Any, tmp_path: Path) -> None:
    repo = make_repo(PLAIN)
    deploy(repo)
    repo.settings(project="tinny")
    error = refused(repo.folder, tmp_path / "private")
    assert isinstance(error, ProjectNotInRegistry)
    assert "tiny." in str(error)


def test_an_applied_repo_without_views(make_repo: Any, tmp_path: Path) -> None:
    repo = make_repo("")
    from feast import Entity, FeatureStore

    FeatureStore(repo_path=str(repo.folder)).apply([Entity(name="driver", join_keys=["driver_id"])])
    assert isinstance(refused(repo.folder, tmp_path / "private"), NoViews)


def test_stream_batch_and_on_demand_views_come_back_from_the_registry(make_repo: Any, tmp_path: Path) -> None:
    code = (
        PLAIN
        + """
kafka = KafkaSource(name="kafka", kafka_bootstrap_servers="nowhere:9092", topic="t", batch_source=trips,
                    timestamp_field="event_timestamp", message_format=JsonFormat("trips int"))
stream = StreamFeatureView(name="stream", entities=[driver], source=kafka, timestamp_field="event_timestamp",
                           schema=[Field(name="driver_id", dtype=Int64), Field(name="trips", dtype=Int64)])
asked = RequestSource(name="asked", schema=[Field(name="amount", dtype=Int64)])

@on_demand_feature_view(sources=[plain.with_join_key_map({"driver_id": "my_id"}), asked],
                        schema=[Field(name="total", dtype=Int64)])
def totals(inputs: pd.DataFrame) -> pd.DataFrame:
    from words.more import MORE
    return pd.DataFrame({"total": inputs["trips"] + inputs["amount"] + MORE})

starts = FeatureService(name="starts", features=[plain.with_name("start").with_join_key_map({"driver_id": "start_id"})])
"""
    )
    repo = make_repo(code)
    (tmp_path / "words").mkdir()
    (tmp_path / "words/more.py").write_text("MORE = 1000\n")
    deploy(repo, "plain", "stream")
    before = repo.snapshot()
    with checking(repo.folder, tmp_path / "private", live=True) as check:
        assert not (check.sandbox.errors or check.repo.errors)
        stream = check.view("stream")
        assert (stream.kind, [each.name for each in stream.features]) == (ViewKind.STREAM, ["trips"])
        assert check.online("stream", "trips", KEYS) == VALUES
        assert check.online("start", "trips", {"start_id": [1, 3, 9]}) == VALUES
        assert check.offline("start", "trips", {"start_id": [1, 3, 9]}, NOON) == VALUES
        totals = check.view("totals")
        assert (totals.inputs, [key.name for key in totals.join_keys]) == (("plain by my_id",), ["my_id"])
        assert check.online("totals", "total", {"my_id": [1, 3], "amount": [5, 6]}) == [1107, 1308]
        assert check.offline("totals", "total", {"my_id": [1, 3], "amount": [5, 6]}, NOON) == [1107, 1308]
    assert repo.snapshot() == before
    assert "words.more" not in sys.modules


def test_a_view_in_a_state_that_feast_refuses_is_its_own_error(make_repo: Any, tmp_path: Path) -> None:
    from feast.feature_view import FeatureViewState

    repo = make_repo(PLAIN + "busy = FeatureView(name='busy', entities=[driver], schema=fields, source=trips)\n")
    store = deploy(repo, "plain")
    view = store.get_feature_view("busy")
    view.state = FeatureViewState.MATERIALIZING
    store.registry.apply_feature_view(view, store.project, commit=True)
    with checking(repo.folder, tmp_path / "private", live=True) as check:
        assert [(each.feature, "MATERIALIZING" in each.message) for each in check.repo.errors] == [("busy", True)]
        assert check.online("plain", "trips", KEYS) == VALUES


def test_an_object_that_feast_cannot_recreate_is_its_own_error(make_repo: Any, tmp_path: Path) -> None:
    repo = make_repo(PLAIN)
    deploy(repo, "plain")
    from feast.protos.feast.core.Registry_pb2 import Registry

    path = repo.folder / "data/registry.db"
    proto = Registry()
    proto.ParseFromString(path.read_bytes())
    broken = proto.on_demand_feature_views.add()
    broken.spec.name, broken.spec.project, broken.spec.mode = "broken", "tiny", "no_such_mode"
    path.write_bytes(proto.SerializeToString())
    with checking(repo.folder, tmp_path / "private", live=True) as check:
        assert [each.feature for each in check.repo.errors] == ["broken"]
        assert check.online("plain", "trips", KEYS) == VALUES


def test_a_sql_registry_is_read_without_writing(make_repo: Any, tmp_path: Path) -> None:
    path = tmp_path / "repo/data/sql.db"
    repo = make_repo(PLAIN, registry={"registry_type": "sql", "path": f"sqlite:///{path}"})
    assert isinstance(refused(repo.folder, tmp_path / "private"), RegistryMissing)
    assert not path.exists()
    deploy(repo, "plain")
    before = repo.snapshot()
    with checking(repo.folder, tmp_path / "private", live=True) as check:
        assert check.online("plain", "trips", KEYS) == VALUES
        assert len(check.view("plain").windows) == 1
    assert repo.snapshot() == before
