"""Puts the flights example into wheels, among the templates of `skewguard init`: once, from where it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

# Not what builds and deployments leave beside them.
EXAMPLE = ("transforms/*.py", "feature_repo/*.py", "feature_repo/feature_store.yaml", "feature_repo/data/*.parquet")
PLACE = "skewguard/_templates/flights"


class ExampleHook(BuildHookInterface):
    """A wheel gets a copy; an editable installation reads the checkout's own files."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Told by hatchling before it builds."""
        if version == "editable":
            return
        root = Path(self.root)
        for file in sorted(each for pattern in EXAMPLE for each in root.glob(pattern)):
            build_data["force_include"][str(file)] = f"{PLACE}/{file.relative_to(root).as_posix()}"
