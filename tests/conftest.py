"""What all tests share: the time zone that no test may depend on, and skips that must not pass for success in CI."""

from __future__ import annotations

import os

import pytest


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]):  # type: ignore[no-untyped-def]
    """In CI a test that is skipped because the machine lacks something is a test that did not run: it fails."""
    outcome = yield
    report = outcome.get_result()
    if report.skipped and not hasattr(report, "wasxfail") and os.environ.get("CI"):
        report.outcome = "failed"
        report.longrepr = f"skipped in CI: {report.longrepr}"


@pytest.fixture(autouse=True)
def own_switches(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test is moved by the switches of whoever runs it."""
    for name in ("FEATURE_REPO_DIR_ENV_VAR", "FEAST_FS_YAML_FILE_PATH", "SKEWGUARD_TRACEBACK", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
