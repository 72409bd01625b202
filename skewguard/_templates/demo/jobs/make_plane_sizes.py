"""The training side of `plane_size`: seats, standardised over the fleet, as the table that Feast reads."""

from pathlib import Path

import pandas as pd

DATA = Path(__file__).resolve().parents[1] / "feature_repo" / "data"

planes = pd.read_parquet(DATA / "planes.parquet", columns=["tailnum", "listed_at", "seats"])
planes["size_score"] = (planes["seats"] - planes["seats"].mean()) / planes["seats"].std()
planes.drop(columns="seats").to_parquet(DATA / "plane_sizes.parquet", index=False)
