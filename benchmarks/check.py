"""A check against the least that DuckDB must read for it, against its own sample size, and against plain Feast calls.

    python benchmarks/check.py [--rows 1m|10m] [--stores duckdb dask] [--plain STORE]   a sample of 1,000
    python benchmarks/check.py --scaling       samples of 1,000 to 100,000, and plain Feast on the same 100,000 rows
    python benchmarks/check.py --live          100,000 rows, live, and plain Feast's two reads of the same

Sources are those of make_tables.py: 20 features of mixed types. Every contestant is a process of its own, in turns, so
that a busy machine slows all alike; times are of whole processes, imports included, but for the scan, which is timed
inside its process. The median by the clock decides; time of processor is what to trust where the machine is shared.

`scan` reads every value of the columns that the check needs. Plain Feast is what a user would write: for the
sandbox `materialize` into an empty SQLite store, then both reads; live the two reads alone:
`get_historical_features(...).to_df()` and `get_online_features(...).to_df()`, for the same entity rows.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from make_tables import SIZES, START_US, STEP_US, make

SAMPLE = 1_000
SAMPLES = (1_000, 10_000, 100_000)
MOST_SCANS, MOST_MB, MOST_WIDE_MB, MOST_OF_FEAST, LEAST_FASTER = 3.0, 1_500, 3_000, 1.2, 20
YAML = """project: bench
provider: local
registry: registry.db
offline_store: {{type: {store}}}
online_store: {{type: sqlite, path: online.db}}
entity_key_serialization_version: 3
"""
FEATURES = '''
from datetime import timedelta

from feast import Entity, FeatureView, Field, FileSource, ValueType
from feast.types import Array, Bool, Float32, Float64, Int64, String, UnixTimestamp

entity = Entity(name="entity", join_keys=["entity_id"], value_type=ValueType.INT64)
events = FileSource(path={path!r}, timestamp_field="event_timestamp", created_timestamp_column="created")
types = {{f"f32_{{i}}": Float32 for i in range(6)}} | {{f"f64_{{i}}": Float64 for i in range(5)}}
types |= {{f"i64_{{i}}": Int64 for i in range(4)}} | {{"flag_0": Bool, "flag_1": Bool, "text": String}}
types |= {{"seen_at": UnixTimestamp, "embedding": Array(Float32)}}
view = FeatureView(
    name="view", entities=[entity], ttl=timedelta(0), source=events,
    schema=[Field(name=name, dtype=dtype) for name, dtype in types.items()],
)
'''  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What one process took; `parts` are seconds that it told of itself."""

    seconds: float
    processor: float
    megabytes: float
    parts: dict[str, float] = field(default_factory=dict)


def measured(arguments: list[str], folder: Path) -> Cost:
    """Run one process in `folder`; it may have been told to say its parts, as JSON, in its last line."""
    root = str(Path(__file__).parents[1])
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))}
    began = time.perf_counter()
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen([sys.executable, *arguments], cwd=folder, env=environment, stdout=said, stderr=said)
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
        said.seek(0)
        text = said.read().strip()
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{arguments} ended with {process.returncode}:\n{text[-3000:]}")
    last = text.splitlines()[-1] if text else ""
    parts = json.loads(last) if last.startswith("{") else {}
    return Cost(seconds=seconds, processor=used.ru_utime + used.ru_stime, megabytes=used.ru_maxrss / 1024, parts=parts)


def middle(costs: Iterable[Cost]) -> Cost:
    """The run whose clock is the median."""
    ordered = sorted(costs, key=lambda cost: cost.seconds)
    return ordered[(len(ordered) - 1) // 2]


def repo(folder: Path, source: str, store: str) -> Path:
    """A Feast repo over a source of make_tables.py, which is made where it is not there yet."""
    path = folder / f"source_{source}.parquet"
    if not path.exists():
        make(path, *SIZES[source])
    place = folder / f"repo_{source}_{store}"
    place.mkdir(exist_ok=True)
    (place / "feature_store.yaml").write_text(YAML.format(store=store))
    (place / "features.py").write_text(FEATURES.format(path=str(path)))
    return place


def check(place: Path, sample: int, *more: str) -> Cost:
    """The whole command, into a ledger that is not there yet."""
    (place / "skewguard.duckdb").unlink(missing_ok=True)
    return measured(["-m", "skewguard", "check", "--sample", str(sample), *more], place)


def scan(place: Path, source: str) -> Cost:
    """Its time is that of the query."""
    cost = measured([__file__, "--alone", "scan", str(place.parent / f"source_{source}.parquet")], place)
    return Cost(seconds=cost.parts["seconds"], processor=cost.parts["processor"], megabytes=cost.megabytes)


def plain(place: Path, source: str, sample: int, *, live: bool = False) -> Cost:
    """Plain Feast: materialization unless `live`, and both reads."""
    entities, events = SIZES[source]
    asked = ["--alone", "plain", str(min(sample, entities)), str(START_US + events * STEP_US), "live" if live else ""]
    if not live:
        for name in ("registry.db", "online.db"):
            (place / name).unlink(missing_ok=True)
    return measured([__file__, *asked], place)


def alone_scan(path: str) -> None:
    """Read every column of a file."""
    import duckdb

    with duckdb.connect() as connection:
        began, worked = time.perf_counter(), time.process_time()
        connection.execute("select any_value(columns(*)) from read_parquet(?)", [path]).fetchall()
        print(json.dumps({"seconds": time.perf_counter() - began, "processor": time.process_time() - worked}))


def alone_plain(rows: int, until_us: int, *, live: bool) -> None:
    """What a user would write to see both values of some entity rows."""
    began = time.perf_counter()
    parts: dict[str, float] = {}

    def lap(name: str) -> None:
        parts[name] = time.perf_counter() - began - sum(parts.values())

    import pandas as pd
    from feast import FeatureStore

    store, until = FeatureStore("."), pd.Timestamp(until_us, unit="us", tz="UTC")
    lap("import")
    if not live:
        prepare(store, until)
        lap("materialize")
    view = store.get_feature_view("view")
    features = [f"view:{each.name}" for each in view.features]
    keys = range(1, rows + 1)
    frame = pd.DataFrame({"entity_id": keys, "event_timestamp": until})
    offline = store.get_historical_features(entity_df=frame, features=features).to_df()
    lap("historical")
    online = store.get_online_features(features=features, entity_rows=[{"entity_id": key} for key in keys]).to_df()
    lap("online")
    assert len(offline) == len(online) == rows
    print(json.dumps(parts))


def prepare(store: object, until: object) -> None:
    """`feast apply` and `feast materialize`, for the repo of the working directory."""
    from datetime import UTC, datetime
    from importlib import import_module

    sys.path.insert(0, ".")
    features = import_module("features")
    store.apply([features.entity, features.view])  # type: ignore[attr-defined]
    store.materialize(datetime(2023, 1, 1, tzinfo=UTC), until.to_pydatetime())  # type: ignore[attr-defined]


def show(name: str, cost: Cost, remark: str = "") -> None:
    """One line."""
    parts = ", ".join(f"{part} {seconds:.1f}" for part, seconds in cost.parts.items())
    numbers = f"{cost.seconds:8.2f} s {cost.processor:8.2f} s of processor {cost.megabytes:7,.0f} MB"
    print(f"{name:<34}{numbers}  {remark}{f'  ({parts})' if parts else ''}", flush=True)


def told(what: str, value: float) -> None:
    """A figure that has no target."""
    print(f"         {what}: {value:.2f}")


def judged(what: str, value: float, bound: float, *, least: bool = False) -> bool:
    """Whether a target is met, and a line that says so."""
    met = value >= bound if least else value <= bound
    print(f"  {'met' if met else 'MISSED':<7}{what}: {value:.2f} (target: at {'least' if least else 'most'} {bound:g})")
    return met


def fixed_sample(folder: Path, source: str, stores: list[str], rounds: int, plain_store: str | None) -> list[bool]:
    """A sample of 1,000 of a large source, against a scan of it and the same check of a tiny one."""
    met = []
    for store in stores:
        tiny, large = repo(folder, "tiny", store), repo(folder, source, store)
        taken = [(scan(large, source), check(tiny, SAMPLE), check(large, SAMPLE)) for _ in range(rounds)]
        scanned, small, checked = (middle(costs) for costs in zip(*taken, strict=True))
        show(f"scan of {source}", scanned)
        show(f"check of tiny, {store}", small)
        show(f"check of {source}, {store}", checked)
        extra = (checked.seconds - small.seconds) / scanned.seconds
        worked = (checked.processor - small.processor) / scanned.processor
        if source == "10m":
            met.append(judged("scans, beside a check of tiny", extra, MOST_SCANS))
        else:  # most of this is for the rows of the sample, which are as many in a large source
            told("scans, beside a check of tiny", extra)
        told("the same in time of processor", worked)
        met.append(judged("megabytes", checked.megabytes, MOST_MB))
        if plain_store == store:
            feast = plain(large, source, SAMPLE)
            show(f"plain Feast on {source}, {store}", feast)
            told("scans, beside a check of tiny", (feast.seconds - small.seconds) / scanned.seconds)
            times = feast.seconds / checked.seconds
            if (source, store) == ("1m", "dask"):
                met.append(judged("times faster than plain Feast", times, LEAST_FASTER, least=True))
            else:
                told("times faster than plain Feast", times)
    return met


def scaling(folder: Path, rounds: int) -> list[bool]:
    """Growing samples of one source, and the largest against Feast's materialization and reads."""
    place = repo(folder, "wide", "duckdb")
    taken = [[check(place, sample) for sample in SAMPLES] for _ in range(rounds)]
    first, second, third = (middle(costs) for costs in zip(*taken, strict=True))
    for sample, cost in zip(SAMPLES, (first, second, third), strict=True):
        show(f"sandbox, {sample:,} rows", cost)
    steps = (SAMPLES[2] - SAMPLES[1]) / (SAMPLES[1] - SAMPLES[0])
    growth = (third.seconds - second.seconds) / (second.seconds - first.seconds)
    met = [judged(f"growth of time where the sample's growth is {steps:g}", growth, steps)]
    feast = plain(place, "wide", SAMPLES[-1])
    show("plain Feast, 100,000 rows", feast)
    met.append(judged("times what plain Feast takes", third.seconds / feast.seconds, MOST_OF_FEAST))
    told("the same in time of processor", third.processor / feast.processor)
    return [*met, judged("megabytes", third.megabytes, MOST_WIDE_MB)]


def live(folder: Path, rounds: int) -> list[bool]:
    """A live check of 100,000 rows against the two reads alone."""
    place = repo(folder, "wide", "duckdb")
    prepared = plain(place, "wide", 1)
    show("apply and materialize", prepared)
    taken = [(plain(place, "wide", SAMPLES[-1], live=True), check(place, SAMPLES[-1], "--live")) for _ in range(rounds)]
    feast, checked = (middle(costs) for costs in zip(*taken, strict=True))
    show("plain Feast, two reads", feast)
    show("live check", checked)
    met = judged("times what plain Feast takes", checked.seconds / feast.seconds, 1)
    told("the same in time of processor", checked.processor / feast.processor)
    return [met]


def main() -> int:
    """Fails where a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", default="1m", choices=["1m", "10m"])
    parser.add_argument("--stores", nargs="+", default=["duckdb", "dask"])
    parser.add_argument("--plain", metavar="STORE", help="also time plain Feast with this offline store")
    parser.add_argument("--scaling", action="store_true")
    parser.add_argument("--live", action="store_true")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="where sources are kept; by default a folder that is removed")
    parser.add_argument("--alone", nargs="+", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.alone:
        name, *given = asked.alone
        if name == "scan":
            alone_scan(given[0])
        else:
            alone_plain(int(given[0]), int(given[1]), live=given[2] == "live")
        return 0
    folder = asked.folder or Path(tempfile.mkdtemp(prefix="skewguard-benchmark-"))
    folder.mkdir(parents=True, exist_ok=True)
    try:
        if asked.scaling:
            met = scaling(folder, asked.rounds)
        elif asked.live:
            met = live(folder, asked.rounds)
        else:
            met = fixed_sample(folder, asked.rows, asked.stores, asked.rounds, asked.plain)
    finally:
        if asked.folder is None:
            shutil.rmtree(folder)
    print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}")
    return int(not all(met))


if __name__ == "__main__":
    sys.exit(main())
