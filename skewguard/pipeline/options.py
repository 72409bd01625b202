"""What a check is asked to do: every option of `skewguard check`, parsed and typed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from enum import Enum, StrEnum
from pathlib import Path
from typing import Any

from skewguard.config import ContractRule
from skewguard.credentials import without_credentials
from skewguard.model import Mode
from skewguard.waiver import Waiver


class AsOf(StrEnum):
    """The instants that have a name; any other is a datetime with a time zone."""

    LATEST = "latest"
    MATERIALIZED = "materialized"
    NOW = "now"


@dataclass(frozen=True, kw_only=True)
class CheckOptions:
    """All that a check is told. Paths are absolute; `sample` None is all rows; `as_of` None is the mode's default.

    `allow` maps a cause to the rate up to which it may be; `timeout` is seconds; `max_qps` is requests a second.
    """

    repo: Path
    feature_store_yaml: Path | None = None
    live: bool = False
    replay: int | None = None
    services: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    sample: int | None = 1000
    entities: Path | None = None
    as_of: AsOf | datetime | None = None
    max_freshness: timedelta = timedelta(0)
    seed: int = 0
    request_size: int = 1
    max_skew_rate: float = 0.0
    baseline: str | None = None
    allow: Mapping[str, float] = field(default_factory=dict)
    exit_zero: bool = False
    strict: bool = False
    scan_online: bool = False
    online_batch: int = 500
    max_qps: float | None = None
    timeout: float = 60.0
    since: datetime | None = None
    db: Path
    redact: tuple[str, ...] = ()
    contracts: tuple[ContractRule, ...] = ()
    waivers: tuple[Waiver, ...] = ()

    @property
    def mode(self) -> Mode:
        """What is compared with what."""
        if self.replay is not None:
            return Mode.REPLAY
        return Mode.LIVE if self.live else Mode.SANDBOX

    @property
    def instant(self) -> AsOf | datetime:
        """The as-of that was asked for, or the mode's own."""
        if self.as_of is not None:
            return self.as_of
        return AsOf.NOW if self.live else AsOf.LATEST

    def as_config(self) -> dict[str, Any]:
        """The options as JSON can hold them, for the ledger's column `runs.config`."""
        kept = (each.name for each in fields(self) if each.name not in ("contracts", "waivers"))
        return {name: _plain(getattr(self, name)) for name in kept}


def _plain(value: Any) -> Any:
    match value:
        case Enum():
            return value.value
        case str() | Path():
            return without_credentials(str(value))
        case datetime():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case tuple():
            return [_plain(each) for each in value]
        case Mapping():
            return {str(key): _plain(each) for key, each in value.items()}
        case _:
            return value
