"""The catalogue as a Feast repo of its own: laid out with its data, its labels read, held against what parity says."""

from __future__ import annotations

import ast
import shutil
from collections.abc import Iterable, Iterator
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


# What each part is made of; all of them read repo/facts.py.
PARTS = {
    "requests": ("bad/requests.py", "good/requests.py", "repo/bind_requests.py"),
    "views": ("repo/bad_views.py", "repo/good_views.py"),
    "histories": ("bad/histories.py", "good/histories.py", "repo/bind_histories.py"),
    "batches": ("repo/bad_batches.py", "repo/good_batches.py"),
}


def lay_out(folder: Path, part: str | None = None) -> Path:
    """A copy of the catalogue in `folder`, or of one part of it, with data; the repo in it."""
    shutil.copytree(HERE, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__", "catalogue.py"))
    for name, files in PARTS.items():
        for file in files if part not in (None, name) else ():
            (folder / file).unlink()
    repo = folder / "repo"
    _facts(repo)
    _trips(repo)
    return repo


def _trips(repo: Path) -> None:
    """Trips of four drivers over ten weeks, some of them at one time."""
    numbers = range(160)
    columns = {
        "driver": pa.array([each % 4 for each in numbers], pa.int64()),
        "ended": pa.array(
            [START + timedelta(hours=(each * 11) // 2) for each in numbers], pa.timestamp("us", tz="UTC")
        ),
        "fare": pa.array([None if each % 9 == 0 else each * 37 % 50 / 2 for each in numbers], pa.float64()),
        "km": pa.array([float(each * 17 % 23) for each in numbers], pa.float64()),
        "city": pa.array([CITIES[each % len(CITIES)] for each in numbers], pa.string()),
    }
    pq.write_table(pa.table(columns), repo / "trips.parquet")


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


def labels(part: str | None = None) -> dict[str, frozenset[str]]:
    """The laws that each transform of the catalogue, or of one part, breaks, by the name that parity gives it."""
    found: dict[str, frozenset[str]] = {}
    for file in [HERE / name for each in PARTS if part in (None, each) for name in PARTS[each]]:
        place = "" if file.parent.name == "repo" else f"{file.parent.name}.{file.stem}."
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                found |= {f"{place}{node.name}": laws for laws in _labelled(node)}
    return found


def _labelled(function: ast.FunctionDef) -> Iterator[frozenset[str]]:
    for each in function.decorator_list:
        if not (isinstance(each, ast.Call) and isinstance(each.func, ast.Name)):
            continue
        if each.func.id == "breaks":
            yield frozenset(ast.literal_eval(word) for word in each.args)
        if each.func.id in ("view", "batch_view"):
            said = next((ast.literal_eval(word.value) for word in each.keywords if word.arg == "breaks"), "")
            yield frozenset(said.split(",")) - {""}


def chosen(part: str) -> dict[str, frozenset[str]]:
    """Of one part, a transform for each set of laws that is broken there, and every fourth of the sound ones."""
    every = labels(part)
    first = {laws: name for name, laws in reversed(every.items()) if laws}
    sound = [name for name, laws in every.items() if not laws][::4]
    return {name: laws for name, laws in every.items() if first.get(laws) == name or name in sound}


@dataclass(frozen=True, kw_only=True)
class Held:
    """What one run of parity came to, held against the labels. `missed` and `alarms` are (transform, law)."""

    bad: int
    good: int
    labelled: int
    missed: tuple[tuple[str, str], ...]
    alarms: tuple[tuple[str, str], ...]
    untested: tuple[str, ...]
    told: dict[tuple[str, str], str]

    @property
    def exact(self) -> bool:
        """Whether every transform broke its laws and no other."""
        return not (self.missed or self.alarms or self.untested)

    @property
    def detected(self) -> float:
        """The share of the broken laws that were found."""
        return 1 - len(self.missed) / self.labelled

    def lines(self) -> list[str]:
        """What is not as it should be."""
        said = [f"not tested: {name}" for name in self.untested]
        said += [f"missed: {name} breaks {law}: {self.told[name, law]}" for name, law in self.missed]
        return said + [f"false alarm: {name} keeps {law}: {self.told[name, law]}" for name, law in self.alarms]


def held(results: Iterable[Any], wanted: dict[str, frozenset[str]]) -> Held:
    """Hold the law results of a run against the labels of the transforms `wanted`."""
    verdicts, told = {}, {}
    for each in results:
        key = (each.transform, str(each.law))
        verdicts[key], told[key] = str(each.verdict), f"{each.verdict}, {each.message or each.examples}"
    tested = {name for name, _ in verdicts}
    broken = {key for key, verdict in verdicts.items() if verdict == "broken" and key[0] in wanted}
    labelled = {(name, law) for name, laws in wanted.items() for law in laws if name in tested}
    return Held(
        bad=sum(bool(laws) for laws in wanted.values()),
        good=sum(not laws for laws in wanted.values()),
        labelled=len(labelled),
        missed=tuple(sorted(labelled - broken)),
        alarms=tuple(sorted(broken - labelled)),
        untested=tuple(sorted(wanted.keys() - tested)),
        told=told,
    )
