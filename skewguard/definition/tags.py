"""What a binding writes into a view's tags, and reads back from any registry: plain text, no Feast needed.

| tag | holds |
|---|---|
| skewguard.kind | `batch` or `on_demand` |
| skewguard.transform | `module.function` |
| skewguard.fingerprint | hash of the transform's code and declaration |
| skewguard.contract | JSON: feature to its promises |
| skewguard.owner | the owner, where all features have one |
| skewguard.lookback | seconds; absent where a row needs all history |
| skewguard.sources | JSON: parameter to its event table |
| skewguard.inputs | JSON: input to the columns that may hold it |
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any

from skewguard.contract import Contract, Feature, Tolerance
from skewguard.errors.definition import TagError
from skewguard.model import SourceSpec

KIND = "skewguard.kind"
TRANSFORM = "skewguard.transform"
FINGERPRINT = "skewguard.fingerprint"
CONTRACT = "skewguard.contract"
OWNER = "skewguard.owner"
LOOKBACK = "skewguard.lookback"
SOURCES = "skewguard.sources"
INPUTS = "skewguard.inputs"


class Binding(StrEnum):
    """Which binding made a view."""

    BATCH = "batch"
    ON_DEMAND = "on_demand"


@dataclass(frozen=True, kw_only=True)
class Declared:
    """What a registry knows about the decorated transform behind a view."""

    binding: Binding
    transform: str
    fingerprint: str
    contracts: Mapping[str, Contract] = field(default_factory=dict)
    owner: str | None = None
    lookback: timedelta | None = None
    sources: Mapping[str, SourceSpec] = field(default_factory=dict)
    inputs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def write(declared: Declared) -> dict[str, str]:
    """The tags that `read` gives back as `declared`."""
    tags = {
        KIND: str(declared.binding),
        TRANSFORM: declared.transform,
        FINGERPRINT: declared.fingerprint,
        CONTRACT: _json({name: _promises(each) for name, each in declared.contracts.items()}),
    }
    if declared.owner is not None:
        tags[OWNER] = declared.owner
    if declared.lookback is not None:
        tags[LOOKBACK] = repr(declared.lookback.total_seconds())
    if declared.sources:
        tags[SOURCES] = _json({name: _source(spec) for name, spec in declared.sources.items()})
    if declared.inputs:
        tags[INPUTS] = _json({name: list(columns) for name, columns in declared.inputs.items()})
    return tags


def read(tags: Mapping[str, str]) -> Declared | None:
    """What the tags of a view say; None for a view that no binding made."""
    if KIND not in tags:
        return None
    try:
        binding = Binding(tags[KIND])
    except ValueError:
        raise TagError(KIND, tags[KIND]) from None
    for required in (TRANSFORM, FINGERPRINT):
        if not tags.get(required):
            raise TagError(required, tags.get(required))
    seconds = tags.get(LOOKBACK)
    inputs = _parsed(tags, INPUTS)
    try:
        lookback = None if seconds is None else timedelta(seconds=float(seconds))
    except (ValueError, OverflowError):
        raise TagError(LOOKBACK, seconds) from None
    return Declared(
        binding=binding,
        transform=tags[TRANSFORM],
        fingerprint=tags[FINGERPRINT],
        contracts=contracts_from_tags(tags),
        owner=tags.get(OWNER),
        lookback=lookback,
        sources=_sources(tags),
        inputs={name: tuple(columns) for name, columns in inputs.items()},
    )


def contracts_from_tags(tags: Mapping[str, str]) -> dict[str, Contract]:
    """Feature name to its promises; empty for a view that no binding made."""
    try:
        return {name: _contract(promises) for name, promises in _parsed(tags, CONTRACT).items()}
    except (TypeError, ValueError, KeyError, AttributeError):
        raise TagError(CONTRACT, tags[CONTRACT]) from None


def common_owner(features: Sequence[Feature]) -> str | None:
    """The owner of all features, None where they differ or have none."""
    owners = {feature.owner for feature in features}
    return owners.pop() if len(owners) == 1 else None


def _promises(contract: Contract) -> dict[str, Any]:
    """Only what is promised."""
    promises = {name: value for name, value in asdict(contract).items() if value is not None}
    if contract.freshness is not None:
        promises["freshness"] = contract.freshness.total_seconds()
    return promises


def _contract(promises: Mapping[str, Any]) -> Contract:
    given = dict(promises)
    if "range" in given:
        least, most = given["range"]
        given["range"] = (least, most)
    if "categories" in given:
        given["categories"] = tuple(given["categories"])
    if "tolerance" in given:
        given["tolerance"] = Tolerance(**given["tolerance"])
    if "freshness" in given:
        given["freshness"] = timedelta(seconds=given["freshness"])
    return Contract(**given)


def _source(spec: SourceSpec) -> dict[str, Any]:
    return {name: value for name, value in asdict(spec).items() if value not in (None, {})}


def _sources(tags: Mapping[str, str]) -> dict[str, SourceSpec]:
    try:
        return {name: SourceSpec(**spec) for name, spec in _parsed(tags, SOURCES).items()}
    except TypeError:
        raise TagError(SOURCES, tags[SOURCES]) from None


def _parsed(tags: Mapping[str, str], tag: str) -> dict[str, Any]:
    try:
        parsed = json.loads(tags.get(tag, "{}"))
    except ValueError:
        raise TagError(tag, tags[tag]) from None
    if not isinstance(parsed, dict):
        raise TagError(tag, tags[tag])
    return parsed


def _json(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
