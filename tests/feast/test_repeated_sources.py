"""Two data sources of one name: Feast's own `apply` refuses the repo, and a check says so."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from building import NOON, Project

pytestmark = pytest.mark.feast

DEFINITIONS = """
driver = Entity(name="driver", join_keys=["driver_id"], value_type=ValueType.INT64)
one = FileSource(name="{one}", path=HERE + "/one.parquet", timestamp_field="at")
two = FileSource(name="{two}", path=HERE + "/two.parquet", timestamp_field="at")
a = FeatureView(name="a", entities=[driver], ttl=timedelta(0), source=one, schema=[Field(name="x", dtype=Int64)])
b = FeatureView(name="b", entities=[driver], ttl=timedelta(0), source=two, schema=[Field(name="y", dtype=Int64)])
"""


@pytest.mark.parametrize(("one", "two", "twice"), [("s", "s", True), ("s", "S", True), ("s", "t", False)])
def test_it_is_noted_where_feast_refuses_it(tmp_path: Any, one: str, two: str, twice: bool) -> None:
    from feast.errors import DataSourceRepeatNamesException
    from feast.feature_store import _validate_data_sources

    from skewguard.feature_store.load import open_repo

    project = Project(folder=tmp_path / "repo")
    project.define(DEFINITIONS.format(one=one, two=two))
    project.source("one", {"driver_id": [1], "at": [NOON], "x": [1]})
    project.source("two", {"driver_id": [1], "at": [NOON], "y": [2]})
    with open_repo(folder=project.folder) as repo:
        noted = [note for note in repo.notes if "several data sources are named s" in note]
    assert len(noted) == twice
    named = [SimpleNamespace(name=each) for each in (one, two)]
    if twice:
        with pytest.raises(DataSourceRepeatNamesException):
            _validate_data_sources(named)
    else:
        _validate_data_sources(named)
