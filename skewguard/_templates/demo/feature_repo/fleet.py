"""What the demo adds to the flights example: the size of an aircraft, standardised by the job that makes the table."""

from pathlib import Path

from feast import Entity, FeatureView, Field, FileSource, ValueType
from feast.types import Float64, String

DATA = Path(__file__).resolve().parent / "data"

tailnum = Entity(name="tailnum", value_type=ValueType.STRING, description="The aircraft's registration")

plane_size_view = FeatureView(
    name="plane_size",
    source=FileSource(name="plane_sizes", path=str(DATA / "plane_sizes.parquet"), timestamp_field="listed_at"),
    entities=[tailnum],
    schema=[Field(name="tailnum", dtype=String), Field(name="size_score", dtype=Float64)],
    owner="fleet",
)
