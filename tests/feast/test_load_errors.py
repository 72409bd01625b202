"""What a repo that cannot be opened is told: one paragraph, the user's own place, the next step."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from skewguard.errors.base import SkewguardError
from skewguard.errors.repo import (
    ClientMissing,
    NoViews,
    ProjectMismatch,
    RepoImportFailed,
    RepoNotFound,
    YamlInvalid,
    YamlNotAFile,
    YamlNotFound,
)
from skewguard.feature_store.load import open_repo

pytestmark = pytest.mark.feast
PLAIN = """
plain = FeatureView(name="plain", entities=[driver], schema=[Field(name="trips", dtype=Int64)], source=trips)
"""


def refused(folder: Path, **options: Any) -> SkewguardError:
    """The error of opening; nothing of the process may have changed."""
    before = Path.cwd(), dict(os.environ)
    with pytest.raises(SkewguardError) as caught, open_repo(folder=folder, **options):
        pytest.fail("the repo opened")
    assert (Path.cwd(), dict(os.environ)) == before
    assert "\n" not in str(caught.value)
    return caught.value


def test_no_folder(tmp_path: Path) -> None:
    error = refused(tmp_path / "nowhere")
    assert isinstance(error, RepoNotFound)
    assert "nowhere" in str(error)


def test_a_folder_without_yaml_names_the_repo_below_it(make_repo: Any) -> None:
    repo = make_repo(PLAIN)
    error = refused(repo.folder.parent)
    assert isinstance(error, YamlNotFound)
    assert str(repo.folder) in str(error)


def test_a_yaml_given_apart_is_the_one_that_is_read(make_repo: Any, tmp_path: Path) -> None:
    repo = make_repo(PLAIN)
    (tmp_path / "other.yaml").write_text("project: other\nregistry: r.db\n")
    with open_repo(folder=repo.folder, yaml=tmp_path / "other.yaml") as found:
        assert found.project == "other"
    assert isinstance(refused(repo.folder, yaml=tmp_path / "gone.yaml"), YamlNotAFile)


def test_a_folder_given_for_the_yaml_names_the_file_in_it(make_repo: Any, tmp_path: Path) -> None:
    repo = make_repo(PLAIN)
    error = refused(repo.folder, yaml=repo.folder)
    assert isinstance(error, YamlNotAFile)
    assert f"{repo.folder} is a folder, and --feature-store-yaml takes a file" in str(error)
    assert f"Give {repo.folder / 'feature_store.yaml'}, or" in str(error)
    assert "Correct --feature-store-yaml." in str(refused(repo.folder, yaml=tmp_path))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("project: [\n", "feature_store.yaml"),
        ("", "no settings"),
        ("- a\n- b\n", "no settings"),
        ("registry: r.db\n", "`project:` is missing"),
        ("project: 'bad name!'\nregistry: r.db\n", "bad name!"),
        ("project: tiny\nregistry: r.db\noffline_store:\n  type: nonsense\n", "nonsense"),
        ("project: tiny\nregistry: r.db\nentity_key_serialization_version: x\n", "entity_key_serialization_version"),
    ],
)
def test_a_yaml_that_feast_would_refuse(make_repo: Any, text: str, said: str) -> None:
    repo = make_repo(PLAIN)
    (repo.folder / "feature_store.yaml").write_text(text)
    error = refused(repo.folder)
    assert isinstance(error, YamlInvalid)
    assert said in str(error)


def test_variables_in_the_yaml_are_filled_in(make_repo: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    repo = make_repo(PLAIN, project="${SKEWGUARD_TEST_PROJECT}")
    monkeypatch.setenv("SKEWGUARD_TEST_PROJECT", "from_outside")
    with open_repo(folder=repo.folder) as found:
        assert found.project == "from_outside"


def test_an_import_that_fails_shows_the_users_line(make_repo: Any) -> None:
    repo = make_repo(PLAIN).python("def broken():\n    return 1 / 0\n\nbroken()\n", file="deeper/more.py", header="")
    error = refused(repo.folder)
    assert isinstance(error, RepoImportFailed)
    assert "ZeroDivisionError: division by zero at deeper/more.py, line 2 (`return 1 / 0`)" in str(error)
    assert "skewguard" not in str(error)


def test_a_feast_error_shows_the_line_that_called_feast(make_repo: Any) -> None:
    repo = make_repo('\n\nview = FeatureView(name="a", entities=[driver], schema=[1], source=trips)\n')
    error = refused(repo.folder)
    assert "features.py, line " in str(error)
    assert 'view = FeatureView(name="a"' in str(error)


def test_a_syntax_error_shows_its_line(make_repo: Any) -> None:
    error = refused(make_repo("a = (\n").folder)
    assert isinstance(error, RepoImportFailed)
    assert "SyntaxError" in str(error)
    assert "features.py, line " in str(error)


def test_a_repo_that_exits_is_an_import_that_fails(make_repo: Any) -> None:
    assert isinstance(refused(make_repo("import sys\nsys.exit(3)\n").folder), RepoImportFailed)


@pytest.mark.parametrize(
    ("module", "command"),
    [("hazelcast", "pip install 'feast[hazelcast]'"), ("no_such_thing", "pip install no_such_thing")],
)
def test_a_missing_package_comes_with_its_command(make_repo: Any, module: str, command: str) -> None:
    error = refused(make_repo(f"import {module}\n").folder)
    assert isinstance(error, RepoImportFailed)
    assert command in str(error)


def test_a_missing_offline_client_comes_with_its_command(make_repo: Any) -> None:
    error = refused(make_repo(PLAIN, offline_store={"type": "snowflake.offline"}).folder)
    assert isinstance(error, ClientMissing)
    assert "pip install 'feast[snowflake]'" in str(error)


def test_the_online_store_is_not_imported_in_the_sandbox(make_repo: Any) -> None:
    repo = make_repo(PLAIN, online_store={"type": "no.such.OnlineStore", "host": "nowhere"}, registry="s3://none/r.db")
    with open_repo(folder=repo.folder) as found:
        assert [each.name for each in found.views] == ["plain"]


def test_files_that_feastignore_lists_are_not_run(make_repo: Any) -> None:
    repo = make_repo(PLAIN).python("raise ValueError('run')\n", file="scripts/run.py", header="")
    assert isinstance(refused(repo.folder), RepoImportFailed)
    (repo.folder / ".feastignore").write_text("scripts\n")
    with open_repo(folder=repo.folder) as found:
        assert len(found.views) == 1


def test_a_repo_without_views_says_what_was_read(make_repo: Any) -> None:
    error = refused(make_repo("").folder)
    assert isinstance(error, NoViews)
    assert "features.py" in str(error)


def test_a_project_of_another_name(make_repo: Any) -> None:
    error = refused(make_repo(PLAIN + 'project = Project(name="elsewhere")\n').folder)
    assert isinstance(error, ProjectMismatch)
    assert "elsewhere" in str(error) and "tiny" in str(error)


def test_what_the_code_prints_is_kept_off_the_screen(make_repo: Any, capfd: pytest.CaptureFixture[str]) -> None:
    said = "import sys, warnings\nprint('hello')\nprint('oops', file=sys.stderr)\nwarnings.warn('w')\n"
    repo = make_repo(PLAIN + said)
    with open_repo(folder=repo.folder) as found:
        print("between")
    assert found.said.split() == ["hello", "oops"]
    assert capfd.readouterr() == ("between\n", "")
