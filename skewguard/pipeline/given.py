"""From what a user gave (text of a command line, values of a Python call, lines of pyproject.toml) to CheckOptions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from skewguard import config, parse
from skewguard.errors.config import BadValue, OptionError, OptionNeeds, OptionsDisagree, UnknownOption
from skewguard.errors.repo import RepoNotFound
from skewguard.pipeline.excused import allowances
from skewguard.pipeline.options import AsOf, CheckOptions
from skewguard.pipeline.redacting import patterns

LEDGER = "skewguard.duckdb"
YAML = "feature_store.yaml"
MOST_INSTANTS_REPLAYED = 10_000  # each is a materialization: this many take a day


def as_of(value: Any) -> AsOf | Any:
    """A named instant, or a moment in time."""
    if isinstance(value, str) and value.strip().lower() in set(AsOf):
        return AsOf(value.strip().lower())
    try:
        return parse.instant(value)
    except ValueError:
        names = ", ".join(AsOf)
        raise ValueError(f"{names}, or an ISO-8601 date or time such as 2013-07-01T12:00:00Z, is needed") from None


def path(value: Any) -> Path:
    """A file or folder."""
    return value if isinstance(value, Path) else Path(parse.word(value)).expanduser()


READERS: Mapping[str, Callable[[Any], Any]] = {
    "feature_store_yaml": path,
    "live": parse.flag,
    "replay": lambda value: parse.whole(value, least=1, most=MOST_INSTANTS_REPLAYED),
    "service": parse.words,
    "feature": parse.words,
    "exclude": parse.words,
    "sample": lambda value: parse.whole(value, least=1),
    "all": parse.flag,
    "entities": path,
    "as_of": as_of,
    "max_freshness": parse.duration,
    "seed": parse.seed,
    "request_size": lambda value: parse.whole(value, least=1),
    "max_skew_rate": parse.rate,
    "baseline": parse.word,
    "allow": allowances,
    "exit_zero": parse.flag,
    "strict": parse.flag,
    "scan_online": parse.flag,
    "online_batch": lambda value: parse.whole(value, least=1),
    "max_qps": parse.positive,
    "timeout": parse.positive,
    "since": parse.instant,
    "redact": patterns,
    "db": path,
}

PATHS = ("feature_store_yaml", "entities", "db")
RENAMED = {"service": "services", "feature": "features", "exclude": "excludes"}


def check_options(repo: Any = None, *, here: Path, chdir: Any = None, **given: Any) -> CheckOptions:
    """The options of a check asked for in the folder `here`: what is given, else what pyproject.toml says.

    `given` holds the options by name (`max_skew_rate`); None means not given. `chdir` is where the repo is looked for
    instead of `here`. The pyproject.toml is the nearest one, with a `[tool.skewguard]`, above the repo where one is
    named, else above that place. Paths in it start at its folder; all others start at `here`.
    """
    here = here.absolute()
    place = sent_to(chdir, here=here)
    named = _named(repo, place, chosen=chdir is not None)
    settings = config.load((named or place).resolve(), known_options=READERS)
    for name in given:
        if name not in READERS:
            raise UnknownOption(name, READERS)
    asked = {name: read(name, READERS[name], value) for name, value in given.items() if is_given(value)}
    asked = {name: here / value if name in PATHS else value for name, value in asked.items()}
    options = {**_defaults(settings, asked), **asked}
    chosen = named or settings.repo
    return CheckOptions(
        repo=_usual(place) if chosen is None else repo_at(chosen, yaml=options.get("feature_store_yaml")),
        contracts=settings.contracts,
        waivers=settings.waivers,
        **{"db": here / LEDGER, **_settled(options)},
    )


def sent_to(chdir: Any, *, here: Path) -> Path:
    """The folder where the repo is looked for. Errors: RepoNotFound."""
    if chdir is None:
        return here
    place: Path = here / read("chdir", path, chdir)
    if not place.is_dir():  # or a pyproject.toml above would name another repo, and nobody be the wiser
        raise RepoNotFound(place)
    return place


def is_given(value: Any) -> bool:
    """Not None, nor an empty list; what has no truth of its own, such as a frame, is for the reader to refuse."""
    return bool(value) if isinstance(value, tuple | list) else value is not None


def read(name: str, reader: Callable[[Any], Any], value: Any) -> Any:
    """The value of an option, as its reader takes it. Errors: OptionError."""
    try:
        return reader(value)
    except ValueError as error:
        raise OptionError(name, value, str(error)) from None


def _defaults(settings: config.Config, asked: Mapping[str, Any]) -> dict[str, Any]:
    defaults = {}
    for name, value in settings.options.items():
        try:
            taken = READERS[name](value)
        except ValueError as error:
            raise BadValue(settings.path or Path(), config.TABLE, name, value, str(error)) from None
        defaults[name] = settings.folder / taken if name in PATHS else taken
    # What is asked for on the spot takes the place of a default that it contradicts.
    for one, other in (
        ("sample", "all"),
        ("all", "sample"),
        ("entities", "sample"),
        ("scan_online", "entities"),
        ("scan_online", "since"),
        ("replay", "live"),
        ("live", "replay"),
    ):
        if asked.get(one):
            defaults.pop(other, None)
    if not {**defaults, **asked}.get("live") or asked.get("entities") or asked.get("since"):
        defaults.pop("scan_online", None)  # as a default it is meant for the checks that it fits
    return defaults


def _settled(options: Mapping[str, Any]) -> dict[str, Any]:
    settled = {RENAMED.get(name, name): value for name, value in options.items()}
    if settled.get("live") and settled.get("replay"):
        raise OptionsDisagree("live", "replay", "a deployed store has its present only, history is played in a sandbox")
    if settled.get("scan_online"):
        if not settled.get("live"):
            raise OptionNeeds(
                "scan_online", "live", "a sandbox holds the sampled keys only, and no deployed store is read"
            )
        if "entities" in settled:
            raise OptionsDisagree("scan_online", "entities", "the file names the rows to ask for")
        if "since" in settled:
            raise OptionsDisagree(
                "scan_online", "since", "keys without an event since then would pass for unknown ones"
            )
    everything = settled.pop("all", False)
    if everything and "sample" in settled:
        raise OptionsDisagree("all", "sample", "one asks for every row, the other for some")
    if everything or ("entities" in settled and "sample" not in settled):
        settled["sample"] = None
    return settled


def _named(repo: Any, place: Path, *, chosen: bool) -> Path | None:
    """The repo that the call itself names: as an argument, or as the very folder that it was sent to."""
    if repo is not None:
        folder: Path = place / read("repo", path, repo)
        return folder
    return place if chosen and (place / YAML).is_file() else None


def repo_at(folder: Path, *, yaml: Path | None = None) -> Path:
    """The repo that a folder stands for, whatever command names it: itself, else the usual one in it."""
    return folder if yaml is not None or (folder / YAML).is_file() else _usual(folder)


def _usual(place: Path) -> Path:
    usual = place / "feature_repo"
    return usual if (usual / YAML).is_file() else place
