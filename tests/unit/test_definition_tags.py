"""What a binding writes into tags comes back the same, and what it did not write is told apart."""

from __future__ import annotations

from datetime import timedelta

import pytest

from skewguard.contract import Contract, Tolerance
from skewguard.definition.tags import Binding, Declared, contracts_from_tags, read, write
from skewguard.errors.definition import TagError
from skewguard.model import SourceSpec

FULL = Declared(
    binding=Binding.BATCH,
    transform="transforms.carriers.carrier_delays",
    fingerprint="ab" * 32,
    contracts={
        'odd "name" — ü': Contract(
            nullable=False,
            range=(None, 10.5),
            tolerance=Tolerance(absolute=0.5, relative=1e-9),
            max_skew_rate=0.001,
            freshness=timedelta(minutes=15),
            owner="ops",
        ),
        "kind": Contract(categories=("a", "b'; drop table")),
        "bare": Contract(),
    },
    owner="ops",
    lookback=timedelta(days=7, microseconds=1),
    sources={
        "departures": SourceSpec(
            name="departures",
            path="data/départs *.parquet",
            file_format="parquet",
            timestamp_column="happened_at",
            created_column="known_at",
            field_mapping={"dep": "delay"},
            s3_endpoint="http://127.0.0.1:9000",
        )
    },
)
ON_DEMAND = Declared(
    binding=Binding.ON_DEMAND,
    transform="transforms.delay_share.delay_share",
    fingerprint="cd" * 32,
    inputs={"mean": ("view__mean", "mean"), "minutes": ("minutes",)},
)


@pytest.mark.parametrize("declared", [FULL, ON_DEMAND], ids=["batch", "on demand"])
def test_tags_come_back_as_they_were_written(declared: Declared) -> None:
    tags = write(declared)
    assert all(isinstance(name, str) and isinstance(value, str) and value for name, value in tags.items())
    assert read(tags | {"team": "other"}) == declared


def test_a_view_that_no_binding_made_has_no_declaration() -> None:
    assert read({}) is None
    assert read({"owner": "ops"}) is None
    assert contracts_from_tags({"owner": "ops"}) == {}


@pytest.mark.parametrize(
    ("tag", "value"),
    [
        ("skewguard.kind", "stream"),
        ("skewguard.transform", ""),
        ("skewguard.contract", "{"),
        ("skewguard.contract", "[]"),
        ("skewguard.contract", '{"x": {"ranges": 1}}'),
        ("skewguard.contract", '{"x": 1}'),
        ("skewguard.lookback", "a week"),
        ("skewguard.sources", '{"x": {"paths": 1}}'),
    ],
)
def test_tags_that_were_edited_are_an_error_that_names_them(tag: str, value: str) -> None:
    with pytest.raises(TagError, match=tag):
        read(write(FULL) | {tag: value})
