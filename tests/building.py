"""Builds small real Feast repos for tests, plays production with them, and runs skewguard on them."""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
import textwrap
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from feasting import feast

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)

HEADER = """
from datetime import timedelta
import pandas as pd
from feast import Entity, FeatureService, FeatureView, Field, FileSource, PushSource, RequestSource, ValueType
from feast.on_demand_feature_view import on_demand_feature_view
from feast.types import *
"""


def hours(count: float) -> timedelta:
    """So many hours, for event times relative to NOON."""
    return timedelta(hours=count)


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What one run of the command line gave."""

    exit_code: int
    stdout: str
    stderr: str
    result: dict[str, Any] = field(default_factory=dict)
    ledger: Path | None = None

    def feature(self, ref: str) -> dict[str, Any]:
        """The entry of `features` for one reference."""
        return next(each for each in self.result["features"] if each["feature"] == ref)

    def counts(self, ref: str) -> dict[str, int]:
        """The counts of one feature that are not zero."""
        names = "requested compared matched mismatched missing_online missing_offline serving_errors wrong_on_both"
        entry = self.feature(ref)
        return {name: entry[name] for name in [*names.split(), "not_compared", "skewed"] if entry[name]}


@dataclass(frozen=True, kw_only=True)
class Project:
    """A Feast repo in a folder of its own."""

    folder: Path
    offline: str = "duckdb"
    online: str = "type: sqlite\n    path: online.db"

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "feature_store.yaml").write_text(
            "project: shop\nprovider: local\nregistry: registry.db\nentity_key_serialization_version: 3\n"
            f"offline_store:\n    type: {self.offline}\nonline_store:\n    {self.online}\n"
        )

    def source(self, name: str, columns: dict[str, Any], **types: pa.DataType) -> Path:
        """Write `name`.parquet from columns; `types` overrides Arrow's own choice; times become microseconds, UTC."""
        path = self.folder / f"{name}.parquet"
        arrays = {
            column: pa.array(values, type=types.get(column) or _time_type(values)) for column, values in columns.items()
        }
        pq.write_table(pa.table(arrays), path)
        return path

    def define(self, code: str, name: str = "definitions.py") -> None:
        """Write the repo's Python; `HERE` in it is the repo's folder."""
        (self.folder / name).write_text(f"{HEADER}\nHERE = {str(self.folder)!r}\n{textwrap.dedent(code)}")

    def feast(self, *words: str, fresh: bool = False) -> str:
        """Run Feast's own command line in the repo, in this process or a `fresh` one."""
        return feast(self.folder, *words, fresh=fresh)

    def apply(self) -> Any:
        """What `feast apply` does, without its second import of Feast; the FeatureStore, for playing production."""
        from feast import Entity, FeatureService, FeatureStore, FeatureView, OnDemandFeatureView
        from feast.data_source import DataSource

        space: dict[str, Any] = {"__name__": "definitions"}
        path = self.folder / "definitions.py"
        exec(compile(path.read_text(), path, "exec"), space)
        kinds = Entity | FeatureView | OnDemandFeatureView | FeatureService | DataSource
        with contextlib.chdir(self.folder):
            store = FeatureStore(repo_path=str(self.folder))
            store.apply([each for each in space.values() if isinstance(each, kinds)])
        return store

    def materialize(self, start: datetime, end: datetime, *words: str, fresh: bool = False) -> None:
        """`feast materialize START END`."""
        self.feast("materialize", f"{start:%Y-%m-%dT%H:%M:%S}", f"{end:%Y-%m-%dT%H:%M:%S}", *words, fresh=fresh)

    def check(self, *words: str, fresh: bool = False) -> Checked:
        """`skewguard check` of this repo, its JSON read back."""
        written = self.folder / "result.json"
        written.unlink(missing_ok=True)
        ran = run("check", str(self.folder), "--json", str(written), *words, cwd=self.folder, fresh=fresh)
        if not written.exists():
            return ran
        result = json.loads(written.read_text())
        place = self.folder / "skewguard.duckdb"
        return Checked(exit_code=ran.exit_code, stdout=ran.stdout, stderr=ran.stderr, result=result, ledger=place)

    def rows(self, query: str) -> list[dict[str, Any]]:
        """What `query` finds in the ledger of this repo's checks."""
        from skewguard.ledger import query as ask

        found: list[dict[str, Any]] = ask(self.folder / "skewguard.duckdb", query).to_pylist()
        return found


def run(*words: str, cwd: Path, env: dict[str, str] | None = None, fresh: bool = False) -> Checked:
    """`skewguard WORDS` with no terminal: in this process, which saves Feast's import, or `fresh` in one of its own."""
    if fresh or env:
        command = [sys.executable, "-m", "skewguard", *words]
        ran = subprocess.run(
            command, cwd=cwd, env={**os.environ, **(env or {})}, stdin=subprocess.DEVNULL, capture_output=True,
            text=True, timeout=400, check=False,
        )  # fmt: skip
        return Checked(exit_code=ran.returncode, stdout=ran.stdout, stderr=ran.stderr)
    from skewguard.cli.edge import outcome

    stdout, stderr = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
    with contextlib.chdir(cwd), contextlib.redirect_stdout(stdout), contextlib.redirect_stderr(stderr):
        code = outcome(list(words))
    said, warned = (stream.buffer.getvalue().decode() for stream in (stdout, stderr))
    return Checked(exit_code=code, stdout=said, stderr=warned)


def _time_type(values: Any) -> pa.DataType | None:
    first = next((value for value in values if value is not None), None)
    return pa.timestamp("us", tz="UTC") if isinstance(first, (datetime, pd.Timestamp)) else None
