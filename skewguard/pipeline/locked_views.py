"""One view as a lock has it: every fact of its definition as text, without machine paths."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from skewguard.code.pieces import Pieces, digest, pieces, text_pieces
from skewguard.contract import Contract
from skewguard.definition import BatchTransform
from skewguard.locking import LockedView
from skewguard.locking.locked import Text
from skewguard.locking.words import duration, promises

if TYPE_CHECKING:
    from skewguard.feature_store.defined import DefinedSource, DefinedView

ELSEWHERE = "..."
LONGEST_QUERY = 120
SECRETS = re.compile(r"(?<=://)[^/@\s]*@")


def locked_view(
    view: DefinedView, contracts: Mapping[str, Contract], folder: Path, root: Path
) -> tuple[LockedView, Mapping[str, str]]:
    """The view, and the versions of the libraries that it reaches; paths are told from `folder` if below `root`."""
    found = _pieces(view)
    facts = dict(_facts(view))
    if found is not None and found.libraries:
        facts["libraries"] = tuple(found.libraries)
    locked = LockedView(
        facts=facts,
        features={
            name: {"dtype": dtype, **dict(promises(contracts[name]))} for name, dtype in sorted(view.features.items())
        },
        source={} if view.source is None else dict(_source(view.source, folder, root)),
        events={name: dict(_source(each, folder, root)) for name, each in view.events.items()},
        transform={} if found is None else dict(_transform(view, found)),
        code={} if found is None else found.code,
    )
    return locked, {} if found is None else found.libraries


def words_of_keys(keys: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """A renaming of join keys: `origin from dest`."""
    return tuple(sorted(f"{old} from {new}" for old, new in keys))


def _facts(view: DefinedView) -> Iterator[tuple[str, Text]]:
    yield "kind", str(view.kind)
    if view.entities or view.join_keys:
        yield "entities", view.entities
        yield "join_keys", tuple(f"{name}: {dtype}" for name, dtype in view.join_keys)
    if view.inputs:
        yield "inputs", tuple(sorted(view.inputs))
    if view.request:
        yield "request", tuple(sorted(f"{name}: {dtype}" for name, dtype in view.request))
    if view.source is not None:
        yield "ttl", "none" if view.ttl is None else duration(view.ttl)
    for name, said in (
        ("online", "" if view.online else "no"),
        ("stored", "yes" if view.stored else ""),
        ("pushed", view.pushed),
        ("owner", view.owner),
    ):
        if said:
            yield name, said
    if view.aggregations:
        yield "aggregations", view.aggregations


def _source(source: DefinedSource, folder: Path, root: Path) -> Iterator[tuple[str, Text]]:
    yield "kind", source.kind
    told = {"name": _clean(source.name), "timestamp": source.timestamp, "created": source.created, **source.extra}
    if source.is_path:
        told["path"] = _path(source.place, folder, root)
        told["name"] = "" if source.name == source.place else told["name"]
    else:
        told["query"] = _query(source.place)
    yield from ((name, said) for name, said in told.items() if said)
    if source.field_mapping:
        yield "field_mapping", tuple(sorted(f"{old} -> {new}" for old, new in source.field_mapping.items()))


def _path(path: str, folder: Path, root: Path) -> str:
    """As written where it is no file of this machine, else from the repo; of one elsewhere only its name."""
    if "://" in path and not path.startswith("file://"):
        return _clean(path)
    whole = Path(os.path.normpath(folder / path.removeprefix("file://")))
    if whole.is_relative_to(root) or whole.is_relative_to(folder):
        return Path(os.path.relpath(whole, folder)).as_posix()
    return f"{ELSEWHERE}/{whole.name}"


def _query(query: str) -> str:
    written = " ".join(_clean(query).split())
    return written if len(written) <= LONGEST_QUERY else f"{written[:LONGEST_QUERY]}... {digest([written])}"


def _clean(text: str) -> str:
    """Without the user and password that an address may hold: the lock is for everybody."""
    return SECRETS.sub("", text)


def _pieces(view: DefinedView) -> Pieces | None:
    if view.function is not None:
        return pieces(view.function, view.text)
    return text_pieces(view.text, view.name) if view.text else None


def _transform(view: DefinedView, found: Pieces) -> Iterator[tuple[str, Text]]:
    transform = view.transform
    if transform is None:
        yield "fingerprint", found.fingerprint
        yield "mode", view.mode or "pandas"
        own = _own(view, found)
        if own:
            yield "function", own
    else:
        yield "fingerprint", transform.fingerprint
        yield "function", transform.path
    if isinstance(transform, BatchTransform):
        yield "entity", transform.entity
        yield "lookback", "all history" if transform.lookback is None else duration(transform.lookback)
        yield "timestamp", transform.timestamp
        yield "created", transform.created or "none"
        yield "form", str(transform.form)
        yield "parameters", transform.parameters
    elif transform is not None:
        yield "takes", tuple(f"{name}: {dtype}" for name, dtype in transform.inputs.items())
        yield "mode", str(transform.mode)
    if found.uses:
        yield "uses", found.uses


def _own(view: DefinedView, found: Pieces) -> str:
    """The dotted name of a plain function, as its code is listed under."""
    name = getattr(view.function, "__qualname__", "")
    listed = [each for each in found.code if name and (each == name or each.endswith(f".{name}"))]
    return listed[0] if listed else ""
