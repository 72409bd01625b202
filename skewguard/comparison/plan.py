"""Pairs the columns of two tables: which are the key, which are compared with which, which only one table has."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from skewguard.contract import Tolerance
from skewguard.equality.physical import MOMENTS, Family, family_of
from skewguard.errors.spelling import option
from skewguard.errors.tables import KeyCannotBe, KeyTypesDisagree, MappedTwice, NothingInCommon, UnknownColumn
from skewguard.model import Skipped
from skewguard.sql import Relation

_FLOATS = (Family.SINGLE, Family.DOUBLE)
_WHOLE = (Family.INTEGER, Family.DECIMAL)
_NO_KEYS = (Family.LIST, Family.STRUCT, Family.MAP, Family.NULL)


@dataclass(frozen=True, kw_only=True)
class Request:
    """What a diff is asked for, by column name. A feature goes by its offline column.

    `tolerance` is what numbers have unless `tolerances` has the column; None means what their types imply. `renamed`
    maps columns of the online table to those of the offline table.
    """

    key: tuple[str, ...]
    tolerance: Tolerance | None = None
    tolerances: Mapping[str, Tolerance] = field(default_factory=dict)
    columns: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    renamed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class ColumnPair:
    """A column of each table, under the offline table's name."""

    name: str
    offline: str
    online: str
    offline_type: Any
    online_type: Any


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The columns of a diff."""

    key: tuple[ColumnPair, ...]
    features: tuple[ColumnPair, ...]
    skipped: tuple[Skipped, ...]


def plan_of(request: Request, offline: Relation, online: Relation) -> Plan:
    """Pair up the columns of the two tables as `request` says."""
    there = dict(zip(offline.columns, offline.types, strict=True))
    served = dict(zip(online.columns, online.types, strict=True))
    _must_be_known(request, there, served)
    renamed = _renamed(request, served)
    paired = {
        name: ColumnPair(
            name=name, offline=name, online=renamed[name], offline_type=there[name], online_type=served[renamed[name]]
        )
        for name in there
        if name in renamed
    }
    key = tuple(_key_pair(name, paired, there, renamed) for name in request.key)
    unwanted = {*request.key, *request.ignored}
    wanted = set(request.columns) or {*there, *renamed}
    features = tuple(pair for name, pair in paired.items() if name in wanted - unwanted)
    if not features:
        raise _nothing_left(request, paired, there, renamed)
    return Plan(key=key, features=features, skipped=tuple(_one_sided(there, renamed, wanted - unwanted)))


def _must_be_known(request: Request, there: Mapping[str, Any], served: Mapping[str, Any]) -> None:
    for online, offline in request.renamed.items():
        _known("map", online, "online", served)
        _known("map", offline, "offline", there)
    either = {*there, *(request.renamed.get(name, name) for name in served)}
    for asked_by, names in (
        ("columns", request.columns),
        ("ignore", request.ignored),
        ("tolerance", request.tolerances),
    ):
        for name in names:
            _known(asked_by, name, "offline or the online", either)


def _known(asked_by: str, name: str, role: str, known: Any) -> None:
    if name not in known:
        raise UnknownColumn(asked_by, name, role, known)


def _nothing_left(
    request: Request, paired: Mapping[str, Any], there: Mapping[str, Any], renamed: Mapping[str, str]
) -> NothingInCommon:
    """What to say where no feature is compared: the tables share none, or the options leave none of those they do."""
    shared = [name for name in paired if name not in request.key]
    apart = f"Only offline: {_listed(there, renamed)}. Only online: {_listed(renamed, there)}."
    if not shared:
        step = f"Say which column is which with {option('map', {'ONLINE': 'OFFLINE'}, typed='ONLINE=OFFLINE')}."
        return NothingInCommon("but for the key, no column is in both tables", known=apart, next_step=step)
    given = [option(name) for name, names in (("columns", request.columns), ("ignore", request.ignored)) if names]
    names = " and ".join(given)
    return NothingInCommon(
        f"{names} {'leave' if len(given) > 1 else 'leaves'} no column that is in both tables and not in the key",
        known=f"In both, but for the key: {_listed(dict.fromkeys(shared), {})}. {apart}",
        next_step=f"Name other columns, or leave {names} out.",
    )


def _renamed(request: Request, served: Mapping[str, Any]) -> dict[str, str]:
    """Online columns by the name they go by."""
    names = defaultdict(list)
    for column in served:
        names[request.renamed.get(column, column)].append(column)
    for name, columns in names.items():
        if len(columns) > 1:
            raise MappedTwice(name, columns)
    return {name: columns[0] for name, columns in names.items()}


def _key_pair(
    name: str, paired: Mapping[str, ColumnPair], there: Mapping[str, Any], renamed: Mapping[str, str]
) -> ColumnPair:
    for role, names in (("offline", there), ("online", renamed)):
        if name not in names:
            raise UnknownColumn("key", name, role, names)
    pair = paired[name]
    families = family_of(pair.offline_type), family_of(pair.online_type)
    for family, physical in zip(families, (pair.offline_type, pair.online_type), strict=True):
        if family in _NO_KEYS:
            raise KeyCannotBe(name, str(physical))
    alike = families[0] is families[1] and (
        families[0] is not Family.OTHER or str(pair.offline_type) == str(pair.online_type)
    )
    if not alike and not any(set(families) <= set(group) for group in (_FLOATS, _WHOLE, MOMENTS)):
        raise KeyTypesDisagree(name, str(pair.offline_type), str(pair.online_type))
    return pair


def _one_sided(there: Mapping[str, Any], renamed: Mapping[str, str], wanted: set[str]) -> list[Skipped]:
    only = [Skipped(feature=name, reason="only in the offline table") for name in there if name not in renamed]
    only += [Skipped(feature=name, reason="only in the online table") for name in renamed if name not in there]
    return [each for each in only if each.feature in wanted]


def _listed(names: Mapping[str, Any], others: Mapping[str, Any], limit: int = 5) -> str:
    only: Sequence[str] = [name for name in names if name not in others]
    return ", ".join(only[:limit]) + (" …" if len(only) > limit else "") if only else "none"
