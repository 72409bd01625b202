"""The production bugs of the demo: what is done, by the mechanism by which it happens, and what a check must say."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from skewguard.errors import SkewguardError
from skewguard.errors.project import DemoStopped
from skewguard.model import Cause
from skewguard.pipeline.demo_files import NEW_YEAR, NOON, Events

STOPPED = "route_delays"
# On-demand features that read a view with a bug: theirs is inherited.
READERS = ("aircraft_readiness", "delay_share", "route_outlook", "wind_exposure")


@dataclass(frozen=True, kw_only=True)
class Scene:
    """Where the bugs are played: the project's folder, and its events."""

    root: Path
    events: Events

    @property
    def repo(self) -> Path:
        """The Feast repo of the project."""
        return self.root / "feature_repo"

    def edit(self, file: str, old: str, new: str) -> None:
        """Replaces text that is in the file once. Errors: DemoStopped."""
        path = self.root / file
        text = path.read_text(encoding="utf-8")
        if text.count(old) != 1:
            raise DemoStopped(f"the edit of {path}", f"{old!r} is in it {text.count(old)} times")
        path.write_text(text.replace(old, new), encoding="utf-8")

    def build(self) -> None:
        """`skewguard build`. Errors: DemoStopped."""
        from skewguard.pipeline.build import build

        for table in build(self.repo):
            if table.error is not None:
                raise DemoStopped(f"the build of {table.view}", table.error)

    def run(self, job: str) -> None:
        """`python jobs/JOB.py`. Errors: DemoStopped."""
        from skewguard.feature_store.playing import run_job

        with failing(f"jobs/{job}.py"):
            run_job(self.repo, self.root / "jobs" / f"{job}.py")

    def apply(self) -> None:
        """`feast apply`. Errors: DemoStopped."""
        from skewguard.feature_store.playing import apply

        with failing("`feast apply`"):
            apply(self.repo)


@contextmanager
def failing(step: str) -> Iterator[None]:
    """Around a step of Feast's or of a job: whatever it raises is said to be of that step. Errors: DemoStopped."""
    try:
        yield
    except SkewguardError:
        raise
    except Exception as error:
        raise DemoStopped(step, str(error)) from error


@dataclass(frozen=True, kw_only=True)
class Bug:
    """One bug: `feature` shows it, `view` has it, `cause` is what a check must call it; `play` does what `did` says."""

    title: str
    did: str
    feature: str
    cause: Cause
    play: Callable[[Scene], None]

    @property
    def view(self) -> str:
        """The view of its feature."""
        return self.feature.partition(":")[0]


def _job_stopped(scene: Scene) -> None:
    """Time goes on for every view but one."""
    from skewguard.feature_store.playing import materialize, view_names

    scene.events.as_known(NEW_YEAR)
    scene.build()
    with failing("`feast materialize`"):
        going = [name for name in view_names(scene.repo) if name != STOPPED]
        materialize(scene.repo, NOON, NEW_YEAR, going)


def _late_file(scene: Scene) -> None:
    scene.events.deliver_late_reports()
    scene.build()


def _expired(scene: Scene) -> None:
    scene.edit(
        "feature_repo/flights.py",
        "from pathlib import Path",
        "from datetime import timedelta\nfrom pathlib import Path",
    )
    scene.edit(
        "feature_repo/flights.py", 'name="plane_registry",\n', 'name="plane_registry",\n    ttl=timedelta(days=365),\n'
    )
    scene.apply()


def _raw(scene: Scene) -> None:
    scene.run("serve_plane_sizes")


def _cut_short(scene: Scene) -> None:
    scene.run("stream_carriers")


def _helper_changed(scene: Scene) -> None:
    scene.edit("transforms/weather.py", "MPH_PER_KNOT = 1.15078", "MPH_PER_KNOT = 1.852")
    scene.build()


BUGS = (
    Bug(
        title="A job that stopped",
        did="It is midnight on New Year's Eve. The tables are built again, and every view is materialized, by "
        f"`feast materialize`. But the job of {STOPPED} failed, and nobody looked.",
        feature="route_delays:route_mean_arr_delay_7d",
        cause=Cause.NOT_YET_MATERIALIZED,
        play=_job_stopped,
    ),
    Bug(
        title="A late file",
        did="Newark's weather reports of the afternoon of 30 December are delivered after the windows that hold them "
        "were materialized. The table is built again; `feast materialize` never looks back.",
        feature="origin_weather:temperature_f",
        cause=Cause.LATE_ARRIVAL,
        play=_late_file,
    ),
    Bug(
        title="An expired TTL",
        did="Somebody gives plane_registry a `ttl` of a year (feature_repo/flights.py) and runs `feast apply`. Feast "
        "heeds it when it trains, and not when it serves.",
        feature="plane_registry:seats",
        cause=Cause.TTL_NOT_ENFORCED,
        play=_expired,
    ),
    Bug(
        title="A raw value where training has a standardised one",
        did="Training reads seats standardised over the fleet. Another team's job (jobs/serve_plane_sizes.py) writes "
        "the same feature to the online store, and leaves the arithmetic out.",
        feature="plane_size:size_score",
        cause=Cause.RESCALED,
        play=_raw,
    ),
    Bug(
        title="A window cut short online",
        did="A streaming job (jobs/stream_carriers.py) calls the right transform, but keeps one day of departures "
        "where the window has seven, and writes to the online store alone.",
        feature="carrier_delays:carrier_departures_7d",
        cause=Cause.ONLINE_ONLY_PUSH,
        play=_cut_short,
    ),
    Bug(
        title="A helper changed after apply",
        did='A constant that a helper in transforms/weather.py divides by is "corrected": miles per hour in a knot, '
        "1.15078, become 1.852. The table for training is built again, by `skewguard build`; nobody runs `feast "
        "apply` or `feast materialize`.",
        feature="origin_weather:wind_knots",
        cause=Cause.TRANSFORM_VERSION,
        play=_helper_changed,
    ),
)


def expected_causes() -> Mapping[str, frozenset[Cause]]:
    """By view, every cause that a check may find after all bugs."""
    found: dict[str, frozenset[Cause]] = {name: frozenset({Cause.INHERITED}) for name in READERS}
    for bug in BUGS:
        found[bug.view] = found.get(bug.view, frozenset()) | {bug.cause}
    return found
