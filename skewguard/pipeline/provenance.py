"""Where and with what a run was made: its id, the versions it stood on, the commit it looked at."""

from __future__ import annotations

import os
import platform
import secrets
import subprocess
import sys
from dataclasses import dataclass
from datetime import datetime
from importlib import metadata
from pathlib import Path

from skewguard.version import __version__


@dataclass(frozen=True, kw_only=True)
class Versions:
    """The versions that a result can depend on."""

    skewguard: str
    feast: str | None
    duckdb: str
    pandas: str | None
    python: str


def versions() -> Versions:
    """The versions, read without importing the packages."""
    return Versions(
        skewguard=__version__,
        feast=_installed("feast"),
        duckdb=_installed("duckdb") or "",
        pandas=_installed("pandas"),
        python=platform.python_version(),
    )


def new_run_id(started_at: datetime) -> str:
    """An id that sorts by the time at which the run began, and that two runs of one microsecond do not share."""
    return f"{started_at:%Y%m%dT%H%M%S.%fZ}-{secrets.token_hex(2)}"


def git_commit(folder: Path) -> str | None:
    """The commit checked out in `folder`, with `-dirty` behind it where files differ; None outside a checkout."""
    commit = _git(folder, "rev-parse", "HEAD")
    if commit is None:
        return None
    changes = _git(folder, "status", "--porcelain", "--untracked-files=no")
    return f"{commit}-dirty" if changes else commit


def git_root(folder: Path) -> Path | None:
    """The folder at the top of the checkout that `folder` is in; None outside one."""
    top = _git(folder, "rev-parse", "--show-toplevel")
    return Path(top) if top else None


def _git(folder: Path, *words: str) -> str | None:
    if not _in_checkout(folder):  # starting git to be told so takes longer than a look at the folders
        return None
    try:
        answer = subprocess.run(
            ["git", "-C", str(folder), "--no-optional-locks", *words],
            capture_output=True,
            text=True,
            timeout=10,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return answer.stdout.strip() if answer.returncode == 0 else None


def _in_checkout(folder: Path) -> bool:
    """Whether git could find one: in the folder, above it, or where the environment says."""
    place = folder.resolve()
    return "GIT_DIR" in os.environ or any((each / ".git").exists() for each in (place, *place.parents))


def _installed(package: str) -> str | None:
    """As the package itself says where it is imported already: what is written of its installation is slow to read."""
    said = getattr(sys.modules.get(package), "__version__", None)
    if isinstance(said, str):
        return said
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
