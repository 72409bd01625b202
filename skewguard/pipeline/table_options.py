"""What a diff of two tables is asked to do: its options, from the text of a command line or the values of a call."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from skewguard import config, parse
from skewguard.contract import Tolerance
from skewguard.credentials import without_credentials
from skewguard.errors.config import BadValue, OptionError, UnknownOption
from skewguard.errors.spelling import option
from skewguard.pipeline.given import LEDGER, is_given, path
from skewguard.pipeline.given import READERS as OF_A_CHECK
from skewguard.pipeline.redacting import EVERYTHING


class Duplicates(StrEnum):
    """What to do with rows that share a key."""

    ERROR = "error"
    MATCH = "match"


@dataclass(frozen=True, kw_only=True)
class TableOptions:
    """All that a diff is told. Tables are paths, or `FILE.duckdb::table`; columns go by their offline names.

    `abs_tol` or `rel_tol` given: numbers have that tolerance instead of the one that their types imply.
    """

    offline: str
    online: str
    key: tuple[str, ...]
    abs_tol: float | None = None
    rel_tol: float | None = None
    tolerance: Mapping[str, Tolerance] = field(default_factory=dict)
    columns: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    map: Mapping[str, str] = field(default_factory=dict)
    duplicates: Duplicates = Duplicates.ERROR
    redact: tuple[str, ...] = ()
    seed: int = 0
    max_skew_rate: float = 0.0
    exit_zero: bool = False
    strict: bool = False
    db: Path

    @property
    def overall(self) -> Tolerance | None:
        """The tolerance of every number that has none of its own."""
        if self.abs_tol is None and self.rel_tol is None:
            return None
        return Tolerance(absolute=self.abs_tol or 0.0, relative=self.rel_tol or 0.0)

    def as_config(self) -> dict[str, Any]:
        """The options as JSON can hold them, for the ledger's column `runs.config`."""
        own = {name: [each.absolute, each.relative] for name, each in self.tolerance.items()}
        return {
            "offline": without_credentials(self.offline),
            "online": without_credentials(self.online),
            "key": list(self.key),
            "abs_tol": self.abs_tol,
            "rel_tol": self.rel_tol,
            "tolerance": own,
            "columns": list(self.columns),
            "ignore": list(self.ignore),
            "map": dict(self.map),
            "duplicates": self.duplicates.value,
            "redact": list(self.redact),
            "max_skew_rate": self.max_skew_rate,
            "exit_zero": self.exit_zero,
            "strict": self.strict,
        }


def names(value: Any) -> tuple[str, ...]:
    """Columns: a list as it is; text at its commas, where a name in double quotes may have one in it."""
    texts = parse.words(value)
    if isinstance(value, list | set | frozenset):
        return texts
    parts = [part.strip() for text in texts for part in next(csv.reader([text], skipinitialspace=True), [])]
    return parse.words(parts)


def tolerances(value: Any) -> dict[str, Tolerance]:
    """`COL=ABS[,REL]`, one or several, or a mapping of columns to Tolerances or numbers."""
    if isinstance(value, Mapping):
        return {name: _tolerance(each) for name, each in value.items()}
    found = {}
    for text in parse.words(value):
        name, equals, numbers = text.rpartition("=")
        if not (equals and name):
            raise ValueError("COLUMN=ABSOLUTE or COLUMN=ABSOLUTE,RELATIVE is needed")
        found[name] = _tolerance(numbers.split(","))
    return found


def _tolerance(value: Any) -> Tolerance:
    if isinstance(value, Tolerance):
        return value
    parts = value if isinstance(value, list | tuple) else [value]
    if not 1 <= len(parts) <= 2:
        raise ValueError("one number (absolute) or two (absolute, relative) are needed for a column")
    absolute, relative = (*map(parse.not_negative, parts), 0.0)[:2]
    return Tolerance(absolute=absolute, relative=relative)


def mapping(value: Any) -> dict[str, str]:
    """`ONLINE=OFFLINE`, one or several, or a mapping."""
    if isinstance(value, Mapping):
        return {parse.word(online): parse.word(offline) for online, offline in value.items()}
    found: dict[str, str] = {}
    for text in parse.words(value):
        online, equals, offline = text.partition("=")
        if not (online and equals and offline):
            raise ValueError("ONLINE_COLUMN=OFFLINE_COLUMN is needed")
        if online in found:
            raise ValueError(f"{online!r} is mapped twice")
        found[online] = offline
    return found


def duplicates(value: Any) -> Duplicates:
    """`error` or `match`."""
    try:
        return Duplicates(value)
    except ValueError:
        raise ValueError(f"one of {', '.join(Duplicates)} is needed") from None


def redacted(value: Any) -> tuple[str, ...]:
    """`true` is all columns; else the names, or patterns of them, whose values are hidden beside the keys."""
    if isinstance(value, bool):
        return (EVERYTHING,) if value else ()
    return parse.words(value)


SHARED = ("seed", "max_skew_rate", "exit_zero", "strict", "db")
READERS: Mapping[str, Callable[[Any], Any]] = {
    "key": names,
    "abs_tol": parse.not_negative,
    "rel_tol": parse.not_negative,
    "tolerance": tolerances,
    "columns": names,
    "ignore": names,
    "map": mapping,
    "duplicates": duplicates,
    "redact": redacted,
    **{name: OF_A_CHECK[name] for name in SHARED},
}


def table_options(offline: Any, online: Any, *, here: Path, **given: Any) -> TableOptions:
    """The options of a diff asked for in the folder `here`: what is given, else what pyproject.toml says for checks."""
    here = here.absolute()
    for name in given:
        if name not in READERS:
            raise UnknownOption(name, READERS)
    asked = {name: _read(name, value) for name, value in given.items() if is_given(value)}
    if "key" not in asked:
        raise OptionError(
            "key", None, "a diff needs the columns that identify a row", next_step=f"Give {option('key', 'COLUMN')}."
        )
    if "db" in asked:
        asked["db"] = here / asked["db"]
    settled = {"db": here / LEDGER, **_defaults(here), **asked}
    return TableOptions(offline=_place(offline, "offline"), online=_place(online, "online"), **settled)


def _read(name: str, value: Any) -> Any:
    try:
        return READERS[name](value)
    except (TypeError, ValueError) as error:
        raise OptionError(name, value, str(error)) from None


def _place(value: Any, name: str) -> str:
    text = str(value) if isinstance(value, Path) else value
    try:
        return parse.word(text)
    except ValueError as error:
        raise OptionError(name, value, str(error)) from None


def _defaults(here: Path) -> dict[str, Any]:
    settings = config.load(here, known_options=OF_A_CHECK)
    defaults: dict[str, Any] = {}
    for name in settings.options.keys() & set(SHARED):
        try:
            defaults[name] = READERS[name](settings.options[name])
        except ValueError as error:
            where = settings.path or Path()
            raise BadValue(where, config.TABLE, name, settings.options[name], str(error)) from None
    if settings.options.get("redact"):  # its patterns are of features, and columns are called otherwise
        defaults["redact"] = (EVERYTHING,)
    if "db" in defaults:
        defaults["db"] = settings.folder / path(defaults["db"])
    return defaults
