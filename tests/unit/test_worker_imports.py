"""The processes of `parity` import Feast in the way that takes a third of the time, which only its first import can."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

# Stands in for Feast: ends the process that imports it, by a code that says in which way.
FEAST = """
import os
import typeguard._decorators as decorators
os._exit(17 if decorators.instrument.__module__ == "skewguard.feature_store.arrival" else 18)
"""
WORKER = """
import io
from pathlib import Path
from skewguard.pipeline.parity_batch import Recipe
from skewguard.pipeline.parity_target import Target
from skewguard.pipeline.parity_messages import Load, Rehydrate, Warm
from skewguard.pipeline.parity_worker import Worker
target = Target(given="repo", repo=Path("repo").resolve())
Worker(io.BytesIO(), io.BytesIO())._handle({})
"""


@pytest.mark.parametrize(
    "message",
    [
        "Warm()",
        "Load(target=target, seed=0)",
        "Rehydrate(target=target, views={'view': (None, b'')}, batch={})",
        "Rehydrate(target=target, views={}, batch={'plain': Recipe(shape=None, registered=b'')})",
    ],
)
def test_feast_is_imported_in_the_quick_way(message: str, tmp_path: Path) -> None:
    (tmp_path / "feast").mkdir()
    (tmp_path / "feast" / "__init__.py").write_text(FEAST)
    (tmp_path / "repo").mkdir()
    (tmp_path / "repo" / "feature_store.yaml").write_text("project: shop\nprovider: local\nregistry: registry.db\n")
    done = subprocess.run(
        [sys.executable, "-c", WORKER.format(message)], cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 17, done.stderr
