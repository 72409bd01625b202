"""Make the benchmark sources: one Parquet file of 20 features of mixed types, entities x events per entity.

    python benchmarks/make_tables.py FOLDER [1m 10m ...]

Rows lie in time order, every entity once per step: the order of an event log, and the worst for skipping by key.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

SIZES = {  # entities, events of each
    "tiny": (10, 100),
    "1m": (10_000, 100),
    "wide": (100_000, 10),
    "10m": (100_000, 100),
    "100m": (1_000_000, 100),
}
START_US = 1_704_067_200_000_000  # 2024-01-01T00:00:00Z
STEP_US = 3_600_000_000


def features(rows: int, events: int, rng: np.random.Generator) -> dict[str, pa.Array]:
    """Twenty feature columns; a twentieth of one of each type is null."""
    columns: dict[str, pa.Array] = {}
    holes = rng.random(rows) < 0.05
    for number in range(6):
        columns[f"f32_{number}"] = pa.array(rng.random(rows, dtype=np.float32), mask=holes if number == 0 else None)
    for number in range(5):
        columns[f"f64_{number}"] = pa.array(rng.normal(0, 1000, rows), mask=holes if number == 0 else None)
    for number in range(4):
        columns[f"i64_{number}"] = pa.array(rng.integers(-(10**9), 10**9, rows), mask=holes if number == 0 else None)
    for number in range(2):
        columns[f"flag_{number}"] = pa.array(rng.random(rows) < 0.3)
    words = pa.array([f"category {word:04d}" for word in range(1000)])
    columns["text"] = words.take(pa.array(rng.integers(0, 1000, rows)))
    seen = START_US + rng.integers(0, events * STEP_US, rows)
    columns["seen_at"] = pa.array(seen, pa.timestamp("us", "UTC"))
    flat = pa.array(rng.random(rows * 32, dtype=np.float32))
    columns["embedding"] = pa.ListArray.from_arrays(pa.array(np.arange(rows + 1, dtype=np.int32) * 32), flat)
    return columns


def make(path: Path, entities: int, events: int, *, seed: int = 0) -> None:
    """Write one source of `entities` x `events` rows."""
    rng = np.random.default_rng(seed)
    keys = rng.permutation(entities).astype(np.int64) + 1
    writer: pq.ParquetWriter | None = None
    for step in range(events):
        stamps = np.full(entities, START_US + step * STEP_US) + rng.integers(0, STEP_US, entities)
        times = pa.array(stamps, pa.timestamp("us", "UTC"))
        created = pa.array(stamps + 60_000_000, pa.timestamp("us", "UTC"))
        batch = pa.table(
            {
                "entity_id": pa.array(keys),
                "event_timestamp": times,
                "created": created,
                **features(entities, events, rng),
            }
        )
        writer = writer or pq.ParquetWriter(path, batch.schema)
        writer.write_table(batch)
    if writer is not None:
        writer.close()


def main() -> None:
    """Make the named tables that are not there yet."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("names", nargs="*", default=["tiny", "1m"], help=", ".join(SIZES))
    chosen = parser.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    for name in chosen.names:
        path = chosen.folder / f"source_{name}.parquet"
        if not path.exists():
            make(path, *SIZES[name])
        print(path)


if __name__ == "__main__":
    main()
