"""A deployed Redis is read as it is; one that does not answer is named without its password."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest

from skewguard.errors.store import StoreUnreachable
from tests.feast.checking import checking
from tests.feast.conftest import NOON
from tests.feast.test_live_sqlite import PLAIN, VALUES, deploy

pytestmark = [pytest.mark.feast, pytest.mark.redis]
KEYS = {"driver_id": [1, 3, 9]}


def test_redis_is_read_and_nothing_is_written_there(make_repo: Any, tmp_path: Path, redis_server: str) -> None:
    import redis

    host, port = redis_server.split(":")
    client = redis.Redis(host=host, port=int(port))
    client.flushall()  # of what other tests of this server left
    repo = make_repo(PLAIN, online_store={"type": "redis", "connection_string": redis_server})
    deploy(repo, "plain")
    before, files = {key: client.hgetall(key) for key in client.scan_iter()}, repo.snapshot()
    assert len(before) == 3
    with checking(repo.folder, tmp_path / "private", live=True) as check:
        assert check.online("plain", "trips", KEYS) == VALUES
        assert check.offline("plain", "trips", KEYS, NOON) == VALUES
    assert {key: client.hgetall(key) for key in client.scan_iter()} == before
    assert repo.snapshot() == files
    client.flushall()


def test_a_redis_that_refuses(make_repo: Any, tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    error = unreachable(make_repo, tmp_path, f"127.0.0.1:{port},password=secret")
    assert f"redis at 127.0.0.1:{port}" in error and "secret" not in error


def test_a_redis_that_never_answers(make_repo: Any, tmp_path: Path) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        error = unreachable(make_repo, tmp_path, f"127.0.0.1:{silent.getsockname()[1]}", timeout=0.5)
    assert "no answer within 0.5 s" in error


def test_a_redis_that_goes_away_while_it_is_read(make_repo: Any, tmp_path: Path, redis_server: str) -> None:
    repo = make_repo(PLAIN, online_store={"type": "redis", "connection_string": redis_server})
    deploy(repo)
    with checking(repo.folder, tmp_path / "private", live=True) as check:
        online = check.sandbox.serving._get_provider().online_store
        online._client.connection_pool.connection_kwargs["port"] = 1
        online._client.connection_pool.reset()
        with pytest.raises(StoreUnreachable, match=redis_server):
            check.online("plain", "trips", KEYS)


def unreachable(make_repo: Any, tmp_path: Path, connection: str, timeout: float = 20.0) -> str:
    """The error of a live check on a Redis that was reachable only when the repo was applied."""
    repo = make_repo(PLAIN)
    deploy(repo)
    repo.settings(online_store={"type": "redis", "connection_string": connection})
    with (
        pytest.raises(StoreUnreachable) as caught,
        checking(repo.folder, tmp_path / "private", live=True, timeout=timeout),
    ):
        pytest.fail("it opened")
    return str(caught.value)
