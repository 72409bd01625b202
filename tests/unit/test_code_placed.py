"""Where a view is defined, read from Python that is never run."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from skewguard.code.placed import function_line, view_lines
from skewguard.pipeline.placing import placed_transforms

PLAIN = """
from feast import Entity, FeatureView, OnDemandFeatureView
import feast

driver = Entity(name="driver")
stats = FeatureView(
    name="stats",
    entities=[driver],
    source=FileSource(name="stats_source", path="stats.parquet"),
)
other = feast.FeatureView("other", schema=[Field(name="stats", dtype=Int64)])

@on_demand_feature_view(sources=[stats], schema=[])
def derived(inputs):
    return inputs

@feast.on_demand_feature_view(
    name="it's \\"named\\"", sources=[stats],
)
def nobody(inputs):
    return inputs

def made(name, source):
    return FeatureView(name=name, source=source)

wrapped = made("wrapped", None)
service = FeatureService(name="service", features=[stats])
bound = feature_view(carrier_delays, source=None)
PREFIX = "assembled"
by_alias = made(PREFIX, None)
"""
LINES = {
    "stats": 6,
    "other": 11,
    "derived": 13,
    'it\'s "named"': 17,
    "wrapped": 26,
    "carrier_delays": 28,
    "assembled": 29,
}


def written(folder: Path, **files: str) -> list[Path]:
    for name, text in files.items():
        (folder / f"{name}.py").write_text(textwrap.dedent(text), encoding="utf-8")
    return [folder / f"{name}.py" for name in files]


def test_views_are_found_where_they_are_made(tmp_path: Path) -> None:
    files = written(tmp_path, plain=PLAIN)
    found = view_lines(files, {*LINES, "nobody", "driver_of_none", "service"})
    named_only = {"service": (files[0], 27)}
    assert found == {**{name: (files[0], line) for name, line in LINES.items()}, **named_only}


def test_the_place_that_makes_it_beats_one_that_names_it(tmp_path: Path) -> None:
    uses = 'WATCHED = ["stats", "other"]\nstore.get("stats:x")\nrun("stats")\n'
    files = written(tmp_path, a_uses=uses, plain=PLAIN, z_uses=uses)
    found = view_lines(files, {"stats", "other"})
    assert found == {"stats": (files[1], 6), "other": (files[1], 11)}


@pytest.mark.parametrize("text", ["def broken(:\n", "\x00", "# -*- coding: nonsense -*-\n", "x = " + "(" * 5000])
def test_what_cannot_be_read_is_passed_over(tmp_path: Path, text: str) -> None:
    files = written(tmp_path, bad=text, plain=PLAIN)
    assert view_lines([*files, tmp_path / "missing.py"], {"stats"}) == {"stats": (files[1], 6)}


def test_latin_1_is_read_as_it_says(tmp_path: Path) -> None:
    file = tmp_path / "latin.py"
    file.write_bytes('# -*- coding: latin-1 -*-\nv = FeatureView(name="gr\u00fcn")\n'.encode("latin-1"))
    assert view_lines([file], {"gr\u00fcn"}) == {"gr\u00fcn": (file, 2)}


def test_functions_are_found_with_their_decorators(tmp_path: Path) -> None:
    (file,) = written(tmp_path, plain=PLAIN)
    assert [function_line(file, name) for name in ("derived", "made", "nobody", "absent")] == [13, 23, 17, None]
    assert function_line(tmp_path / "missing.py", "made") is None


def test_transforms_are_placed_from_the_root_of_the_checkout(tmp_path: Path) -> None:
    package = tmp_path / "pack"
    package.mkdir()
    written(package, tidy="import os\n\n\ndef clean(rows):\n    return rows\n", views='v = FeatureView(name="v")\n')
    found = placed_transforms(["pack.tidy.clean", "v", "gone.x"], package, [tmp_path], tmp_path)
    assert {each.feature_view: (each.file, each.line) for each in found} == {
        "": ("pack", 1),
        "pack.tidy.clean": ("pack/tidy.py", 4),
        "v": ("pack/views.py", 1),
        "gone.x": ("pack", 1),
    }
