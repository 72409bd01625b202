"""What differs in the code that a transform reaches, named by function, class and constant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

CODE = ("function", "class")


def code_changes(old: Mapping[str, str], new: Mapping[str, str], own: set[str]) -> Iterator[str]:
    """Each change in words; `own` are the dotted names of the transform's own function, before and after."""
    gone, come = old.keys() - new.keys(), new.keys() - old.keys()
    moved = dict(_moved({name: old[name] for name in gone}, {name: new[name] for name in come}))
    for name in sorted(old.keys() | new.keys()):
        called = _called(name, (new if name in new else old)[name], {*old, *new}, own)
        if name in moved:
            yield f"{called} moved from {_module(name)} to {_module(moved[name])}"
        elif name in gone:
            yield f"{called} is not reached any more"
        elif name in come and name not in moved.values():
            yield f"{called} is reached now"
        elif name not in come and old[name] != new[name]:
            yield _changed(called, old[name], new[name])


def _moved(gone: Mapping[str, str], come: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """What left one module and is in another, unchanged."""
    waiting = dict(come)
    for name, piece in sorted(gone.items()):
        found = next((each for each, there in waiting.items() if there == piece and _tail(each) == _tail(name)), None)
        if found is not None:
            del waiting[found]
            yield name, found


def _changed(called: str, old: str, new: str) -> str:
    (kind, _, was), (now_kind, _, now) = old.partition(" "), new.partition(" ")
    if kind == now_kind == "constant":
        return f"{called} {was} -> {now}"
    return f"code of {called} changed" if kind == now_kind and kind in CODE else f"{called} changed"


def _called(name: str, piece: str, all_names: set[str], own: set[str]) -> str:
    """By its last name, and by its whole one where several have that."""
    alone = sum(_tail(each) == _tail(name) for each in all_names) == 1
    kind = piece.partition(" ")[0]
    word = {"function": "helper", "class": "helper class"}.get(kind, kind)
    return ("" if name in own else f"{word} ") + f"`{_tail(name) if alone else name}`"


def _tail(name: str) -> str:
    return name.rpartition(".")[2] or name


def _module(name: str) -> str:
    return name.rpartition(".")[0] or "nowhere"
