"""`--redact`: keys and named values leave a check as keyed hashes only, and still join, compare and tell."""

from __future__ import annotations

import json
import re
import struct
from pathlib import Path
from typing import Any

import pytest
from building import NOON, Checked, Project, hours, run

import skewguard

KEY = "SKEWGUARD_REDACT_KEY"
AT_NOON = ("--as-of", NOON.isoformat())
PEOPLE = [f"ZZperson{each:02d}zz" for each in range(12)]
CITIES = [f"QQcity{each:02d}qq" for each in range(12)]
INCOMES = [731_482.25 + 1_013 * each for each in range(12)]
VISITS = [7_412_358_961_234 + 1_000_003 * each for each in range(12)]
FORMS = ("json", "html", "junit", "sarif", "markdown", "metrics")
REFS = ("stats:city", "stats:income", "stats:visits", "picky:share", "centred:apart")
VIEW = """
person = Entity(name="person", join_keys=["person_id"], value_type=ValueType.STRING)
stats = FeatureView(
    name="stats", entities=[person], ttl=timedelta(hours=24),
    schema=[Field(name="city", dtype=String), Field(name="income", dtype=Float32), Field(name="visits", dtype=Int64)],
    source=FileSource(name="s", path=HERE + "/stats.parquet", timestamp_field="at"),
)
@on_demand_feature_view(sources=[stats], schema=[Field(name="share", dtype=Float64)])
def picky(inputs: pd.DataFrame) -> pd.DataFrame:
    if len(inputs) == 1 and inputs["city"].iloc[0] == "QQcity05qq":
        raise ValueError(f"no such city: {inputs['city'].iloc[0]} of income {inputs['income'].iloc[0]}")
    return pd.DataFrame({"share": inputs["income"] / 3.0})
@on_demand_feature_view(sources=[stats], schema=[Field(name="apart", dtype=Float64)])
def centred(inputs: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({"apart": inputs["income"] - inputs["income"].mean() / 7.0})
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Three people have expired, a transform raises for one, and the income of one is beyond its contract."""
    made = Project(folder=tmp_path_factory.mktemp("redacted") / "repo")
    made.define(VIEW)
    at = [NOON - hours(30 if each in (2, 3, 4) else 1) for each in range(12)]
    made.source("stats", {"person_id": PEOPLE, "at": at, "city": CITIES, "income": INCOMES, "visits": VISITS})
    (made.folder / "pyproject.toml").write_text(
        '[tool.skewguard.contracts."stats:income"]\nrange = [0, 740000]\n'
        '[tool.skewguard.contracts."stats:city"]\ncategories = ["nowhere"]\n'
    )
    return made


@pytest.fixture
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY, "a key of the tests")


def secrets() -> list[str]:
    return [*PEOPLE, *CITIES, *(str(each) for each in INCOMES), *(str(each / 3.0) for each in INCOMES)]


def found_in(project: Project, checked: Checked) -> set[str]:
    """Which raw values stand anywhere in what the check wrote or printed."""
    texts = [checked.stdout, checked.stderr, json.dumps(checked.result, ensure_ascii=False)]
    for table in ("runs", "features", "entity_rows", "diffs", "contract", "remarks", "examples", "waived"):
        query = f"from {table} where run_id = '{checked.result['run_id']}'"
        texts.append(run("sql", query, "--format", "json", cwd=project.folder).stdout)
    for ref in ("stats:city", "stats:income", "picky:share"):
        texts.append(run("explain", ref, "--run", checked.result["run_id"], cwd=project.folder).stdout)
    said = "\n".join(texts)
    return {each for each in secrets() if each in said}


def diffs(project: Project, checked: Checked, columns: str = "*") -> list[dict[str, Any]]:
    query = (
        f"select {columns} from diffs where run_id = '{checked.result['run_id']}' and skewed order by feature, row_id"
    )
    answer: list[dict[str, Any]] = json.loads(run("sql", query, "--format", "json", cwd=project.folder).stdout)
    return answer


def numbers() -> list[float]:
    mean = sum(INCOMES) / len(INCOMES)
    return [*INCOMES, *VISITS, *(each / 3.0 for each in INCOMES), *(each - mean / 7.0 for each in INCOMES)]


def leaks(texts: dict[str, str | bytes]) -> dict[str, set[str]]:
    """By the name of a form: which keys and values stand in it, numbers by eight of their digits or by their bytes."""
    found = {}
    for name, text in texts.items():
        if isinstance(text, bytes):
            packed = {str(each): struct.pack("<d", each) for each in numbers()}
            packed |= {str(each): struct.pack("<q", each) for each in VISITS}
            packed |= {each: each.encode() for each in (*PEOPLE, *CITIES)}
            found[name] = {each for each, raw in packed.items() if raw in text}
        else:
            digits = re.sub(r"(?<=\d)[,._](?=\d)", "", text)
            found[name] = {each for each in (*PEOPLE, *CITIES) if each in text}
            found[name] |= {str(each) for each in numbers() if str(each).replace(".", "")[:8] in digits}
    return found


def everywhere(project: Project, folder: Path, *words: str) -> tuple[Checked, dict[str, str | bytes]]:
    """One check, and all that it gives or leaves: every form, what it prints, what CI is told, and the ledger."""
    db = folder / "ledger.duckdb"
    files = {form: folder / f"out.{form}" for form in FORMS}
    asked = [word for form, file in files.items() if form != "json" for word in (f"--{form}", str(file))]
    checked = project.check(*AT_NOON, "--db", str(db), *asked, *words)
    files["json"].write_text(json.dumps(checked.result, ensure_ascii=False))
    texts: dict[str, str | bytes] = {form: file.read_text() for form, file in files.items()}
    texts |= {"printed": checked.stdout, "errors": checked.stderr, "ledger": db.read_bytes()}
    texts["summary"] = (folder / "summary.md").read_text()
    (folder / "summary.md").unlink()
    for ref in REFS:
        texts[f"explain {ref}"] = run("explain", ref, "--db", str(db), cwd=folder).stdout
    for table in ("diffs", "entity_rows", "contract", "remarks"):
        texts[f"sql {table}"] = run("sql", f"from {table}", "--db", str(db), "--format", "json", cwd=folder).stdout
    texts["report"] = run("report", "--db", str(db), "--markdown", "-", cwd=folder).stdout
    return checked, texts


@pytest.mark.usefixtures("key")
def test_no_key_and_no_value_is_in_any_form(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    open_run, told = everywhere(project, tmp_path)
    (tmp_path / "ledger.duckdb").unlink()
    there = leaks(told)
    # Of these alone nothing is to be hidden: metrics hold no values, remarks here none, errors no skew.
    assert {name for name, found in there.items() if not found} <= {"metrics", "errors", "sql remarks"}
    assert set.union(*there.values()) >= {PEOPLE[3], CITIES[3], str(INCOMES[3]), str(VISITS[3]), PEOPLE[5], CITIES[5]}
    hidden, told = everywhere(project, tmp_path, "--redact")
    assert {name: found for name, found in leaks(told).items() if found} == {}
    assert all(
        "hmac:" in text for text in (told["html"], told["junit"], told["sarif"], told["markdown"], told["summary"])
    )
    assert hidden.exit_code == open_run.exit_code == 1
    for ref in REFS:
        assert hidden.counts(ref) == open_run.counts(ref)
        assert hidden.feature(ref)["causes"] == open_run.feature(ref)["causes"]
        assert hidden.feature(ref)["max_abs_error"] is None
    assert len(hidden.feature("stats:city")["contract"]) == 3


@pytest.mark.usefixtures("key")
def test_a_named_feature_is_hidden_and_the_others_are_not(project: Project) -> None:
    hidden = project.check(*AT_NOON, "--redact", "stats:city", "--feature", "stats")
    rows = diffs(project, hidden, "feature, entity, online_value, online_number")
    by_feature = {each["feature"]: each for each in rows}
    assert by_feature["stats:city"]["online_value"].startswith("hmac:")
    assert by_feature["stats:visits"]["online_value"] in {str(each) for each in VISITS}
    assert by_feature["stats:visits"]["online_number"] is not None
    assert all("hmac:" in json.dumps(each["entity"]) for each in rows), "keys are hidden whatever is named"
    assert not found_in(project, hidden).intersection([*PEOPLE, *CITIES])


@pytest.mark.usefixtures("key")
def test_one_key_gives_one_hash_and_another_another(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    words = (*AT_NOON, "--redact", "--feature", "stats:city")
    first, again = project.check(*words), project.check(*words)
    columns = "entity, source_value, offline_value, online_value"
    assert diffs(project, first, columns) == diffs(project, again, columns) != []
    assert project.check(*words, "--baseline", first.result["run_id"]).exit_code == 0, "hashes join to the baseline"
    monkeypatch.setenv(KEY, "another key")
    other = project.check(*words, "--baseline", first.result["run_id"])
    assert other.exit_code == 1
    assert any("another redaction key" in each for each in other.result["notes"])
    assert diffs(project, other, columns) != diffs(project, first, columns)


def test_the_key_is_needed_and_never_stored(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(KEY, raising=False)
    refused = project.check(*AT_NOON, "--redact")
    assert (refused.exit_code, KEY in refused.stderr) == (2, True)
    monkeypatch.setenv(KEY, "correct horse battery staple")
    hidden = project.check(*AT_NOON, "--redact", "--feature", "stats:city")
    assert "correct horse" not in hidden.stdout + hidden.stderr + json.dumps(hidden.result)
    config = run("sql", "select config from runs", "--format", "json", cwd=project.folder).stdout
    assert "correct horse" not in config
    assert "redact_key_id" in config


@pytest.mark.usefixtures("key")
@pytest.mark.parametrize(
    ("pattern", "says"), [("stats:citi", "matches no feature"), ("stats", '"stats:*" is all of a view')]
)
def test_a_pattern_that_hides_nothing_is_refused(project: Project, pattern: str, says: str) -> None:
    refused = project.check(*AT_NOON, "--redact", pattern)
    assert refused.exit_code == 2
    assert says in " ".join(refused.stderr.split())


@pytest.mark.usefixtures("key")
def test_errors_quote_no_value(project: Project, tmp_path: Path) -> None:
    entities = tmp_path / "people.csv"
    entities.write_text("person_id,event_timestamp\nZZperson03zz,ZZnotimezz\n")
    refused = run("check", str(project.folder), "--redact", "--entities", str(entities), cwd=project.folder)
    assert refused.exit_code == 2
    assert "ZZnotimezz" not in refused.stderr
    assert "event_timestamp" in refused.stderr


@pytest.mark.usefixtures("key")
def test_config_and_python_ask_for_it_too(project: Project, tmp_path: Path) -> None:
    result = skewguard.check(
        project.folder, as_of=NOON, redact=["stats:city"], feature="stats:city", db=tmp_path / "l.duckdb"
    )
    assert {each.online_value[:5] for each in result.outcome.examples} == {"hmac:"}
    settings = project.folder / "pyproject.toml"
    before = settings.read_text()
    settings.write_text("[tool.skewguard]\nredact = true\n" + before)
    try:
        hidden = project.check(*AT_NOON, "--feature", "stats:city")
        assert found_in(project, hidden) == set()
    finally:
        settings.write_text(before)


@pytest.mark.usefixtures("key")
@pytest.mark.parametrize("words", [("--redact",), ("--redact", "name")])
def test_a_diff_of_tables_hides_them_too(tmp_path: Path, words: tuple[str, ...]) -> None:
    for table, name in (("offline", "QQonequ"), ("online", "QQtwoqu")):
        (tmp_path / f"{table}.csv").write_text(f"id,name,count\nZZkeyzz,{name},881\nZZotherzz,same,771\n")
    (tmp_path / "online.csv").write_text("id,name,count\nZZkeyzz,QQtwoqu,992\nZZotherzz,same,771\n")
    found = run("diff", "offline.csv", "online.csv", "--key", "id", "--json", "-", *words, cwd=tmp_path)
    assert found.exit_code == 1
    rows = run("sql", "from diffs", "--format", "json", cwd=tmp_path).stdout
    entities = run("sql", "from entity_rows", "--format", "json", cwd=tmp_path).stdout
    said = found.stdout + found.stderr + rows + entities
    assert "hmac:" in rows
    assert not [each for each in ("ZZkeyzz", "QQonequ", "QQtwoqu") if each in said]
    assert ("992" in rows) == (words == ("--redact", "name"))
    refused = run("diff", "offline.csv", "online.csv", "--key", "id", "--redact", "nome", cwd=tmp_path)
    assert (refused.exit_code, "name" in refused.stderr) == (2, True)
    (tmp_path / "offline.csv").write_text("id,name,count\nZZkeyzz,a,1\nZZkeyzz,b,2\n")
    twice = run("diff", "offline.csv", "online.csv", "--key", "id", "--redact", cwd=tmp_path)
    assert (twice.exit_code, "ZZkeyzz" in twice.stderr) == (2, False)
