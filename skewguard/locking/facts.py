"""What differs between two sets of facts, in the words that people have for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from skewguard.locking.locked import Facts, Text

LABELS = {"timestamp": "timestamp column", "created": "created timestamp column"}
# What a lock leaves out because it is usual.
USUAL = {"online": "yes", "stored": "no"}
PAIR = ": "  # a list of names with the dtype of each


def facts_changed(old: Facts, new: Facts) -> Iterator[str]:
    """Each fact that differs, in words."""
    for key in sorted(old.keys() | new.keys()):
        words = fact_changed(key, old.get(key), new.get(key))
        if words is not None:
            yield words


def fact_changed(key: str, old: Text | None, new: Text | None) -> str | None:
    """`lookback 7 d -> 1 d`, or what a list gained and lost; None where they are equal."""
    label = LABELS.get(key, key.replace("_", " "))
    if old == new:
        return None
    if not isinstance(old, tuple | None) or not isinstance(new, tuple | None):
        was, now = _shown(key, old), _shown(key, new)
        return None if was == now else f"{label} {was} -> {now}"
    told = list(_of_lists(old or (), new or ()))
    if told:
        return f"{label} {' and '.join(told)}"
    return f"{label} in another order" if old and new else None


def _shown(key: str, value: Text | None) -> str:
    if value is None or value == "":
        return USUAL.get(key, "none")
    return value if isinstance(value, str) else ", ".join(value)


def _of_lists(old: tuple[str, ...], new: tuple[str, ...]) -> Iterator[str]:
    was, now = _pairs(old), _pairs(new)
    for name in sorted(was.keys() & now.keys()):
        if was[name] != now[name]:
            yield f"{name} {was[name]} -> {now[name]}"
    gained = sorted(each for each in set(new) - set(old) if _name(each) not in was)
    lost = sorted(each for each in set(old) - set(new) if _name(each) not in now)
    if gained:
        yield f"gained {', '.join(gained)}"
    if lost:
        yield f"lost {', '.join(lost)}"


def _pairs(listed: tuple[str, ...]) -> Mapping[str, str]:
    """By name the dtype of each, where all are such pairs."""
    if not all(PAIR in each for each in listed):
        return {}
    found = {_name(each): each.rpartition(PAIR)[2] for each in listed}
    return found if len(found) == len(listed) else {}


def _name(pair: str) -> str:
    return pair.rpartition(PAIR)[0]
