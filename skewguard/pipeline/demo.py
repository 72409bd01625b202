"""`skewguard demo`: deploys a copy of the flights example, checks it, plays the bugs, and checks it again."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from skewguard.model import FeatureResult, Outcome, Verdict
from skewguard.pipeline.demo_bugs import BUGS, Bug, Scene, expected_causes, failing
from skewguard.pipeline.demo_files import BEGIN, NOON, Events
from skewguard.pipeline.given import LEDGER, check_options
from skewguard.pipeline.init import DEMO, VERSION_CONTROL, lay, project_name, written_aside
from skewguard.pipeline.progress import Progress, silent

if TYPE_CHECKING:
    from skewguard.report.explained import CauseFound

FOLDER = "skewguard-demo"
# Says of a folder that a demo made it, and may be replaced by another one.
MARK = ".skewguard-demo"
UNFINISHED = "A demo that was interrupted: the next one replaces the folder.\n"
FINISHED = "Made by `skewguard demo`; `skewguard demo --again` replaces the folder.\n"
SAMPLE = 200


@dataclass(frozen=True, kw_only=True)
class Caught:
    """What the check says of one bug: `shown` is its cause in its feature, None where it was not found."""

    bug: Bug
    shown: CauseFound | None
    features: int
    cells: int


@dataclass(frozen=True, kw_only=True)
class Played:
    """A demo: the check before, the check after, and each bug. `strays` are causes that no bug accounts for."""

    folder: Path
    before: Outcome
    after: Outcome
    caught: tuple[Caught, ...]
    strays: tuple[str, ...]

    @property
    def as_it_should(self) -> bool:
        """Clean before; and after it every bug under its own name, and nothing else."""
        clean = self.before.run.verdict is Verdict.PASS
        return clean and not self.strays and all(each.shown is not None for each in self.caught)


def demo(
    folder: Path, *, again: bool = False, told: Callable[[str], None] = lambda line: None, progress: Progress = silent
) -> Played:
    """Play it in `folder`, which is new or empty, or with `again` was made by an earlier demo.

    `told` hears what is being done. After an error the folder is gone, as if nothing had begun.
    Errors: those of `skewguard.errors.project`; those of a check.
    """
    folder = folder.absolute()
    mark = folder / MARK
    if mark.is_file() and (again or mark.read_text(encoding="utf-8") == UNFINISHED):
        shutil.rmtree(folder)
    new = not folder.exists()
    scene = _laid(folder)
    try:
        played = _played(scene, told, progress)
        mark.write_text(FINISHED, encoding="utf-8")
        return played
    except BaseException:
        _cleared(folder, itself=new)
        raise


def _laid(folder: Path) -> Scene:
    """The flights example, whole, and the jobs and the view that the demo adds."""
    step = "Name another folder, or add --again to replace what an earlier demo made."
    with written_aside(folder, next_step=step) as aside:
        lay(DEMO, aside, name=project_name(folder))
        (aside / MARK).write_text(UNFINISHED, encoding="utf-8")
    return Scene(root=folder, events=Events.read(folder / "feature_repo" / "data"))


def _played(scene: Scene, told: Callable[[str], None], progress: Progress) -> Played:
    told("It is noon of 30 December 2013. Deploying: skewguard build, feast apply, feast materialize")
    _deploy(scene)
    told(f"Before any bug: skewguard check --live --sample {SAMPLE}")
    before = _check(scene, progress)
    for number, bug in enumerate(BUGS, 1):
        told(f"Bug {number} of {len(BUGS)}: {bug.title}")
        bug.play(scene)
    told(f"After all of them: skewguard check --live --sample {SAMPLE}")
    after = _check(scene, progress)
    return Played(
        folder=scene.root,
        before=before,
        after=after,
        caught=tuple(_caught(bug, after.features, scene.root / LEDGER) for bug in BUGS),
        strays=tuple(_strays(after)),
    )


def _deploy(scene: Scene) -> None:
    from skewguard.feature_store.playing import materialize, view_names

    scene.events.as_known(NOON)
    scene.run("make_plane_sizes")
    scene.build()
    scene.apply()
    with failing("`feast materialize`"):
        materialize(scene.repo, BEGIN, NOON, view_names(scene.repo))


def _check(scene: Scene, progress: Progress) -> Outcome:
    from skewguard.pipeline.check import check

    given: Mapping[str, Any] = {"live": True, "sample": SAMPLE, "db": scene.root / LEDGER}
    return check(check_options(scene.repo, here=scene.root, **given), progress=progress)


def _caught(bug: Bug, features: tuple[FeatureResult, ...], db: Path) -> Caught:
    from skewguard.pipeline.history import explain

    found = [each.causes[bug.cause] for each in features if each.feature_view == bug.view and bug.cause in each.causes]
    causes = explain(bug.feature, run="latest", db=db, here=db.parent).causes
    shown = next((each for each in causes if each.cause == bug.cause), None)
    return Caught(bug=bug, shown=shown, features=len(found), cells=sum(found))


def _strays(after: Outcome) -> list[str]:
    """Causes and errors that are not of a bug: there should be none."""
    expected = expected_causes()
    strays = [
        f"{each.feature}: {cause}, {cells} cells"
        for each in after.features
        for cause, cells in each.causes.items()
        if cause not in expected.get(each.feature_view, ())
    ]
    return strays + [f"{each.feature}: {each.message}" for each in after.errors]


def _cleared(folder: Path, *, itself: bool) -> None:
    """What was written goes; a folder that was there before stays, and held nothing but version control."""
    if itself:
        shutil.rmtree(folder, ignore_errors=True)
        return
    for each in folder.iterdir():
        if each.is_dir() and each.name not in VERSION_CONTROL:
            shutil.rmtree(each, ignore_errors=True)
        elif not each.is_dir():
            each.unlink(missing_ok=True)
