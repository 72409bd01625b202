"""Each form of a report of 1,000 features and 100,000 differing cells, against the check that found them.

    python benchmarks/report.py [--features 1000] [--folder DIR]

A repo of views of 50 Float64 features over 1,000 entities; in every second view the newest events of a fifth of the
entities are older than its TTL, so that each of its features differs in 200 rows. Times are of this process, after
imports: the check as `skewguard check` runs it, then each form as `skewguard report` makes it, reading the ledger
included. Processor time is printed beside the clock's: it is what to trust where the machine is shared.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import random
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from skewguard import ledger
from skewguard.cli.edge import outcome
from skewguard.cli.forms import FORMS

OF_A_VIEW, ENTITIES = 50, 1000
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MOST_OF_CHECK = 0.1
STORE = """project: wide
provider: local
registry: registry.db
entity_key_serialization_version: 3
offline_store:
    type: duckdb
online_store:
    type: sqlite
    path: online.db
"""
DEFINITIONS = """
from datetime import timedelta
from feast import Entity, FeatureView, Field, FileSource, ValueType
from feast.types import Float64

key = Entity(name="key", join_keys=["key"], value_type=ValueType.INT64)
for at in range({views}):
    globals()[f"view_{{at}}"] = FeatureView(
        name=f"view_{{at}}", entities=[key], ttl=timedelta(hours=2 if at % 2 else 96),
        schema=[Field(name=f"f{{each}}", dtype=Float64) for each in range({of_a_view})],
        source=FileSource(path={folder!r} + f"/view_{{at}}.parquet", timestamp_field="at"),
    )
"""


def make(folder: Path, views: int) -> None:
    drawn = random.Random(0)
    (folder / "feature_store.yaml").write_text(STORE)
    (folder / "definitions.py").write_text(DEFINITIONS.format(views=views, of_a_view=OF_A_VIEW, folder=str(folder)))
    at = [NOON - timedelta(hours=5 if key % 5 == 0 else 1 - key % 2) for key in range(ENTITIES)]
    for view in range(views):
        columns = {f"f{each}": [drawn.gauss(0, 1) for _ in at] for each in range(OF_A_VIEW)}
        keys = pa.array(range(ENTITIES), pa.int64())
        pq.write_table(pa.table({"key": keys, "at": at, **columns}), folder / f"view_{view}.parquet")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--features", type=int, default=1000)
    parser.add_argument("--folder", type=Path)
    asked = parser.parse_args()
    folder = asked.folder or Path(tempfile.mkdtemp(prefix="report-"))
    folder.mkdir(parents=True, exist_ok=True)
    make(folder, asked.features // OF_A_VIEW)
    db = folder / "skewguard.duckdb"
    outcome(["--version"])
    began = time.perf_counter(), time.process_time()
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        code = outcome(["check", str(folder), "--db", str(db), "-q"])
    check = time.perf_counter() - began[0], time.process_time() - began[1]
    cells = ledger.query(db, "select count(*) as cells from latest_diffs").to_pylist()[0]["cells"]
    print(f"check of {asked.features:,} features, exit code {code}, {cells:,} differing cells: "
          f"{check[0]:.1f} s, processor {check[1]:.1f} s")  # fmt: skip
    for name, form in FORMS.items():
        began = time.perf_counter(), time.process_time()
        with ledger.open_ledger(db) as connection:
            stored = ledger.read_outcome(connection, "latest", ledger=db)
        said = form.render(stored, db)
        took = time.perf_counter() - began[0], time.process_time() - began[1]
        share = took[1] / check[1]
        verdict = "ok" if share <= MOST_OF_CHECK else "TOO SLOW"
        size = len(said.encode("utf-8", "backslashreplace")) / 1e6
        print(
            f"  {name:9} {took[0]:6.2f} s, processor {took[1]:5.2f} s, {share:.3f} of the check, "
            f"{size:.2f} MB  {verdict}"
        )


if __name__ == "__main__":
    main()
