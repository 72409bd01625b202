"""What a test of transforms is asked to do: its options, from the text of a command line or the values of a call."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from skewguard import config, parse
from skewguard.errors.config import BadValue, UnknownOption
from skewguard.errors.parity import UnknownLaw
from skewguard.model import Law
from skewguard.pipeline.given import LEDGER, check_options, is_given, path, read, sent_to
from skewguard.pipeline.given import READERS as OF_A_CHECK
from skewguard.pipeline.parity_target import Target, find_target
from skewguard.pipeline.redacting import patterns
from skewguard.proofs.calls import Row

EXAMPLES = 40


@dataclass(frozen=True, kw_only=True)
class ParityOptions:
    """All that `parity` is told. `laws` and `transforms` empty: all of them.

    `rows`: these alone, for one on-demand transform; or `events` by event table, for one batch transform. `redacted`:
    no row of a source may be shown: the laws are tried on generated ones alone.
    """

    target: Target
    laws: tuple[Law, ...] = ()
    transforms: tuple[str, ...] = ()
    examples: int | None = None  # EXAMPLES, and fewer for what is slow
    seed: int = 0
    rows: tuple[Row, ...] | None = None
    events: Mapping[str, Sequence[Row]] | None = None
    redacted: bool = False
    db: Path

    def as_config(self) -> dict[str, Any]:
        """The options as JSON can hold them, for the ledger's column `runs.config`."""
        return {
            "target": self.target.given,
            "law": [law.value for law in self.laws],
            "transform": list(self.transforms),
            "examples": self.examples,
            "seed": self.seed,
            "rows": self.rows is not None or self.events is not None,
        }


def laws(value: Any) -> tuple[Law, ...]:
    """The laws of that name, in INTERFACE.md's order."""
    asked = set()
    for name in parse.words(value):
        if name not in set(Law):
            raise UnknownLaw(name, list(Law))
        asked.add(name)
    return tuple(law for law in Law if law in asked)


def rows(value: Any) -> tuple[Row, ...] | Mapping[str, Sequence[Row]]:
    """A list of dicts; or, of events, a dict of such lists by table."""
    if isinstance(value, Mapping):
        return {str(name): _dicts(each) for name, each in value.items()}
    if not value:
        raise ValueError("at least one row is needed")
    return _dicts(value)


def _dicts(value: Any) -> tuple[Row, ...]:
    if not isinstance(value, Sequence) or not all(isinstance(each, Mapping) for each in value):
        raise ValueError("a list of rows, each a dict by input, is needed")
    return tuple(dict(each) for each in value)


READERS: Mapping[str, Callable[[Any], Any]] = {
    "law": laws,
    "transform": parse.words,
    "examples": lambda value: parse.whole(value, least=1),
    "seed": parse.seed,
    "rows": rows,
    "db": path,
}
RENAMED = {"law": "laws", "transform": "transforms"}


def parity_options(
    target: Any = None, *, here: Path, chdir: Any = None, feature_store_yaml: Any = None, **given: Any
) -> ParityOptions:
    """The options asked for in the folder `here`; without a target, the repo that a check would find.

    Errors: TargetNotFound, UnknownLaw, and those of options.
    """
    here = here.absolute()
    for name in given:
        if name not in READERS:
            raise UnknownOption(name, READERS)
    asked = {name: read(name, READERS[name], value) for name, value in given.items() if is_given(value)}
    if "db" in asked:
        asked["db"] = here / asked["db"]
    place = sent_to(chdir, here=here)
    yaml = None if feature_store_yaml is None else here / Path(str(feature_store_yaml)).expanduser()
    if target is None:
        repo = check_options(None, here=here, chdir=chdir).repo
        found = Target(given=str(repo.resolve()), repo=repo.resolve(), yaml=yaml)
    else:
        found = find_target(str(target), place, yaml=yaml)
    # A repo's own project says how it is tested, as for a check: what it redacts must not hang on where one stands.
    settled = {"db": here / LEDGER, **_defaults(found.repo or here), **asked}
    if isinstance(settled.get("rows"), Mapping):
        settled["events"] = settled.pop("rows")
    return ParityOptions(target=found, **{RENAMED.get(name, name): value for name, value in settled.items()})


def _defaults(here: Path) -> dict[str, Any]:
    """What pyproject.toml says for checks and this has too."""
    settings = config.load(here, known_options=OF_A_CHECK)
    defaults: dict[str, Any] = {}
    for name in settings.options.keys() & {"seed", "db", "redact"}:
        try:
            defaults[name] = {**READERS, "redact": patterns}[name](settings.options[name])
        except ValueError as error:
            where = settings.path or Path()
            raise BadValue(where, config.TABLE, name, settings.options[name], str(error)) from None
    defaults["redacted"] = bool(defaults.pop("redact", ()))
    if "db" in defaults:
        defaults["db"] = settings.folder / defaults["db"]
    return defaults
