"""Makes feature_repo/data/orders.parquet: 2,000 orders of 200 customers in the first half of 2025, by a seed."""

import random
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

START, MINUTES = datetime(2025, 1, 1, tzinfo=UTC), 180 * 24 * 60
MICROSECONDS = pa.timestamp("us", tz="UTC")


def main(path: Path) -> None:
    """An order becomes known some minutes after it was made."""
    chance = random.Random(1)
    orders = []
    for _ in range(2_000):
        ordered = START + timedelta(minutes=chance.randrange(MINUTES))
        known = ordered + timedelta(minutes=chance.randrange(1, 20))
        cents = int(chance.lognormvariate(8, 0.7))
        orders.append((ordered, known, chance.randrange(1, 201), cents))
    ordered, known, customers, cents = zip(*sorted(orders), strict=True)
    table = pa.table(
        {
            "ordered_at": pa.array(ordered, MICROSECONDS),
            "known_at": pa.array(known, MICROSECONDS),
            "customer_id": pa.array(customers, pa.int64()),
            "cents": pa.array(cents, pa.int64()),
        }
    )
    pq.write_table(table, path, compression="zstd")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[1] / "feature_repo/data/orders.parquet")
