"""The specification of "equal": how an offline and an online value compare, in plain Python; the SQL is held to it."""

from __future__ import annotations

import base64
import binascii
import json
import math
from collections.abc import Mapping, Sequence, Set
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from skewguard.equality.rules import Form, Rule
from skewguard.equality.written import alike
from skewguard.model import Kind

COLLECTIONS = (list, tuple, Set, Mapping)
TEMPORAL = (date, datetime)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
WHOLE_SECOND = 10**9
# Doubles hold integers of up to here exactly; SQL counts differences of integers in 128 bits.
HUGE = 2.0**127


def kind_of(offline: Any, online: Any, rule: Rule) -> Kind:
    """How the two values compare. Absent, null and NaN are all one: no value."""
    texts = rule.form is Form.JSON and isinstance(offline, str) and isinstance(online, str)
    offline, online = _read(offline, rule), _read(online, rule)
    if texts and not alike(offline, online):
        return Kind.MISMATCH
    match is_null(offline), is_null(online):
        case True, True:
            return Kind.MATCH
        case False, True:
            return Kind.MISSING_ONLINE
        case True, False:
            return Kind.MISSING_OFFLINE
    return Kind.MATCH if equal(offline, online, rule) else Kind.MISMATCH


def is_null(value: Any) -> bool:
    """No value: None, NaN, a decimal NaN, pandas' NaT."""
    return value is None or (isinstance(value, float | Decimal | datetime) and bool(value != value))


def equal(offline: Any, online: Any, rule: Rule) -> bool:
    """Whether two values, neither of them null, are the same value, whatever form each is in."""
    if isinstance(offline, COLLECTIONS) or isinstance(online, COLLECTIONS):
        return _collections(_parsed(offline), _parsed(online), rule)
    match rule.form:
        case Form.UUID:
            return _scalars(_uuid(offline), _uuid(online), rule)
        case Form.SECONDS:
            return _same_second(offline, online)
        case Form.LIST | Form.SET | Form.MAP | Form.STRUCT if isinstance(offline, str) and isinstance(online, str):
            return offline == online or _same_parsed(offline, online, rule)
        case Form.DECIMAL:
            return _scalars(_decimal(offline), _decimal(online), rule)
    return _scalars(offline, online, rule)


def _scalars(offline: Any, online: Any, rule: Rule) -> bool:
    if _is_number(offline) and _is_number(online):
        return _numbers(offline, online, rule)
    if isinstance(offline, str) and isinstance(online, str):
        return offline == online
    if isinstance(offline, str) or isinstance(online, str):
        text, value = (offline, online) if isinstance(offline, str) else (online, offline)
        return _written(text, value)
    if isinstance(offline, TEMPORAL) and isinstance(online, TEMPORAL):
        return _nanoseconds(offline) == _nanoseconds(online)
    return type(offline) is type(online) and bool(offline == online)


def _numbers(offline: Any, online: Any, rule: Rule) -> bool:
    if _exact(offline, online) == _exact(online, offline):
        return True
    if rule.exact or isinstance(offline, bool) or isinstance(online, bool):
        return False
    if not (_finite(offline) and _finite(online)):
        return False
    if rule.form in (Form.ANY, Form.JSON) and rule.exact_integers and _of_integer_type(offline, online):
        return False
    return distance(offline, online) <= rule.absolute + rule.relative * abs(_double(offline))


def distance(offline: Any, online: Any) -> float:
    """`abs(offline - online)` of two finite numbers; of two integers without the loss of a conversion."""
    if _whole(offline) and _whole(online):
        return _double(abs(int(offline) - int(online)))
    return abs(_double(offline) - _double(online))


def _exact(value: Any, other: Any) -> Any:
    """Python compares integers with doubles exactly; beside a decimal, a double is the number that it prints as."""
    if isinstance(other, Decimal) and isinstance(value, float) and math.isfinite(value):
        return Decimal(repr(value))
    return value


def _of_integer_type(offline: Any, online: Any) -> bool:
    return any(isinstance(each, int) for each in (offline, online)) or all(
        isinstance(each, Decimal) for each in (offline, online)
    )


def _whole(value: Any) -> bool:
    return isinstance(value, int) or (isinstance(value, float) and value.is_integer() and abs(value) < HUGE)


def _double(value: Any) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf


def _finite(value: Any) -> bool:
    return isinstance(value, int) or math.isfinite(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | Decimal)  # bool is an int: true is 1


def _written(text: str, value: Any) -> bool:
    """Whether `text` is how `value` is written: a number as Python prints it, a time as ISO-8601, bytes as base64."""
    if _is_number(value):
        return str(value) == text or {"inf": "Infinity", "-inf": "-Infinity"}.get(str(value)) == text
    if isinstance(value, TEMPORAL):
        moment = _moment(text)
        return moment is not None and _nanoseconds(moment) == _nanoseconds(value)
    if isinstance(value, bytes):
        try:
            return base64.b64decode(text, validate=True) == value
        except (binascii.Error, ValueError):
            return False
    return str(value) == text


def _same_second(offline: Any, online: Any) -> bool:
    """Feast keeps whole seconds, cut off towards zero by one path and rounded down by another."""
    if isinstance(offline, str) and isinstance(online, str):
        return offline == online
    moments = [_since_epoch(each) for each in (offline, online)]
    if None in moments:
        return _scalars(offline, online, Rule(form=Form.ANY))
    first, second = (each for each in moments if each is not None)
    if first // WHOLE_SECOND == second // WHOLE_SECOND:
        return True
    return any(
        whole % WHOLE_SECOND == 0 and whole == -(-other // WHOLE_SECOND) * WHOLE_SECOND and other < 0
        for whole, other in ((first, second), (second, first))
    )


def _since_epoch(value: Any) -> int | None:
    """Nanoseconds; a number declared to be a timestamp is one in seconds."""
    if isinstance(value, str):
        value = _moment(value)
    if isinstance(value, TEMPORAL):
        return _nanoseconds(value)
    if _is_number(value) and not isinstance(value, bool) and _finite(value):
        return math.floor(Decimal(value) * WHOLE_SECOND)
    return None


def _nanoseconds(value: Any) -> int:
    """Since 1970; a date is its midnight, a naive time is UTC."""
    if not isinstance(value, datetime):
        days: int = value.toordinal() - EPOCH.toordinal()
        return days * 86_400 * WHOLE_SECOND
    aware = value.replace(tzinfo=UTC) if value.tzinfo is None else value
    since = aware - EPOCH
    whole: int = (since.days * 86_400 + since.seconds) * WHOLE_SECOND + since.microseconds * 1000
    return whole + int(getattr(since, "nanoseconds", 0))


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _uuid(value: Any) -> Any:
    try:
        return UUID(bytes=value) if isinstance(value, bytes) else UUID(str(value))
    except ValueError:
        return value


def _decimal(value: Any) -> Any:
    try:
        number = Decimal(value) if isinstance(value, str) else value
    except InvalidOperation:
        return value
    return number if not isinstance(number, Decimal) or number.is_finite() else value


def _read(value: Any, rule: Rule) -> Any:
    """A value declared as JSON, if it is JSON text, is what the text says."""
    return _parsed(value, value) if rule.form is Form.JSON and isinstance(value, str) else value


def _parsed(value: Any, otherwise: Any = None) -> Any:
    """What a JSON text says; `otherwise`, by default null, where it is not JSON text. Any other value as it is."""
    if not isinstance(value, str):
        return value
    try:
        return _unlike_maps(json.loads(value))
    except (ValueError, RecursionError):
        return otherwise


def _unlike_maps(value: Any) -> Any:
    """JSON tells an empty list from an empty object; Arrow's maps are lists, so those of JSON become tuples."""
    if isinstance(value, list):
        return tuple(map(_unlike_maps, value))
    return {key: _unlike_maps(each) for key, each in value.items()} if isinstance(value, dict) else value


def _same_parsed(offline: str, online: str, rule: Rule) -> bool:
    return _collections(_parsed(offline), _parsed(online), rule)


def _collections(offline: Any, online: Any, rule: Rule) -> bool:
    if rule.form is Form.MAP or _is_mapping(offline) or _is_mapping(online):
        first, second = _as_mapping(offline), _as_mapping(online)
        if first is not None and second is not None:
            return _mappings(first, second, rule)
    if not (_is_sequence(offline) and _is_sequence(online)):
        return False
    if rule.form is Form.SET or (isinstance(offline, Set) and isinstance(online, Set)):
        return _sets(list(offline), list(online), rule.inner)
    inner = rule.inner
    return len(offline) == len(online) and all(
        _match(first, second, inner) for first, second in zip(offline, online, strict=True)
    )


def _mappings(offline: Mapping[Any, Any], online: Mapping[Any, Any], rule: Rule) -> bool:
    if rule.form is Form.STRUCT:
        return all(_match(offline.get(key), online.get(key), rule.of_field(key)) for key in {*offline, *online})
    inner = rule.inner
    return all(_match(offline.get(key), online.get(key), inner) for key in {*offline, *online})


def _sets(offline: Sequence[Any], online: Sequence[Any], inner: Rule) -> bool:
    """Each element has its like on the other side; how often does not matter."""
    return all(any(_match(each, other, inner) for other in online) for each in offline) and all(
        any(_match(other, each, inner) for other in offline) for each in online
    )


def _match(offline: Any, online: Any, rule: Rule) -> bool:
    # JSON has no NaN, so a nested NaN that travelled as JSON text is this word.
    if "NaN" in (offline, online) and (is_null(offline) or is_null(online)):
        return True
    return kind_of(offline, online, rule) is Kind.MATCH


def _is_sequence(value: Any) -> bool:
    return isinstance(value, list | tuple | Set)


def _is_mapping(value: Any) -> bool:
    """Arrow gives a map as a list of pairs, and it is the only list of tuples that it gives."""
    return isinstance(value, Mapping) or (isinstance(value, list) and bool(value) and _is_pairs(value))


def _is_pairs(value: list[Any]) -> bool:
    return all(isinstance(pair, tuple) and len(pair) == 2 for pair in value)


def _as_mapping(value: Any) -> dict[str, Any] | None:
    """By the text of the keys: JSON knows no other keys."""
    if isinstance(value, Mapping):
        return _keyed(list(value.items()))
    return _keyed(value) if isinstance(value, list) and _is_pairs(value) else None


def _keyed(pairs: list[tuple[Any, Any]]) -> dict[str, Any]:
    keyed = {_key(key): value for key, value in pairs}
    return keyed if len(keyed) == len(pairs) else {repr(key): value for key, value in pairs}


def _key(key: Any) -> str:
    match key:
        case str():
            return key
        case bool():
            return "true" if key else "false"
        case date():
            return key.isoformat()
    return str(key)
