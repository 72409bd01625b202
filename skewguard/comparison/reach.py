"""Keys of times in nanoseconds beside times that nanoseconds do not reach: those of the year 9999, for one."""

from __future__ import annotations

from typing import Any

from skewguard.comparison.plan import ColumnPair
from skewguard.equality.physical import Family, family_of
from skewguard.errors.tables import KeyTimesTooFine
from skewguard.sql import Expression, Relation, column

# Nanoseconds since 1970 in 64 bits end in 1677 and 2262; these types, in microseconds, reach whatever the others do.
COARSE = {"TIMESTAMP_NS": "TIMESTAMP", "TIMESTAMPTZ_NS": "TIMESTAMP WITH TIME ZONE"}


def coarsened(pair: ColumnPair, offline: Relation, online: Relation) -> bool:
    """Whether the key is to be joined in microseconds, which then loses nothing. Errors: KeyTimesTooFine."""
    sides = [("offline", offline, pair.offline, pair.offline_type), ("online", online, pair.online, pair.online_type)]
    fine = [side for side in sides if _is_fine(side[3])]
    if len(fine) != 1:
        return False
    (role, table, name, kind), (_, other, other_name, _) = fine[0], next(side for side in sides if side not in fine)
    far = other.filter(column(other_name).isnotnull() & column(other_name).try_cast(str(kind)).isnull()).limit(1)
    found = far.select(column(other_name).cast("VARCHAR")).fetchall()
    if not found:
        return False
    moment = column(name)
    finer = table.filter(moment != moment.cast(COARSE[str(kind)]).cast(str(kind))).limit(1)
    if fraction := finer.select(moment.cast("VARCHAR")).fetchall():
        raise KeyTimesTooFine(pair.name, role, fraction[0][0], found[0][0])
    return True


def as_coarse(key: Expression, kind: Any) -> Expression:
    """A key of nanoseconds in microseconds; any other as it is."""
    return key.cast(COARSE[str(kind)]) if _is_fine(kind) else key


def _is_fine(kind: Any) -> bool:
    return family_of(kind) is Family.FINE_MOMENT
