"""`skewguard init` as a person meets it: a project that checks clean at once, and turns red when it should."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from building import run

pytestmark = pytest.mark.feast


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project in a folder whose name has a space and an umlaut."""
    here = tmp_path_factory.mktemp("here")
    made = run("init", "Mein Läden", cwd=here)
    assert made.exit_code == 0, made.stderr
    assert "cd 'Mein Läden'" in made.stdout and "mein_laden" in made.stdout
    return here / "Mein Läden"


def test_it_checks_clean_and_its_lock_is_up_to_date(shop: Path) -> None:
    checked = run("check", "--json", "-", cwd=shop)
    result = json.loads(checked.stdout)
    assert (checked.exit_code, result["verdict"], result["project"]) == (0, "pass", "mein_laden")
    assert len(result["features"]) == 6 and all(each["matched"] == 200 for each in result["features"])
    locked = run("lock", "--check", cwd=shop)
    assert locked.exit_code == 0 and "up to date: 2 views, 6 features" in locked.stdout
    assert str(shop) not in (shop / "skewguard.lock").read_text(encoding="utf-8")


def test_its_own_tests_pass_and_can_fail(shop: Path) -> None:
    assert pytest_in(shop) == 0
    code = shop / "transforms" / "customers.py"
    sound = code.read_text(encoding="utf-8")
    code.write_text(sound.replace("timedelta(days=30)", "timedelta(days=29)"), encoding="utf-8")
    try:
        assert pytest_in(shop, "-k", "window") == 1
        assert run("lock", "--check", cwd=shop).exit_code == 1
    finally:
        code.write_text(sound, encoding="utf-8")


def pytest_in(project: Path, *words: str) -> int:
    """`pytest` in the project's folder."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *words]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    return subprocess.run(command, cwd=project, env=clean, capture_output=True, timeout=300, check=False).returncode


def test_its_transforms_keep_the_laws(shop: Path) -> None:
    kept = run("parity", "transforms", "--examples", "5", cwd=shop)
    assert kept.exit_code == 0, kept.stdout


def test_a_taken_folder_is_one_paragraph(shop: Path) -> None:
    refused = run("init", ".", cwd=shop)
    assert refused.exit_code == 2 and "Nothing was written" in refused.stderr and "Traceback" not in refused.stderr
