"""The rules of the house as checks that fail: imports, sizes, first lines, names, SQL, prints, commands in the docs."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "skewguard"

EDGES = {"cli", "pytest_plugin", "api", "result", "__init__", "__main__"}
STAGES = {
    *("feature_store", "sample", "slice", "source", "comparison", "causes", "ledger", "report", "definition"),
    *("build", "code", "fingerprint", "reading", "equality", "sql", "waivers", "replay", "locking"),
    *("promises", "proofs"),
}
# What a stage may take from another: definitions and their code, calls of transforms, sources as they are opened, and
# the DuckDB foundation.
SHARED = {"code", "definition", "equality", "fingerprint", "proofs", "reading", "sql"}
LEVELS = {**dict.fromkeys(EDGES, 5), "pipeline": 4, **dict.fromkeys(STAGES, 3)}
LEVELS |= dict.fromkeys(("config", "contract", "dtypes", "model", "outcome", "parse", "pattern"), 2)
LEVELS |= dict.fromkeys(("redaction", "waiver"), 2)
LEVELS |= {"errors": 1, "credentials": 0, "version": 0, "vocabulary": 0}

IMPORT_FEAST = {"feature_store"}
IMPORT_DUCKDB = {"sample", "slice", "source", "comparison", "equality", "causes", "promises", "waivers", "ledger"}
IMPORT_DUCKDB |= {"sql"}
PRINT_OR_EXIT = {"cli", "__main__"}
HEAVY = ("feast", "pandas", "pyarrow", "duckdb", "numpy", "scipy", "rich", "dask", "ibis", "hypothesis")

MOST_LINES_OF_FILE = 300
MOST_LINES_OF_FUNCTION = 40
USUAL_LINES_OF_FUNCTION = 25
SHARE_OF_SHORT_FUNCTIONS = 0.9

POSITIONAL = {"Feature"}  # people write it, name and dtype first
BANNED_MODULES = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "misc", "data", "res"}
BANNED_NAMES = {"left", "right", "df", "df1", "df2", "data", "res", "tmp", "helper", "utils", "manager"}


@cache
def modules() -> tuple[Path, ...]:
    # What `skewguard init` copies is a project of its own, not a part of this one.
    found = tuple(sorted(path for path in PACKAGE.rglob("*.py") if "_templates" not in path.parts))
    assert len(found) > 20, "the rules would hold of nothing"
    return found


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def area(path: Path) -> str:
    """The name directly under skewguard/ that a module belongs to."""
    first = path.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


def imports(path: Path, *, type_checking: bool) -> Iterator[tuple[int, str]]:
    """Line and full name of every module that a file imports, in functions too."""
    skipped = set() if type_checking else {id(node) for each in guarded(path) for node in ast.walk(each)}
    for node in ast.walk(tree(path)):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.Import):
            yield from ((node.lineno, each.name) for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: imports are absolute"
            for each in node.names:
                yield node.lineno, f"{node.module}.{each.name}"


def guarded(path: Path) -> list[ast.If]:
    """The blocks that only a type checker runs."""
    blocks = [node for node in ast.walk(tree(path)) if isinstance(node, ast.If)]
    return [each for each in blocks if "TYPE_CHECKING" in ast.dump(each.test)]


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function, decorators and docstring aside: those are read, not followed."""
    first = function.body[0]
    documented = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and len(function.body) > 1
    docstring = (first.end_lineno or 0) - first.lineno + 1 if documented else 0
    return (function.end_lineno or 0) - function.lineno + 1 - docstring


def where(path: Path, line: int) -> str:
    return f"{path.relative_to(ROOT)}:{line}"


def test_every_area_has_a_place_in_the_layers() -> None:
    unknown = {area(path) for path in modules()} - LEVELS.keys()
    assert not unknown, "say in LEVELS where these stand"


def test_imports_go_downwards_only() -> None:
    wrong = []
    for path in modules():
        here = area(path)
        for line, name in imports(path, type_checking=True):
            parts = name.split(".")
            if parts[0] != "skewguard" or len(parts) < 2:
                continue
            there = parts[1] if parts[1] in LEVELS else "__init__"
            if there == here or (here == "__init__" and LEVELS[there] <= 5):
                continue
            if LEVELS[there] > LEVELS[here] or ({here, there} <= STAGES and there not in SHARED):
                wrong.append(f"{where(path, line)}: {here} imports {there}")
    assert not wrong


@pytest.mark.parametrize(("library", "allowed"), [("feast", IMPORT_FEAST), ("duckdb", IMPORT_DUCKDB)])
def test_a_library_has_one_home(library: str, allowed: set[str]) -> None:
    importing = {
        where(path, line): area(path)
        for path in modules()
        for line, name in imports(path, type_checking=False)
        if name.split(".")[0] == library
    }
    assert importing, f"nothing imports {library}: the rule would hold of nothing"
    assert not [place for place, here in importing.items() if here not in allowed]


def test_only_the_command_line_prints_or_exits() -> None:
    wrong = []
    for path in modules():
        if area(path) in PRINT_OR_EXIT:
            continue
        for node in ast.walk(tree(path)):
            called = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
            if called in {"print", "exit", "quit", "sys.exit", "os._exit", "click.echo"}:
                wrong.append(where(path, node.lineno))  # type: ignore[attr-defined]
    assert not wrong


def test_nothing_below_the_pipeline_reads_clock_or_environment() -> None:
    reading = re.compile(r"datetime\.now|datetime\.utcnow|date\.today|time\.time\b|os\.environ|os\.getenv|os\.chdir")
    allowed = {"cli", "pipeline", "pytest_plugin", "__main__", "feature_store"}  # Feast itself reads both
    wrong = [
        where(path, number)
        for path in modules()
        if area(path) not in allowed
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if reading.search(line) and not line.lstrip().startswith("#")
    ]
    assert not wrong


def test_files_are_read_in_one_sitting() -> None:
    long = {where(path, 1): len(path.read_text(encoding="utf-8").splitlines()) for path in modules()}
    assert not {place: lines for place, lines in long.items() if lines > MOST_LINES_OF_FILE}


def test_functions_do_one_thing() -> None:
    sizes = {where(path, each.lineno): body_lines(each) for path in modules() for each in functions(path)}
    assert not {place: lines for place, lines in sizes.items() if lines > MOST_LINES_OF_FUNCTION}
    short = sum(lines < USUAL_LINES_OF_FUNCTION for lines in sizes.values())
    assert short / len(sizes) >= SHARE_OF_SHORT_FUNCTIONS


def test_every_file_says_its_job_in_its_first_line() -> None:
    wrong = []
    for path in modules():
        first = path.read_text(encoding="utf-8").split("\n", 1)[0]
        if not re.match(r'r?"""\S.*[.:](""")?$', first):
            wrong.append(f"{where(path, 1)}: {first}")
    assert not wrong


def test_names_are_the_fields() -> None:
    wrong = [where(path, 1) for path in modules() if path.stem in BANNED_MODULES]
    for path in modules():
        for node in ast.walk(tree(path)):
            names = []
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                names = [node.name]
            elif isinstance(node, ast.arg) and area(path) != "feature_store":  # Feast names what we override
                names = [node.arg]
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                names = [node.id]
            wrong += [f"{where(path, node.lineno)}: {name}" for name in names if name in BANNED_NAMES]
    assert not wrong


def test_sql_files_open_with_what_they_answer_read_and_take() -> None:
    wrong = []
    for path in sorted(PACKAGE.rglob("*.sql")):
        lines = path.read_text(encoding="utf-8").splitlines()
        comments = [line for line in lines[:3] if re.match(r"-- \S", line)]
        if len(comments) != 3:
            wrong.append(f"{where(path, 1)}: opens with {len(comments)} comment lines, not three")
        code = re.sub(r"--[^\n]*|'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"", "", "\n".join(lines))
        shouted = re.findall(r"\b(?:SELECT|FROM|WHERE|JOIN|CREATE|INSERT|WITH|GROUP|ORDER|UNION)\b", code)
        if shouted:
            wrong.append(f"{where(path, 1)}: {sorted(set(shouted))} in capitals")
    assert not wrong


def is_collected(node: ast.ClassDef) -> bool:
    """Whether a class is a collection that fills up as things are found, rather than a value."""
    kinds = [ast.unparse(each.annotation) for each in node.body if isinstance(each, ast.AnnAssign)]
    return any(kind.startswith(("dict[", "list[", "set[")) for kind in kinds)


def test_dataclasses_are_frozen_and_keyword_only() -> None:
    wrong = []
    for path in modules():
        for node in ast.walk(tree(path)):
            if not isinstance(node, ast.ClassDef) or node.name.startswith("_"):
                continue
            for each in node.decorator_list:
                said = ast.unparse(each)
                marked = said.split("(")[0] in {"dataclass", "dataclasses.dataclass"} and node.name not in POSITIONAL
                if marked and not ("kw_only=True" in said and ("frozen=True" in said or is_collected(node))):
                    wrong.append(f"{where(path, node.lineno)}: {node.name}")
    assert not wrong


def test_skewguard_imports_neither_transforms_nor_feature_repo() -> None:
    named = {name.split(".")[0] for path in modules() for _, name in imports(path, type_checking=True)}
    assert not named & {"transforms", "feature_repo", "tests"}


@pytest.mark.parametrize(
    "statement",
    [
        "import skewguard",
        "import skewguard.cli, skewguard.cli.check, skewguard.pipeline.given, skewguard.config",
        "from skewguard.cli.edge import outcome; assert outcome(['--help']) == 0",
        "from skewguard.cli.edge import outcome; assert outcome(['--version']) == 0",
    ],
)
def test_nothing_heavy_is_imported_at_start(statement: str) -> None:
    program = f"import sys\n{statement}\nprint(*sorted(sys.modules), file=sys.stderr)"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)
    loaded = {name.split(".")[0] for name in run.stderr.split()}
    assert "skewguard" in loaded
    assert not loaded & set(HEAVY)


def test_every_public_name_can_be_imported() -> None:
    import skewguard

    assert set(skewguard.HOMES) | {"__version__"} == set(skewguard.__all__)
    for name in skewguard.__all__:
        if skewguard.HOMES.get(name, "").startswith("skewguard.feature_store"):
            continue  # imports feast: tests/feast has it
        assert getattr(skewguard, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'chek'"):
        skewguard.chek  # noqa: B018


def documented_commands() -> list[tuple[str, str]]:
    """Every `skewguard ...` that the README and the changelog tell people to type."""
    found = []
    for name in ("README.md", "CHANGELOG.md"):
        text = (ROOT / name).read_text(encoding="utf-8")
        for said in re.findall(r"(?:^|`|&& )skewguard ([a-z]+[^`\n]*)", text, flags=re.MULTILINE):
            found.append((name, said))
    return found


def test_the_docs_name_only_commands_and_options_that_exist() -> None:
    from click import Context

    from skewguard.cli.group import COMMANDS, cli

    said = documented_commands()
    assert said
    for name, line in said:
        command = line.split()[0]
        assert command in COMMANDS, f"{name}: skewguard {line}"
        loaded = cli.get_command(Context(cli), command)
        assert loaded is not None
        known = {option for each in loaded.params for option in each.opts} | {"--help"}
        for option in re.findall(r"(?<!\S)(--?[a-z][a-z-]*)", line.split("#")[0]):
            assert option in known, f"{name}: skewguard {line}"


def test_every_command_is_documented() -> None:
    from skewguard.cli.group import COMMANDS

    assert {line.split()[0] for _, line in documented_commands()} >= set(COMMANDS)
