"""The catalogue as a Feast repo of its own: laid out with its data, its labels read, held against what parity says."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

HERE = Path(__file__).parent
START = datetime(2024, 3, 1, 12, tzinfo=UTC)
CUSTOMERS = 60
CITIES = ("a", "b", "B", "New York", "42", " x ")


def lay_out(folder: Path) -> Path:
    """A copy of the catalogue in `folder`, with data; the repo in it."""
    shutil.copytree(HERE, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__", "catalogue.py"))
    repo = folder / "repo"
    _facts(repo)
    return repo


def _facts(repo: Path) -> None:
    numbers = range(CUSTOMERS)
    at = [START + timedelta(hours=each) for each in numbers]
    moments = [None if each % 7 == 0 else START - timedelta(hours=each * 5) for each in numbers]
    columns: dict[str, tuple[list[Any], pa.DataType]] = {
        "customer": (list(numbers), pa.int64()),
        "at": (at, pa.timestamp("us", tz="UTC")),
        "amount": ([None if each % 5 == 0 else each * 1.5 for each in numbers], pa.float64()),
        "visits": ([None if each % 6 == 0 else each % 4 for each in numbers], pa.int64()),
        "price": ([None if each % 8 == 0 else each / 10 for each in numbers], pa.float32()),
        "city": ([None if each % 9 == 0 else CITIES[each % len(CITIES)] for each in numbers], pa.string()),
        "flag": ([None if each % 4 == 0 else each % 3 == 0 for each in numbers], pa.bool_()),
        "seen": (moments, pa.timestamp("us", tz="UTC")),
        "labels": ([["x", "y", "z"][: each % 4] for each in numbers], pa.list_(pa.string())),
    }
    pq.write_table(pa.table({name: pa.array(*each) for name, each in columns.items()}), repo / "facts.parquet")
    naive = [None if each is None else each.replace(tzinfo=None) for each in moments]
    logged = {"customer": pa.array(numbers, pa.int64()), "at": pa.array(at, pa.timestamp("us", tz="UTC"))}
    logged["noted"] = pa.array(naive, pa.timestamp("us"))
    pq.write_table(pa.table(logged), repo / "logged.parquet")
