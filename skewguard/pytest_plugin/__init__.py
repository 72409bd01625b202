"""The pytest plugin: `pytest --skewguard REPO`, and the fixture `skewguard_check`. Unused, it imports nothing more."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from skewguard.result import CheckResult

MARK = "skewguard"
# Option, metavar or None for a switch, whether it may be repeated, help. All others are set in [tool.skewguard].
CHECK_OPTIONS = (
    ("live", None, False, "read the deployed registry and online store"),
    ("service", "NAME", True, "only the features of this feature service"),
    ("feature", "VIEW[:NAME]", True, "only this view or feature"),
    ("exclude", "VIEW[:NAME]", True, "without this view or feature"),
    ("sample", "N", False, "entity rows drawn per view"),
    ("entities", "FILE", False, "use the entity rows of this file"),
    ("as-of", "TIME", False, "latest, materialized, now, or ISO-8601"),
    ("seed", "N", False, "seed of the sample and of generated rows"),
    ("max-skew-rate", "R", False, "budget for features whose contract sets none"),
    ("baseline", "RUN", False, "fail only on skew that this earlier run had not"),
    ("allow", "CAUSE[=RATE]", True, "let a cause be, up to a rate"),
    ("strict", None, False, "warnings fail"),
    ("db", "FILE", False, "the ledger"),
)
LAW_OPTIONS = (
    ("law", "NAME", True, "only this law of the transforms"),
    ("examples", "N", False, "inputs that each law is tried on"),
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--skewguard REPO`, the options of the check, and the same as a line of pytest's own configuration."""
    group = parser.getgroup("skewguard", "offline against online values of a Feast repo")
    group.addoption(
        "--skewguard", metavar="REPO", help="one test per feature of this Feast repo and per (transform, law)"
    )
    for name, metavar, repeated, text in (*CHECK_OPTIONS, *LAW_OPTIONS):
        how: dict[str, Any] = {"action": "append" if repeated else "store", "metavar": metavar}
        if metavar is None:
            how = {"action": "store_const", "const": True}
        group.addoption(f"--skewguard-{name}", dest=destination(name), help=f"{text} (with --skewguard)", **how)
    parser.addini("skewguard", "the Feast repo of --skewguard, for runs that do not name single tests", default="")


def destination(name: str) -> str:
    """Where pytest keeps the value of `--skewguard-NAME`."""
    return f"skewguard_{name.replace('-', '_')}"


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker; and the rest of the plugin where a repo was named."""
    config.addinivalue_line("markers", f"{MARK}: a feature, or a law of a transform, that `--skewguard` tests")
    if not config.getoption("--skewguard") and not config.getini("skewguard"):
        unused = [name for name, *_ in (*CHECK_OPTIONS, *LAW_OPTIONS) if config.getoption(destination(name))]
        if unused:
            raise pytest.UsageError(f"--skewguard-{unused[0]} needs --skewguard REPO.")
        return
    from skewguard.pytest_plugin.collecting import activate

    activate(config)


@pytest.fixture(scope="session")
def skewguard_check(
    pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., CheckResult]:
    """`skewguard.check`, the same call; without a repo, that of `--skewguard`; without `db`, a ledger of this session.

    Its own ledger, because processes that test side by side (`-n`) cannot write to one file.
    """
    ledger = tmp_path_factory.mktemp("skewguard") / "skewguard.duckdb"

    def check(repo: str | Path | None = None, **options: Any) -> CheckResult:
        from skewguard.api import check as run

        if repo is None and (pytestconfig.getoption("--skewguard") or pytestconfig.getini("skewguard")):
            from skewguard.pytest_plugin.asked import repo_of

            repo = repo_of(pytestconfig)
        return run(repo, **{"db": ledger, **options})

    return check
