"""The event tables of the demo's copy: cut to a moment, as they were then, and grown again as time goes on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

# When each table's rows became known.
KNOWN: Mapping[str, str] = {
    "departures": "known_at",
    "arrivals": "known_at",
    "weather": "known_at",
    "hourly_runs": "run_at",
}
# Two months are enough for windows of a week, and a quarter of the work of a year.
OPENS = datetime(2013, 11, 1, tzinfo=UTC)
BEGIN = datetime(2013, 1, 1, tzinfo=UTC)  # of the first window: the registry of aircraft is that old
# Noon and midnight in New York. At noon no feature is null everywhere, which a check would warn of.
NOON = datetime(2013, 12, 30, 17, tzinfo=UTC)
NEW_YEAR = datetime(2014, 1, 1, 5, tzinfo=UTC)
# Newark's reports from noon on are delivered when the windows that hold them are long closed.
LATE = "EWR"
DELIVERED = datetime(2014, 1, 1, 11, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Events:
    """The whole tables, and the folder in which the copy's stand."""

    folder: Path
    whole: Mapping[str, pa.Table]

    @classmethod
    def read(cls, folder: Path) -> Events:
        """As they were copied, from OPENS on."""
        tables = {name: pq.read_table(folder / f"{name}.parquet") for name in KNOWN}
        recent = {name: pc.greater(rows[KNOWN[name]], _instant(OPENS)) for name, rows in tables.items()}
        return cls(folder=folder, whole={name: rows.filter(recent[name]) for name, rows in tables.items()})

    def as_known(self, moment: datetime) -> None:
        """The files as they are at `moment`; of New Year's, without the late reports."""
        for name, known in KNOWN.items():
            rows = self.whole[name]
            rows = rows.filter(pc.less_equal(rows[known], _instant(moment)))
            self._write(name, rows.filter(pc.invert(_late(rows))) if name == "weather" else rows)

    def deliver_late_reports(self) -> None:
        """Adds the late reports to the weather, known when they are delivered."""
        weather = self.whole["weather"]
        late = weather.filter(_late(weather))
        known = late.schema.get_field_index("known_at")
        delivered = pa.array([DELIVERED] * late.num_rows, late.schema.field(known).type)
        file = pq.read_table(self.folder / "weather.parquet")
        self._write("weather", pa.concat_tables([file, late.set_column(known, late.schema.field(known), delivered)]))

    def _write(self, name: str, rows: pa.Table) -> None:
        pq.write_table(rows, self.folder / f"{name}.parquet", compression="zstd")


def _late(weather: pa.Table) -> pa.ChunkedArray:
    return pc.and_(pc.equal(weather["origin"], LATE), pc.greater(weather["happened_at"], _instant(NOON)))


def _instant(moment: datetime) -> pa.Scalar:
    return pa.scalar(moment, pa.timestamp("us", tz="UTC"))
