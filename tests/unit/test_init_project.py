"""`skewguard init` as a writer of files: what it lays down, under which name, and all that it leaves alone."""

from __future__ import annotations

import ast
import tomllib
from pathlib import Path

import pytest
import yaml

from skewguard.errors.project import FolderIsNone, FolderTaken, FolderUnwritable, UnknownTemplate
from skewguard.pipeline import init as making
from skewguard.pipeline.init import PLACEHOLDER, Made, init, project_name

ROOT = Path(__file__).resolve().parents[2]


def made(folder: Path, template: str = "minimal") -> Made:
    """Without the lock, for which Feast would be imported: tests/e2e/test_init.py has it."""
    return init(folder, template=template, lock=False)


def test_the_layout_is_the_one_that_is_promised(tmp_path: Path) -> None:
    files = {str(file) for file in made(tmp_path / "shop").files}
    assert {"pyproject.toml", "README.md", ".gitignore", ".github/workflows/skewguard.yml"} <= files
    assert {"feature_repo/feature_store.yaml", "feature_repo/data/orders.parquet", "tests/test_features.py"} <= files
    assert {Path(file).parts[0] for file in files} >= {"transforms", "feature_repo", "tests"}
    assert not [file for file in files if "dot_" in file or "__pycache__" in file]
    assert [each.name for each in tmp_path.iterdir()] == ["shop"]


def test_the_workflow_runs_what_must_hold(tmp_path: Path) -> None:
    text = (made(tmp_path / "shop").folder / ".github/workflows/skewguard.yml").read_text(encoding="utf-8")
    steps = yaml.safe_load(text)["jobs"]["check"]["steps"]
    commands = [step["run"].split()[:3] for step in steps if "run" in step]
    assert ["skewguard", "lock", "--check"] in commands and ["skewguard", "parity", "transforms"] in commands
    assert ["skewguard", "check", "--json"] in commands and ["pytest"] in commands
    assert any("upload-artifact" in step.get("uses", "") for step in steps)


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("shop", "shop"),
        ("My Shop", "my_shop"),
        ("Bücher-Laden", "bucher_laden"),
        ("2025", "features_2025"),
        ("特徴", "features"),
        ("_private", "private"),
        ("a\"b'c", "a_b_c"),
    ],
)
def test_any_folder_name_gives_one_that_feast_and_pip_take(tmp_path: Path, folder: str, name: str) -> None:
    project = made(tmp_path / folder)
    assert project.name == name == project_name(tmp_path / folder)
    settings = tomllib.loads((project.folder / "pyproject.toml").read_text(encoding="utf-8"))
    assert settings["project"]["name"] == name and settings["tool"]["skewguard"] == {"repo": "feature_repo"}
    store = yaml.safe_load((project.folder / "feature_repo" / "feature_store.yaml").read_text(encoding="utf-8"))
    assert store["project"] == name
    texts = [file for file in project.files if file.suffix != ".parquet"]
    assert not [file for file in texts if PLACEHOLDER in (project.folder / file).read_text(encoding="utf-8")]


def test_an_empty_folder_and_one_that_git_just_made_will_do(tmp_path: Path) -> None:
    (tmp_path / "bare" / ".git").mkdir(parents=True)
    (tmp_path / "empty").mkdir()
    for name in ("bare", "empty"):
        assert (made(tmp_path / name).folder / "pyproject.toml").is_file()
    assert (tmp_path / "bare" / ".git").is_dir()
    assert not list(tmp_path.rglob(f"{making.ASIDE}*"))


def test_missing_folders_above_it_are_made(tmp_path: Path) -> None:
    assert (made(tmp_path / "a" / "b" / "shop").folder / "transforms").is_dir()


def test_a_folder_with_something_in_it_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(FolderTaken, match=r"not empty: it holds notes\.txt\. Nothing was written") as refused:
        made(tmp_path)
    assert refused.value.exit_code == 2
    assert [each.name for each in tmp_path.iterdir()] == ["notes.txt"]


@pytest.mark.parametrize("kind", ["file", "dangling link"])
def test_what_is_no_folder_is_left_as_it_is(tmp_path: Path, kind: str) -> None:
    place = tmp_path / "shop"
    place.write_text("mine") if kind == "file" else place.symlink_to(tmp_path / "gone")
    with pytest.raises(FolderIsNone, match="is no folder"):
        made(place)
    assert [each.name for each in tmp_path.iterdir()] == ["shop"]


def test_below_a_file_there_is_no_room(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(FolderUnwritable, match="cannot be made"):
        made(tmp_path / "file" / "shop")


@pytest.mark.parametrize("there", [False, True])
def test_half_a_project_is_never_left(tmp_path: Path, there: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk is full after some files; and, into a folder that is there, while they are moved to their place."""
    place = tmp_path / "deep" / "shop"
    if there:
        place.mkdir(parents=True)
    name, moved = ("rename", Path.rename) if there else ("write_text", Path.write_text)
    calls = []

    def full(self: Path, *given: object, **named: object) -> object:
        calls.append(self)
        if len(calls) == 3:
            raise OSError(28, "No space left on device")
        return moved(self, *given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(Path, name, full)
    with pytest.raises(FolderUnwritable, match="No space left on device"):
        made(place)
    assert len(calls) >= 3
    assert sorted(tmp_path.rglob("*")) == ([tmp_path / "deep", place] if there else [])


def test_an_unknown_template_lists_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(UnknownTemplate, match=r"no template 'flight'.*flights"):
        made(tmp_path / "shop", "flight")
    assert not list(tmp_path.iterdir())


def test_the_flights_template_is_the_example_and_a_wheel_holds_the_same(tmp_path: Path) -> None:
    """hatch_build.py puts into a wheel the very files that `init` takes from a checkout."""
    hook = ast.parse((ROOT / "hatch_build.py").read_text(encoding="utf-8"))
    (patterns,) = [ast.literal_eval(each.value) for each in hook.body if "EXAMPLE =" in ast.unparse(each)[:10]]
    shipped = {str(file.relative_to(ROOT)) for pattern in patterns for file in ROOT.glob(pattern)}
    files = {str(file) for file in made(tmp_path / "flights", "flights").files}
    assert shipped == {file for file in files if file.split("/")[0] in {"transforms", "feature_repo"}}
    assert len(shipped) > 15 and {"pyproject.toml", "README.md", "tests/test_features.py"} <= files
    for file in shipped:
        assert (tmp_path / "flights" / file).read_bytes() == (ROOT / file).read_bytes()
