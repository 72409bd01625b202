"""The commands as Python functions, under the same names and with the same options."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from skewguard.cli.output import Outputs
from skewguard.errors.base import called_in_python
from skewguard.errors.config import OptionNeeds
from skewguard.model import Mode
from skewguard.pipeline.given import check_options
from skewguard.pipeline.parity_options import parity_options
from skewguard.pipeline.table_options import table_options
from skewguard.result import CheckResult

if TYPE_CHECKING:
    from skewguard.pipeline.lock import Locking


@called_in_python()
def check(repo: str | Path | None = None, **options: Any) -> CheckResult:
    """Compare offline with online values for sampled entity rows, as `skewguard check` does.

    Options are those of the command, with underscores: `check("feature_repo", sample=100, as_of="2013-07-01")`.
    Repeatable ones take a list; `html="report.html"` and its like write the files that the command would.
    Raises SkewguardError where the command would exit 2 without a result.
    """
    files, mode = Outputs.of_call(options), Mode.LIVE if options.get("live") else Mode.SANDBOX
    with files.guarded(command="check", mode=mode, repo=_named(repo), told=False):
        asked = check_options(repo, here=Path.cwd(), **options)
        from skewguard.pipeline.check import check as run

        outcome = run(asked)
    files.write(outcome)
    return CheckResult(outcome=outcome, db=asked.db)


@called_in_python()
def diff(offline: str | Path, online: str | Path, *, key: str | Sequence[str], **options: Any) -> CheckResult:
    """Compare two tables by the rules that `check` has, as `skewguard diff` does.

    Options are those of the command, with underscores; `tolerance` and `map` may be mappings:
    `diff("a.parquet", "b.csv", key=["k"], tolerance={"price": Tolerance(absolute=0.01)}, map={"cost": "price"})`.
    Raises SkewguardError where the command would exit 2 without a result.
    """
    files = Outputs.of_call(options)
    files.spare(offline, online)
    with files.guarded(command="diff", mode=Mode.TABLES, told=False):
        asked = table_options(offline, online, here=Path.cwd(), key=key, **options)
        from skewguard.pipeline.tables import diff as run

        outcome = run(asked)
    files.write(outcome)
    return CheckResult(outcome=outcome, db=asked.db)


@called_in_python()
def lock(
    repo: str | Path | None = None,
    *,
    check: bool = False,
    lock: str | Path | None = None,
    any_version: bool = False,
    chdir: str | Path | None = None,
    feature_store_yaml: str | Path | None = None,
) -> Locking:
    """Write skewguard.lock, or with `check` hold the repo against it, as `skewguard lock` does.

    What comes back has `changes` (each with `subject` and `words`), `exit_code`, `written`, `path` and `to_json()`.
    Raises SkewguardError where the command would exit 2 without a result.
    """
    switches = {"chdir": chdir, "feature_store_yaml": feature_store_yaml}
    given = {name: str(value) for name, value in switches.items() if value is not None}
    asked = check_options(repo, here=Path.cwd(), **given)
    if any_version and not check:
        raise OptionNeeds("any_version", "check", "a lock is written with the versions that are there")
    from skewguard.pipeline.lock import lock_as_asked

    return lock_as_asked(asked, lock, check=check, any_version=any_version)


@called_in_python()
def parity(target: str | Path | None = None, **options: Any) -> CheckResult:
    """Test the laws on every transform in TARGET, as `skewguard parity` does.

    Options are those of the command, with underscores; `rows`, a list of dicts by input, takes the place of all other
    examples: `parity("transforms", transform="transforms.wind.wind_exposure", law="null_parity", rows=[...])`.
    Raises SkewguardError where the command would exit 2 without a result.
    """
    files = Outputs.of_call(options)
    with files.guarded(command="parity", mode=Mode.TRANSFORMS, repo=_named(target), told=False):
        asked = parity_options(target, here=Path.cwd(), **options)
        from skewguard.pipeline.parity import parity as run

        outcome = run(asked)
    files.write(outcome)
    return CheckResult(outcome=outcome, db=asked.db)


def _named(place: Any) -> Path | None:
    """What was asked about, where it is a place at all: what else it may be, the options refuse."""
    return Path(place) if isinstance(place, str | Path) else None
