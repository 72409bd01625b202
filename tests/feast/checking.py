"""Opens a repo with its sources as slices, as the pipeline does, and reads single values from both stores."""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd

from skewguard.feature_store.load import Repo, open_repo
from skewguard.feature_store.sandbox import Sandbox, build
from skewguard.model import ViewSpec


@dataclass(frozen=True, kw_only=True)
class Check:
    """An open repo and its stores."""

    repo: Repo
    sandbox: Sandbox

    def view(self, name: str) -> ViewSpec:
        """One view of the repo."""
        return next(each for each in self.repo.views if each.name == name)

    def materialize(self, name: str, end: datetime) -> None:
        """Everything up to `end` into the sandbox."""
        self.sandbox.materialize(self.view(name), end - timedelta(days=365), end)

    def offline(self, name: str, feature: str, keys: Mapping[str, Any], at: datetime) -> list[Any]:
        """Training values, in the order of the keys."""
        frame = pd.DataFrame({**keys, "event_timestamp": [at] * len(next(iter(keys.values())))})
        frame["row"] = range(len(frame))
        job = self.sandbox.training.get_historical_features(frame, self.sandbox.request_for(self.view(name)))
        answer = {row["row"]: row[feature] for row in job.to_arrow().to_pylist()}
        return [answer.get(row) for row in range(len(frame))]

    def online(self, name: str, feature: str, keys: Mapping[str, Any]) -> list[Any]:
        """Served values, in the order of the keys."""
        rows = [dict(zip(keys, values, strict=True)) for values in zip(*keys.values(), strict=True)]
        request = self.sandbox.request_for(self.view(name))
        values: list[Any] = self.sandbox.serving.get_online_features(request, rows).to_dict()[feature]
        return values


@contextmanager
def checking(
    folder: Path, private: Path, *, live: bool = False, timeout: float = 20.0, only: Collection[str] | None = None
) -> Iterator[Check]:
    """The repo in `folder`, its whole sources as slices in `private`; of the views `only` where they are named."""
    private.mkdir(exist_ok=True)
    with open_repo(folder=folder, live=live) as repo:
        slices = {}
        for count, view in enumerate(repo.views):
            wanted = only is None or view.base_name in only
            if wanted and view.source is not None and Path(view.source.path).is_file():
                slices[view.base_name] = private / f"slice{count}.parquet"
                shutil.copyfile(view.source.path, slices[view.base_name])
        sandbox = build(repo, slices, private / "stores", timeout=timeout)
        try:
            yield Check(repo=repo, sandbox=sandbox)
        finally:
            sandbox.close()
