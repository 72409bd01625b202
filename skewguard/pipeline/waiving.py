"""What becomes of each waiver in one check: it holds, it has expired, it is over its cap, or nothing needs it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, assert_never

from skewguard import pattern
from skewguard.model import Standing, Waived
from skewguard.pipeline.bench import Bench
from skewguard.waiver import OF_A_DEPLOYMENT, Waiver

if TYPE_CHECKING:
    from skewguard.waivers import Met, Weighed


@dataclass(frozen=True, kw_only=True)
class Unused:
    """Waivers whose features were all compared without skew that they are about: each fails the run."""

    waivers: tuple[Waiver, ...] = ()
    notes: tuple[str, ...] = ()


def failing(met: Iterable[Met]) -> bool:
    """Whether a waiver fails its feature: skew that outlives it is worse than skew within a budget."""
    return any(each.standing in (Standing.EXPIRED, Standing.OVER_CAP) for each in met)


def note_on(met: Met, compared: int) -> Iterator[str]:
    """What a person should know of a waiver and the feature that it met, whose compared cells are so many."""
    waiver = met.waiver
    share = f"{met.cells:,} of {compared:,} compared cell{'' if compared == 1 else 's'}"
    match met.standing:
        case None | Standing.UNUSED:
            return
        case Standing.HOLDS:
            cap = "" if waiver.max_rate >= 1 else f", for up to {percent(waiver.max_rate)} of the compared cells"
            yield f"{waiver.name} lets {share} be, through {waiver.expires}{cap}: {waiver.reason} ({waiver.owner})"
        case Standing.EXPIRED:
            yield (
                f"{waiver.name} expired after {waiver.expires}: {share} count again and fail. "
                f"{waiver.owner} is to mend them or to renew it; it was given for: {waiver.reason}"
            )
        case Standing.OVER_CAP:
            yield (
                f"{waiver.name} is over its cap of {percent(waiver.max_rate)}: {share} count and fail. "
                f"{waiver.owner} gave it for: {waiver.reason}"
            )
        case _:
            assert_never(met.standing)


def unused_waivers(bench: Bench, weighed: Weighed, compared: Mapping[str, int]) -> Unused:
    """The waivers that met nothing, though all of their features that this repo has were compared.

    Of what only a deployment can show, a sandbox says nothing.
    """
    refs = [feature.ref for view in bench.repo.views for feature in view.features]
    skew = {
        (row["feature"], row["cause"]) for row in weighed.cells.group_by(["feature", "cause"]).aggregate([]).to_pylist()
    }
    used = {id(met.waiver) for each in weighed.met.values() for met in each}
    unused, notes = [], []
    for waiver in bench.options.waivers:
        its = [ref for ref in refs if pattern.covers(waiver.feature, ref)]
        if not its:
            notes.append(f"{waiver.name} in pyproject.toml matches no feature of this repo")
        elif id(waiver) not in used and all(compared.get(ref) for ref in its) and _could_meet(bench, waiver):
            unused.append(waiver)
            shaded = any(waiver.covers(*each) for each in skew)
            notes.append(_unneeded(waiver, expired=waiver.expired(bench.now.date()), shaded=shaded))
    return Unused(waivers=tuple(unused), notes=tuple(notes))


def as_rows(weighed: Weighed | None, unused: Unused) -> tuple[Waived, ...]:
    """What became of the waivers, as data: by feature where they met skew, then those that met none."""
    met = () if weighed is None else ((feature, each) for feature, its in weighed.met.items() for each in its)
    found = [_row(each.waiver, each.standing, feature, each.cells) for feature, each in met if each.standing]
    return (*found, *(_row(each, Standing.UNUSED) for each in unused.waivers))


def _row(waiver: Waiver, standing: Standing, feature: str | None = None, cells: int = 0) -> Waived:
    return Waived(
        feature=feature,
        pattern=waiver.feature,
        cause=waiver.cause,
        reason=waiver.reason,
        owner=waiver.owner,
        expires=waiver.expires,
        max_rate=waiver.max_rate,
        standing=standing,
        cells=cells,
    )


def _could_meet(bench: Bench, waiver: Waiver) -> bool:
    return bench.options.live or waiver.cause not in OF_A_DEPLOYMENT


def _unneeded(waiver: Waiver, *, expired: bool, shaded: bool) -> str:
    past = f", and expired after {waiver.expires}" if expired else ""
    why = "another waiver is about all such skew" if shaded else "no such skew was found"
    return f"{waiver.name} is unused{past}: {why}. Delete it from pyproject.toml; until then it fails"


def percent(rate: float) -> str:
    """A share as people read it."""
    return f"{rate * 100:.6g} %"
