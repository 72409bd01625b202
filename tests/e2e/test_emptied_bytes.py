"""Feast stores a batch of nothing but empty bytes as null: a sample is stored as a whole materialization would be."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path

import pyarrow as pa
import pytest
from building import NOON, Checked, Project, hours

pytestmark = pytest.mark.feast

DEFINITIONS = """
account = Entity(name="account", join_keys=["k"], value_type=ValueType.INT64)
tokens = FeatureView(
    name="tokens", entities=[account], ttl=timedelta(days=9), schema=[Field(name="token", dtype=Bytes)],
    source=FileSource(path=HERE + "/tokens.parquet", timestamp_field="at"),
)
"""
LEFT_OUT = "of entities beside the sample"


def project_of(folder: Path, *events: tuple[int | None, float, bytes | None]) -> Project:
    """A repo whose source has these events: key, hours before NOON, token."""
    project = Project(folder=folder)
    keys, ago, held = zip(*events, strict=True)
    columns = {"k": list(keys), "at": [NOON - hours(each) for each in ago], "token": list(held)}
    project.source("tokens", columns, k=pa.int64(), token=pa.binary())
    project.define(DEFINITIONS)
    return project


def checked(project: Project, *words: str) -> Checked:
    """Checked for the accounts 1 and 2 alone."""
    (project.folder / "asked.csv").write_text("k\n1\n2\n")
    return project.check("--entities", str(project.folder / "asked.csv"), *words)


def served_whole(project: Project) -> list[bytes | None]:
    """What Feast itself serves of the accounts 1 and 2 after materializing everything."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        store = project.apply()
        store.materialize(NOON - hours(99), NOON)
        answer = store.get_online_features(["tokens:token"], [{"k": 1}, {"k": 2}]).to_dict()
    served: list[bytes | None] = answer["token"]
    return served


def test_an_emptied_sample_is_stored_as_among_the_others(tmp_path: Path) -> None:
    project = project_of(tmp_path, (1, 2, b""), (2, 2, None), (3, 2, b""), (4, 50, b"x"), (4, 3, b"y"))
    ran = checked(project)
    assert ran.counts("tokens:token") == {"requested": 2, "compared": 2, "matched": 2}
    assert any(LEFT_OUT in note for note in ran.feature("tokens:token")["notes"])
    assert served_whole(project) == [b"", None]


def test_what_is_emptied_everywhere_is_served_as_null_and_skewed(tmp_path: Path) -> None:
    """Nothing is held by anybody's newest event at as-of: Feast itself serves null."""
    project = project_of(tmp_path, (1, 2, b""), (2, 2, None), (3, 9, b"x"), (3, 2, b""), (4, -2, b"x"))
    ran = checked(project, "--as-of", NOON.isoformat())
    assert ran.counts("tokens:token") == {"requested": 2, "compared": 2, "matched": 1, "missing_online": 1, "skewed": 1}
    assert not any(LEFT_OUT in note for note in ran.feature("tokens:token")["notes"])
    assert served_whole(project) == [None, None]


def test_events_without_a_key_are_never_taken_along(tmp_path: Path) -> None:
    """Feast aborts on them; 1 holds something itself at first, so that no company is needed at that instant."""
    project = project_of(tmp_path, (1, 30, b"x"), (1, 2, b""), (2, 40, b""), (None, 3, b"y"), (5, 3, b"z"))
    asked = [(1, NOON - hours(20)), (2, NOON - hours(20)), (1, NOON), (2, NOON)]
    lines = "".join(f"{key},{moment.isoformat()}\n" for key, moment in asked)
    (project.folder / "asked.csv").write_text(f"k,event_timestamp\n{lines}")
    ran = project.check("--entities", str(project.folder / "asked.csv"))
    assert ran.counts("tokens:token") == {"requested": 4, "compared": 4, "matched": 4}


def test_every_window_of_a_replay_has_company(tmp_path: Path) -> None:
    """The one who holds something is another at each instant."""
    events = [(key, 8 * step + 1, b"") for key in (1, 2) for step in range(4)]
    project = project_of(tmp_path, *events, *((9 + step, 8 * step + 2, b"x") for step in range(4)))
    ran = checked(project, "--replay", "4", "--as-of", NOON.isoformat())
    found = ran.counts("tokens:token")
    assert found["matched"] == found["requested"] == 8
