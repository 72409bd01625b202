"""README.md and docs/: every block of shell, SQL, TOML and Python is run as a reader would run it, page by page."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import documented_project
import pytest
import yaml
from building import NOON, Project, run
from documentation import Block, blocks, pages

from skewguard import config
from skewguard.ledger import query
from skewguard.model import Law
from skewguard.pipeline.given import READERS, check_options

pytestmark = pytest.mark.feast

# Their YAML and shell are for the systems that they are about: these tests play those.
ELSEWHERE = {"docs/ci.md": "tests/e2e/test_ci_definitions.py"}
RUN_PAGES = [page for page in pages() if page not in ELSEWHERE and any(not each.skipped for each in blocks(page))]
# Their answer is the same on every page: the ledger has such runs already. Not where they write a file of their own.
ALIKE = ("check", "parity")
FILES = {"--db", "--html", "--metrics", "--json", "--redact"}
# Laws for which each transform runs in processes of its own.
COSTLY = (Law.DETERMINISTIC, Law.TIMEZONE_FREE, Law.REHYDRATES)
DECORATED = """
from datetime import timedelta
from zoneinfo import ZoneInfo
import pandas as pd
from skewguard import Feature, batch_features, on_demand_features
"""
PLAIN = """
from stats_view import *
"""
STATS = """
item = Entity(name="item", join_keys=["item"], value_type=ValueType.INT64)
stats = FeatureView(name="stats", entities=[item], ttl=timedelta(0),
    source=FileSource(name="s", path=HERE + "/stats.parquet", timestamp_field="at"),
    schema=[Field(name="price", dtype=Float64), Field(name="share", dtype=Float32)])
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return documented_project.build(tmp_path_factory.mktemp("documented") / "your_project")


@pytest.fixture(scope="module")
def known() -> dict[tuple[str, ...], tuple[int, str]]:
    """What commands gave that are on several pages, and leave nothing behind that a page goes on from."""
    return {}


@pytest.fixture
def project(built: Path, tmp_path: Path) -> Path:
    """A copy for one page; the registry has the paths of the first, which stay as they are."""
    return shutil.copytree(built, tmp_path / "your_project")


class Reader:
    """Somebody who follows a page from its first block to its last, in one folder."""

    def __init__(
        self,
        project: Path,
        monkeypatch: pytest.MonkeyPatch,
        known: dict[tuple[str, ...], tuple[int, str]] | None = None,
    ) -> None:
        self.known = {} if known is None else known
        self.project = project
        self.here = project
        self.monkeypatch = monkeypatch
        self.space: dict[str, object] = {}

    def follow(self, block: Block) -> None:
        """Runs one block; fails where it does not do what the page says."""
        match block.language:
            case "sh":
                self._type(block)
            case "sql":
                self.ask(block)
            case "toml":
                self._settings(block)
            case "python":
                self._python(block)
            case "yaml":
                assert list(yaml.safe_load_all(block.body)), block
            case "json":
                assert json.loads(block.body), block
            case "text":
                pass
            case other:
                pytest.fail(f"{block}: nobody knows how to run {other!r}")

    def _type(self, block: Block) -> None:
        self.here = self.project
        commands = list(spoken(block.body))
        assert commands, f"{block}: no command"
        for number, words in enumerate(commands):
            code, said = self._command(words)
            allowed = block.exit_codes if number == len(commands) - 1 else {0, 1}
            assert code in allowed, f"{block}: {shlex.join(words)} exited {code}\n{said}"

    def _command(self, words: list[str]) -> tuple[int, str]:
        match words:
            case ["cd", folder]:
                self.here = self.here / folder if folder != "your_project" else self.project
                assert self.here.is_dir(), folder
                return 0, ""
            case ["export", setting]:
                self.monkeypatch.setenv(*setting.split("=", 1))
                return 0, ""
            case ["skewguard", *rest]:
                where = str(self.here.relative_to(self.project))
                if rest[0] not in ALIKE or FILES.intersection(rest):
                    return self._skewguard(rest)
                return self.known.get((where, *rest)) or self.known.setdefault((where, *rest), self._skewguard(rest))
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        done = subprocess.run(
            words, cwd=self.here, env={**os.environ, "PATH": path}, capture_output=True, text=True, timeout=200,
            check=False,
        )  # fmt: skip
        return done.returncode, done.stdout + done.stderr

    def _skewguard(self, words: list[str]) -> tuple[int, str]:
        ran = run(*words, cwd=self.here)
        return ran.exit_code, ran.stdout + ran.stderr

    def ask(self, block: Block) -> int:
        """How many rows a question to the ledger finds."""
        return sum(query(self.project / "skewguard.duckdb", each).num_rows for each in questions(block.body))

    def _settings(self, block: Block) -> None:
        if "[tool.skewguard" not in block.body and "[[tool.skewguard" not in block.body:
            assert tomllib.loads(block.body), block
            return
        folder = self.project.parent / f"settings_{block.line}"
        folder.mkdir()
        (folder / "pyproject.toml").write_text(block.body, encoding="utf-8")
        found = config.load(folder, known_options=READERS)
        assert found.contracts or found.waivers or found.options or found.repo, block
        assert check_options(here=folder).contracts == found.contracts

    def _python(self, block: Block) -> None:
        first, _, rest = block.body.partition("\n")
        if first.startswith("# ") and first.split(":")[0].endswith(".py"):
            file = self.project / first[2:].split(":")[0]
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(block.body, encoding="utf-8")
            compile(rest, file, "exec")
        elif block.laws is None:
            with contextlib.chdir(self.project):
                exec(compile(block.body, str(block), "exec"), self.space)


def spoken(body: str) -> list[list[str]]:
    """The commands of a shell block: a line may hold several (`&&`), and several lines one (`\\`)."""
    found = []
    for line in body.replace("\\\n", " ").splitlines():
        words = shlex.split(line, comments=True)
        command: list[str] = []
        for word in [*words, "&&"]:
            if word != "&&":
                command.append(word)
            elif command:
                found.append(command)
                command = []
    return found


def questions(body: str) -> list[str]:
    return [each for each in body.split(";\n") if each.strip()]


@pytest.mark.parametrize("page", RUN_PAGES)
def test_a_page_can_be_followed(
    page: str, project: Path, known: dict[tuple[str, ...], tuple[int, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = Reader(project, monkeypatch, known)
    for block in blocks(page):
        if not block.skipped:
            reader.follow(block)


def test_every_recipe_finds_something(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reader = Reader(built, monkeypatch)
    recipes = [each for each in blocks("docs/recipes.md") if each.language == "sql"]
    assert len(recipes) >= 12
    empty = [str(each) for each in recipes if reader.ask(each) == 0]
    assert not empty


@pytest.mark.slow
def test_transforms_of_the_pages_break_the_laws_that_they_say(tmp_path: Path) -> None:
    """All of them in one module and one repo: each breaks what the page says, and nothing else."""
    made = Project(folder=tmp_path / "repo")
    made.source("stats", {"item": [1, 2], "at": [NOON, NOON], "price": [1.5, None], "share": [0.1, 0.5]})
    made.define(STATS, "stats_view.py")
    (tmp_path / "transforms").mkdir()
    said: dict[str, set[str]] = {}
    for block in (each for page in pages() for each in blocks(page) if each.laws is not None):
        name = f"{Path(block.page).stem}_{block.line}"
        plain = "@on_demand_feature_view" in block.body
        body = re.sub(r"(?m)^def \w+\(", f"def {name}(", block.body)
        file = (made.folder if plain else tmp_path / "transforms") / f"{name}.py"
        file.write_text((PLAIN if plain else DECORATED) + body, encoding="utf-8")
        said[name if plain else f"{name}.{name}"] = set(block.laws or ())
    assert len(said) >= 26
    # What starts processes for each transform is asked of those alone that a page says it of, and of their sound twins.
    found: dict[str, set[str]] = {name: set() for name in said}
    for target, laws, names in asked(said):
        words = [word for law in laws for word in ("--law", law)] + [
            word for each in names for word in ("--transform", each)
        ]
        run("parity", target, "--json", "laws.json", "--examples", "6", *words, cwd=tmp_path)
        for each in json.loads((tmp_path / "laws.json").read_text())["laws"]:
            if each["verdict"] == "broken":
                found[each["transform"]].add(each["law"])
    assert found == said


def asked(said: dict[str, set[str]]) -> Iterator[tuple[str, list[str], list[str]]]:
    """The runs of `parity` that it takes: the target, its laws and its transforms (none: all)."""
    names = list(said)
    quick = [str(law) for law in Law if law not in COSTLY]
    yield "transforms", quick, []
    yield "repo", [*quick, "rehydrates"], []
    broken = [at for at, name in enumerate(names) if said[name].intersection(COSTLY[:2])]
    yield "transforms", list(COSTLY[:2]), sorted({name for at in broken for name in names[at : at + 2]})


@pytest.mark.parametrize(
    ("language", "body"),
    [
        ("sh", "skewguard chek"),
        ("sh", "skewguard check --no-such-option"),
        ("sh", "skewguard check no_such_folder"),
        ("sh", "false_command_of_nobody"),
        ("sql", "select no_such_column from latest_features"),
        ("toml", "[tool.skewguard]\nsampel = 5\n"),
        ("python", "assert False"),
        ("yaml", "a: [1"),
        ("pascal", "begin end."),
    ],
)
def test_a_block_that_is_wrong_is_found(
    language: str, body: str, built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = Reader(built, monkeypatch)
    reader.project = reader.here = shutil.copytree(built, tmp_path / "your_project")
    block = Block(page="made up", line=1, language=language, body=body, mark="")
    with pytest.raises((Exception, pytest.fail.Exception)):
        reader.follow(block)
