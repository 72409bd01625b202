"""Makes docs/reference/ from the code: `python scripts/reference.py` writes it, `--check` says whether it is new."""

from __future__ import annotations

import inspect
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

import click

from skewguard import config, sql, vocabulary
from skewguard.cli.group import COMMANDS, cli
from skewguard.ledger.schema import VIEWS, make_tables
from skewguard.model import FeatureResult, Mode, Outcome, RunRecord, Verdict
from skewguard.pipeline.given import READERS
from skewguard.pytest_plugin import CHECK_OPTIONS, LAW_OPTIONS
from skewguard.report import json as as_json
from skewguard.report.remedies import REMEDIES
from skewguard.report.rules import KEPT

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "docs" / "reference"
MEANINGS: Mapping[str, Any] = tomllib.loads((Path(__file__).parent / "meanings.toml").read_text(encoding="utf-8"))
MADE = "<!-- made by scripts/reference.py from the code: change that, and run it again -->\n"
OF_VIEWS = {"latest_features": "features", "latest_diffs": "diffs"}
# Title, the closed set, and the table of its meanings.
WORDS: tuple[tuple[str, type[StrEnum], str], ...] = (
    ("Kinds", vocabulary.Kind, "kinds"),
    ("Blame", vocabulary.Blame, "blame"),
    ("Verdicts", vocabulary.Verdict, "verdicts"),
    ("Modes", vocabulary.Mode, "modes"),
    ("Kinds of views", vocabulary.ViewKind, "view_kinds"),
    ("Verdicts of laws", vocabulary.LawVerdict, "law_verdicts"),
    ("Promises of a contract", vocabulary.Promise, "promises"),
    ("Standings of waivers", vocabulary.Standing, "standings"),
)


class MeaningMissing(LookupError):
    """Something that the code has, and meanings.toml has no word for."""


def meaning(table: Mapping[str, str], name: str, where: str) -> str:
    """What `name` means. Raises MeaningMissing."""
    if name not in table:
        raise MeaningMissing(f"{where} {name!r} has no meaning in scripts/meanings.toml")
    return table[name]


def rows(heads: Iterable[str], body: Iterable[Iterable[str]]) -> str:
    """A Markdown table."""
    titles = list(heads)
    lines = [titles, ["---"] * len(titles), *([cell.replace("|", "\\|") for cell in row] for row in body)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def commands() -> str:
    """Every command with its options, from click."""
    context = click.Context(cli, info_name="skewguard")
    parts = ["# Commands\n", MADE]
    parts.append("Every option of `check` may be a key of `[tool.skewguard]`: see [settings](config.md). ")
    parts.append("`-h` or `--help` shows the same for any command.\n")
    for name in COMMANDS:
        command = cli.get_command(context, name)
        assert command is not None
        parts.append(_command(name, command, click.Context(command, parent=context, info_name=name)))
    parts.append("## `pytest --skewguard REPO`\n\nSee [pytest](../pytest.md).\n")
    listed = ((f"`--skewguard-{name}{f' {metavar}' if metavar else ''}`", _sentence(says))
              for name, metavar, _, says in (*CHECK_OPTIONS, *LAW_OPTIONS))  # fmt: skip
    parts.append(rows(("option", "meaning"), listed))
    return "\n".join(parts)


def _command(name: str, command: click.Command, context: click.Context) -> str:
    usage = " ".join(command.collect_usage_pieces(context))
    parts = [f"## `skewguard {name}`\n", f"```text\nskewguard {name} {usage}\n```\n", _help(command.help or "")]
    parts.append(
        rows(("option", "meaning"), (_option(each) for each in command.params if isinstance(each, click.Option)))
    )
    return "\n".join(parts)


def _help(said: str) -> str:
    paragraphs = []
    for paragraph in inspect.cleandoc(said).split("\n\n"):  # as Python does from 3.13 on
        if paragraph.startswith("\b"):
            paragraphs.append(f"```text\n{paragraph.removeprefix(chr(8)).strip()}\n```")
        else:
            paragraphs.append(" ".join(paragraph.split()))
    return "\n\n".join(paragraphs) + "\n"


def _option(option: click.Option) -> tuple[str, str]:
    metavar = "" if option.is_flag else f" {option.make_metavar(click.Context(cli))}"
    names = ", ".join(f"`{each}{metavar if each.startswith('--') else ''}`" for each in option.opts)
    says = _sentence(option.help or "")
    if option.show_default and option.default is not None:
        says += f" [default: {option.default}]"
    if isinstance(option.envvar, str):
        says += f" Environment: `{option.envvar}`."
    return names, says


def _sentence(said: str) -> str:
    whole = " ".join(said.split())
    return whole if whole.endswith((".", "]")) else f"{whole}."


def ledger() -> str:
    """Tables and views, with every column, from DuckDB's own catalogue."""
    parts = ["# The ledger\n", MADE]
    parts.append(f"A DuckDB file, `skewguard.duckdb` unless `--db` names another. {len(MEANINGS['tables'])} tables:\n")
    with sql.connect() as connection:
        make_tables(connection)
        found = connection.sql(
            "select table_name, column_name, data_type from duckdb_columns() "
            "where not internal order by table_oid, column_index"
        ).fetchall()
    columns: dict[str, list[tuple[str, str]]] = {}
    for table, column, dtype in found:
        columns.setdefault(table, []).append((column, dtype.lower()))
    parts.extend(_table(table, columns[table], MEANINGS["tables"]) for table in columns if table not in VIEWS)
    parts.append("# Views\n")
    for view in VIEWS:
        if view in OF_VIEWS:
            about = meaning(MEANINGS["views"].get(view, {}), "about", view)
            parts.append(f"## `{view}`\n\n{about} It has the same columns.\n")
        else:
            parts.append(_table(view, columns[view], MEANINGS["views"]))
    return "\n".join(parts)


def _table(name: str, columns: list[tuple[str, str]], known: Mapping[str, Mapping[str, str]]) -> str:
    said = known.get(name, {})
    body = ((f"`{column}`", dtype, meaning(said, column, f"column of {name}")) for column, dtype in columns)
    return f"## `{name}`\n\n{meaning(said, 'about', name)}\n\n{rows(('column', 'type', 'meaning'), body)}"


def result() -> str:
    """The keys of the JSON, from a result that is rendered."""
    keys = [*as_json.as_object(_outcome(Mode.SANDBOX)), "laws"]
    own, column = MEANINGS["json_of_a_feature"], MEANINGS["tables"]["features"]
    feature = as_json.feature_object(
        "", FeatureResult(feature="v:f", feature_view="v", name="f", view_kind=None, dtype="")
    )
    return "\n".join(
        [
            "# The result as JSON\n",
            MADE,
            "`--json FILE` of `check`, `diff`, `parity` and `report` writes one object. Where there is no result it "
            "has the same keys, and `errors` says why. Numbers that are not finite are the texts `NaN`, `Infinity` and "
            "`-Infinity`; "
            "times are ISO-8601 with offset; intervals are seconds.\n",
            rows(("key", "meaning"), ((f"`{key}`", meaning(MEANINGS["json"], key, "JSON key")) for key in keys)),
            "## An entry of `features`\n",
            rows(
                ("key", "meaning"),
                ((f"`{key}`", meaning(own if key in own else column, key, "JSON key")) for key in feature),
            ),
        ]
    )


def _outcome(mode: Mode) -> Outcome:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    given: dict[str, Any] = {each.name: None for each in fields(RunRecord)}
    given |= {"mode": mode, "verdict": Verdict.PASS, "started_at": now, "finished_at": now}
    return Outcome(run=RunRecord(**given), exit_code=0, features=())


def settings() -> str:
    """The keys of pyproject.toml."""
    help_of = {
        each.name: _sentence(each.help or "").replace("Repeatable.", "One, or a list of them.")
        for each in _check().params
        if isinstance(each, click.Option) and each.name not in MEANINGS["config"]
    }
    keys = ["repo", "contracts", "waivers", *READERS]
    body = ((f"`{key}`", help_of.get(key) or _sentence(meaning(MEANINGS["config"], key, "setting"))) for key in keys)
    return "\n".join(
        [
            "# Settings\n",
            MADE,
            "The nearest `pyproject.toml` with a `[tool.skewguard]`, above the repo that is named, else above the "
            "current folder. A key that nothing reads is an error. Options of the command line take the place of what "
            "is said here; paths start at the file's folder. `_` and `-` in a key are the same.\n",
            "## `[tool.skewguard]`\n",
            rows(("key", "meaning"), body),
            '## `[tool.skewguard.contracts."VIEW:FEATURE"]`\n',
            "With wildcards `*` and `?`. [Contracts and waivers](../contracts_and_waivers.md) says which of several "
            "counts.\n",
            rows(("key", "meaning"), _said("contracts", config.READERS)),
            "## `[[tool.skewguard.waivers]]`\n",
            rows(("key", "meaning"), _said("waivers", config.OF_A_WAIVER)),
            "## `[tool.pytest.ini_options]`\n",
            rows(
                ("key", "meaning"), [("`skewguard`", "The repo of `pytest --skewguard`: see [pytest](../pytest.md).")]
            ),
        ]
    )


def _check() -> click.Command:
    command = cli.get_command(click.Context(cli), "check")
    assert command is not None
    return command


def _said(table: str, names: Iterable[str]) -> Iterator[tuple[str, str]]:
    for name in names:
        yield f"`{name}`", _sentence(meaning(MEANINGS[table], name, f"key of {table}"))


def words() -> str:
    """The closed sets that the ledger and the JSON use."""
    parts = ["# Words\n", MADE, "Causes and laws have pages of their own: [causes](causes.md), [laws](laws.md).\n"]
    for title, closed, table in WORDS:
        parts.append(f"## {title}\n")
        parts.append(
            rows(("word", "meaning"), ((f"`{each}`", meaning(MEANINGS[table], each, title)) for each in closed))
        )
    return "\n".join(parts)


def causes() -> str:
    """Every cause in its order."""
    body = ((f"[`{each}`](../causes.md#{each})", _sentence(REMEDIES[each].is_when)) for each in vocabulary.Cause)
    return "\n".join(
        [
            "# Causes\n",
            MADE,
            "In the order in which they are asked. [The page on causes](../causes.md) has the evidence of each, what "
            "leads to it, and what to do.\n",
            rows(("cause", "a cell is this when"), body),
        ]
    )


def laws() -> str:
    """Every law in its order."""
    body = ((f"[`{law}`](../guide/safe_transforms.md#{law})", _sentence(KEPT[law])) for law in vocabulary.Law)
    return "\n".join(
        [
            "# Laws\n",
            MADE,
            "`skewguard parity` tests them. [Writing safe transforms](../guide/safe_transforms.md) has for each a "
            "transform that breaks it, and one that does not. The last four are about batch transforms.\n",
            rows(("law", "a transform keeps it when"), body),
        ]
    )


def exit_codes() -> str:
    """What a command exits with; what each exits with in particular is in its help."""
    from skewguard.cli.edge import COULD_NOT, INTERRUPTED

    codes = sorted({each.exit_code() for each in Verdict} | {COULD_NOT, INTERRUPTED})
    body = ((str(code), _sentence(meaning(MEANINGS["exit_codes"], str(code), "exit code"))) for code in codes)
    return "\n".join(
        [
            "# Exit codes\n",
            MADE,
            rows(("code", "meaning"), body),
            "Skew beside an error exits 1. A warning exits 0, with `--strict` 1. With `--exit-zero` skew exits 0. "
            "An error is one paragraph on standard error: what, where, what is known, and the next step.\n",
        ]
    )


PAGES = {
    "commands.md": commands,
    "config.md": settings,
    "ledger.md": ledger,
    "json.md": result,
    "words.md": words,
    "causes.md": causes,
    "laws.md": laws,
    "exit_codes.md": exit_codes,
}


def made() -> dict[str, str]:
    """Every page of the reference: file name -> text."""
    titles = {name: page().rstrip("\n") + "\n" for name, page in PAGES.items()}
    listed = "\n".join(f"- [{text.partition(chr(10))[0].removeprefix('# ')}]({name})" for name, text in titles.items())
    return titles | {"README.md": f"# Reference\n\n{MADE}\n{listed}\n"}


def main(words: list[str]) -> int:
    """Write the pages; with --check, only say which are not as the code has them."""
    stale = []
    for name, text in made().items():
        path = FOLDER / name
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            stale.append(name)
            if "--check" not in words:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
    print(f"{'out of date' if '--check' in words else 'written'}: {', '.join(stale) or 'nothing'}")
    return int(bool(stale) and "--check" in words)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
