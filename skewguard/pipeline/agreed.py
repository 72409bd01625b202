"""What a check says of the definitions themselves: other than the lock, or than what is deployed."""

from __future__ import annotations

from collections.abc import Iterator

from skewguard.errors import SkewguardError
from skewguard.pipeline.bench import Bench
from skewguard.pipeline.lock import Locking, compared, default_lock

SHOWN = 3
OLDER = (
    "the registry holds another version of its transform than the working tree: "
    "`feast apply` brings it there, and materializing what is stored of it"
)


def note_agreed(bench: Bench) -> Iterator[str]:
    """Notes on the run, where the repo's lock is out of date; of deployed views a note on each that is another."""
    if bench.options.live:
        _note_deployed(bench)
        return
    path = default_lock(bench.repo.folder)
    if not path.exists():
        return
    try:
        found = compared(bench.repo, bench.options.contracts, path)
    except SkewguardError as error:
        yield f"skewguard.lock was not compared: {error}"
        return
    if found.definitions:
        yield _out_of_date(found)


def _out_of_date(found: Locking) -> str:
    told = [f"{each.subject}: {each.words}" for each in found.definitions[:SHOWN]]
    more = len(found.definitions) - len(told)
    rest = f"; and {more} more" if more else ""
    return f"skewguard.lock is out of date ({'; '.join(told)}{rest}): `skewguard lock` writes what is there now"


def _note_deployed(bench: Bench) -> None:
    """Each view whose tags in the registry carry another fingerprint than its function in the working tree has."""
    from skewguard.feature_store.defined import defined_views

    if not any(view.fingerprint for view in bench.repo.views):
        return
    views, _ = defined_views(bench.repo)
    code = {each.name: each.transform.fingerprint for each in views if each.transform is not None}
    for view in bench.repo.views:
        if view.fingerprint and code.get(view.base_name, view.fingerprint) != view.fingerprint:
            bench.note(view, OLDER)
