"""The serving side of `plane_size`, by another team: writes seats to the online store, and forgets to standardise."""

from pathlib import Path

import pandas as pd
from feast import FeatureStore

REPO = Path(__file__).resolve().parents[1] / "feature_repo"

planes = pd.read_parquet(REPO / "data" / "planes.parquet", columns=["tailnum", "listed_at", "seats"])
planes["size_score"] = planes.pop("seats").astype("float64")
FeatureStore(str(REPO)).write_to_online_store("plane_size", planes)
