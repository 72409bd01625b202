"""Opening a repo changes nothing that outlives it, and two repos never see each other."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import threading
import warnings
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from skewguard.errors.repo import RepoImportFailed
from skewguard.feature_store.load import open_repo
from skewguard.feature_store.quiet import quiet

pytestmark = pytest.mark.feast


def plain(name: str, extra: str = "") -> str:
    """A repo's file with one view."""
    view = f'FeatureView(name="{name}", entities=[driver], schema=[Field(name="trips", dtype=Int64)], source=trips)'
    return f"{extra}\nview = {view}\n"


def process() -> tuple[Any, ...]:
    """All that a check may not change."""
    return (
        Path.cwd(),
        dict(os.environ),
        list(sys.path),
        list(warnings.filters),
        sys.dont_write_bytecode,
        {name: id(module) for name, module in sys.modules.items() if name.partition(".")[0] in OURS},
    )


OURS = ("features", "parts", "transforms", "shared")


def test_two_repos_with_the_same_module_names(make_repo: Any) -> None:
    for name in ("one", "two"):
        repo = make_repo(plain(name, "from parts.names import WORD\nassert WORD == view_name()\n"), name=name)
        repo.python(f"WORD = {name!r}\n", file="parts/names.py", header="")
        text = (repo.folder / "features.py").read_text()
        (repo.folder / "features.py").write_text(text.replace("view_name()", repr(name)))
        before = process()
        for _ in range(2):
            with open_repo(folder=repo.folder) as found:
                assert [each.name for each in found.views] == [name]
                assert "features" in sys.modules and Path.cwd() == repo.folder
            assert process() == before


def test_a_loaded_module_of_the_same_name_comes_back(make_repo: Any) -> None:
    mine = ModuleType("features")
    sys.modules["features"] = mine
    try:
        with open_repo(folder=make_repo(plain("one")).folder) as found:
            assert sys.modules["features"] is not mine
            assert len(found.views) == 1
        assert sys.modules["features"] is mine
    finally:
        del sys.modules["features"]


def test_an_edit_is_seen_by_the_next_check(make_repo: Any) -> None:
    repo = make_repo(plain("one"))
    with open_repo(folder=repo.folder):
        pass
    repo.python(plain("two"))
    with open_repo(folder=repo.folder) as found:
        assert [each.name for each in found.views] == ["two"]
    assert not list(repo.folder.rglob("__pycache__"))


def test_whatever_the_code_changes_is_undone_even_when_it_fails(make_repo: Any) -> None:
    careless = """
import os, sys, warnings
os.environ["SKEWGUARD_LEFT"] = "x"
os.environ.pop("HOME", None)
sys.path.insert(0, "/left")
warnings.simplefilter("error")
os.chdir("/")
"""
    before = process()
    repo = make_repo(careless + "raise RuntimeError('stop')\n")
    with pytest.raises(RepoImportFailed), open_repo(folder=repo.folder):
        pass
    assert process() == before


def test_the_project_around_the_repo_is_importable_as_the_shims_need(make_repo: Any) -> None:
    imports = "from transforms.words import WORD\nimport shared\nassert WORD == shared.WORD == 'mine'"
    repo = make_repo(plain("one", imports))
    for file in ("transforms/words.py", "src/shared.py"):
        path = repo.folder.parent / file
        path.parent.mkdir(exist_ok=True)
        path.write_text("WORD = 'mine'\n")
    (repo.folder.parent / "pyproject.toml").write_text("")
    stranger = ModuleType("transforms")
    sys.modules["transforms"] = stranger
    try:
        with open_repo(folder=repo.folder) as found:
            assert len(found.views) == 1
        assert sys.modules["transforms"] is stranger
        assert "transforms.words" not in sys.modules
    finally:
        del sys.modules["transforms"]


def test_what_is_installed_comes_before_the_repo_as_in_feasts_own_command(make_repo: Any) -> None:
    repo = make_repo(plain("one", "import yaml, json\nassert yaml.__version__ and json.dumps(1)"))
    repo.python("raise ValueError('never imported')\n", file="json.py", header="")
    with open_repo(folder=repo.folder) as found:
        assert len(found.views) == 1


def test_a_folder_of_the_callers_does_not_hide_the_repos_modules(make_repo: Any, tmp_path: Path) -> None:
    repo = make_repo(plain("one"))
    hiding = tmp_path / "hiding"
    hiding.mkdir()
    (hiding / "features.py").write_text("raise ValueError('the wrong file')\n")
    sys.path.insert(0, str(hiding))
    try:
        with open_repo(folder=repo.folder) as found:
            assert len(found.views) == 1
    finally:
        sys.path.remove(str(hiding))


def test_importing_feast_leaves_no_folder_variable_or_filter(tmp_path: Path) -> None:
    code = """
import os, sys, warnings
before = dict(os.environ), [each[:1] + each[2:3] for each in warnings.filters]
from skewguard.feature_store.arrival import import_feast
assert import_feast() == __import__("feast").__version__
left = [each for each in warnings.filters if each[0] == "once"]
assert dict(os.environ) == before[0] and not left, left
import feast.metrics
print(os.listdir(os.environ["TMPDIR"]))
"""
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "[]\n"), done.stderr


def test_quiet_hushes_one_thread_and_gives_the_streams_back(capsys: pytest.CaptureFixture[str]) -> None:
    before = sys.stdout, sys.stderr
    with quiet() as heard:
        print("hushed")
        other = threading.Thread(target=print, args=("progress",))
        other.start()
        other.join()
        with quiet() as inner:
            print("deeper", file=sys.stderr)
    assert (sys.stdout, sys.stderr) == before
    assert "".join(heard) == "hushed\n" and "".join(inner) == "deeper\n"
    assert capsys.readouterr() == ("progress\n", "")


def test_feast_checks_arguments_as_ever_though_it_imports_faster() -> None:
    script = """
import typeguard
from typeguard import _decorators
before = _decorators.instrument
from skewguard.feature_store.arrival import import_feast
import_feast()
assert _decorators.instrument is before
import feast
feast.Entity(name="driver")
assert feast.Entity.__init__.__qualname__ == "Entity.__init__" and feast.Entity.__doc__
for wrong in ({"name": 7}, {"name": "driver", "join_keys": "id"}):
    try:
        feast.Entity(**wrong)
    except typeguard.TypeCheckError as error:
        assert "is not" in str(error)
    else:
        raise AssertionError(wrong)
"""
    subprocess.run([sys.executable, "-c", script], check=True)


def test_what_is_loaded_is_looked_through_for_cycles_again(make_repo: Any) -> None:
    assert not gc.get_freeze_count()
    with open_repo(folder=make_repo(plain("one")).folder):
        assert gc.get_freeze_count()
    assert not gc.get_freeze_count()
