"""What all tests share: the time zone that no test may depend on, and skips that must not pass for success in CI."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]):  # type: ignore[no-untyped-def]
    """In CI a test that is skipped because the machine lacks something is a test that did not run: it fails."""
    outcome = yield
    report = outcome.get_result()
    if report.skipped and not hasattr(report, "wasxfail") and os.environ.get("CI"):
        report.outcome = "failed"
        report.longrepr = f"skipped in CI: {report.longrepr}"


MEMORY = Path("/dev/shm")
ROOM = 4 << 30  # bytes; a whole run writes a fifth of that


def pytest_configure(config: pytest.Config) -> None:
    """Signals and temporary folders of all tests."""
    _hear_signals()
    if os.environ.get("CI") and not os.environ.get("TMPDIR") and config.getoption("basetemp") is None:
        _write_to_memory(config)


def _write_to_memory(config: pytest.Config) -> None:
    """Thirty times a test waits until the disk has what it wrote; where nobody will look at it, that is for nothing."""
    if not os.access(MEMORY, os.W_OK) or shutil.disk_usage(MEMORY).free < ROOM:
        return
    folder = Path(tempfile.mkdtemp(prefix="skewguard-tests-", dir=MEMORY))
    folder.chmod(0o711)  # PostgreSQL's user has a folder of its own in it
    os.environ["TMPDIR"] = tempfile.tempdir = str(folder)
    config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))


def _hear_signals() -> None:
    """What a shell starts in the background is deaf to Ctrl-C or hang-ups, and so would be what a test starts."""
    for number, usual in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, signal.SIG_DFL)):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, usual)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Each worker begins with half of the tests, in order, so that set-up is shared; who is done takes of the rest.

    Asked for by `--dist`, another way of dealing them out is kept.
    """
    if config.getvalue("dist") != "load":
        return None
    from xdist.scheduler import WorkStealingScheduling

    return WorkStealingScheduling(config, log)


@pytest.fixture(autouse=True)
def own_switches(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test is moved by the switches of whoever runs it."""
    switches = ("FEATURE_REPO_DIR_ENV_VAR", "FEAST_FS_YAML_FILE_PATH", "SKEWGUARD_TRACEBACK", "NO_COLOR")
    for name in (*switches, "GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """`host:port` of a Redis of our own, which keeps nothing on disk."""
    binary = shutil.which("redis-server")
    if binary is None:
        reason = "redis-server is not installed (Debian: apt-get install redis-server)"
        pytest.skip(reason)
    port = _free_port()
    folder = tmp_path_factory.mktemp("redis")
    options = {"port": str(port), "bind": "127.0.0.1", "save": "", "appendonly": "no", "dir": str(folder)}
    command = [binary, *(word for name, value in options.items() for word in (f"--{name}", value))]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(port, server)
        yield f"127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(timeout=10)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[int]:
    """The port of a PostgreSQL of our own on 127.0.0.1: user and database `postgres`, no password."""
    binaries = _postgres_binaries()
    if binaries is None:
        reason = "PostgreSQL's server is not installed (Debian: apt-get install postgresql)"
        pytest.skip(reason)
    # It refuses to run as root; and what pytest makes for root nobody else may enter.
    user: dict[str, str] = {"user": "postgres"} if os.geteuid() == 0 else {}
    port = _free_port()
    with tempfile.TemporaryDirectory(prefix="postgres-", ignore_cleanup_errors=True) as name:
        if user:
            shutil.chown(name, user["user"])
        cluster = f"{name}/cluster"
        initdb = [str(binaries / "initdb"), "-D", cluster, "-U", "postgres", "-A", "trust", "--no-sync"]
        subprocess.run(initdb, cwd=name, check=True, capture_output=True, **user)  # type: ignore[call-overload]
        options = {"fsync": "off", "unix_socket_directories": name, "listen_addresses": "127.0.0.1"}
        command = [str(binaries / "postgres"), "-D", cluster, "-p", str(port)]
        command += [word for option, value in options.items() for word in ("-c", f"{option}={value}")]
        server = subprocess.Popen(command, cwd=name, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **user)  # type: ignore[call-overload]
        try:
            _wait_for(port, server)
            ready = [str(binaries / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port), "-t", "10"]
            while subprocess.run(ready, check=False).returncode == 1:  # it listens before it takes anyone
                time.sleep(0.05)
            yield port
        finally:
            server.send_signal(signal.SIGINT)  # ends sessions that are still open
            server.wait(timeout=20)


def _postgres_binaries() -> Path | None:
    """Debian keeps the server's programs apart from the PATH."""
    found = shutil.which("initdb")
    if found is not None:
        return Path(found).resolve().parent
    return max(Path("/usr/lib/postgresql").glob("*/bin"), default=None, key=lambda path: int(path.parent.name))


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 10
    while time.monotonic() < until and server.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError("the server did not start")
