"""`pytest --skewguard REPO` as people use it: ids, failures, -k, -x, --lf, single ids, processes, and bad input."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from building import NOON, Project, hours, run

pytest_plugins = "pytester"

SHOP = """
item = Entity(name="item", join_keys=["item"], value_type=ValueType.INT64)
def view(name, file, ttl=timedelta(days=2), **more):
    source = FileSource(name=name, path=f"{HERE}/{file}.parquet", timestamp_field="ts")
    fields = [Field(name="price", dtype=Float64), Field(name="nothing", dtype=Float64)]
    fields = fields if name == "stale" else fields[:1]
    return FeatureView(name=name, entities=[item], ttl=ttl, source=source, schema=fields, **more)
fine = view("fine", "stock", ttl=None)
stale = view("stale", "stock")
lost = view("lost", "nowhere")
hidden = view("hidden", "stock", online=False)
@on_demand_feature_view(sources=[fine], schema=[Field(name="value", dtype=Float64)])
def spread(inputs):
    price = inputs["price"].astype("float64")
    return pd.DataFrame({"value": price - price.mean()})
"""
IDS = ["fine:price", "lost:price", "stale:price", "stale:nothing", "spread:value", "hidden"]
LAWS = ["spread[batch_invariant]", "spread[order_invariant]", "spread[incremental]"]
FEW = [f"--skewguard-law={name[7:-1]}" for name in LAWS] + ["--skewguard-examples=3"]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repo with a feature of each verdict; checked once, so that pytest run in pytest need not import Feast again."""
    project = Project(folder=tmp_path_factory.mktemp("shop") / "repo")
    ages = [*[5.0] * 7, 400.0]
    project.source(
        "stock",
        {
            "item": list(range(8)),
            "ts": [NOON - hours(age) for age in ages],
            "price": [float(each) for each in range(8)],
            "nothing": [None] * 8,
        },
        nothing=__import__("pyarrow").float64(),
    )
    project.define(SHOP)
    assert project.check("--db", "first.duckdb").exit_code == 1
    return project.folder


@pytest.fixture
def inside(pytester: pytest.Pytester, shop: Path):  # type: ignore[no-untyped-def]
    """Runs `pytest --skewguard SHOP WORDS` in a folder with one test of its own."""
    pytester.makepyfile(test_own="def test_own(): pass")

    def go(*words: str) -> pytest.RunResult:
        return pytester.runpytest_inprocess(f"--skewguard={shop}", *FEW, *words)

    return go


def ids(result: pytest.RunResult) -> list[str]:
    return [line for line in result.outlines if line.startswith("skewguard::")]


def runs(pytester: pytest.Pytester) -> int:
    ledger = pytester.path / "skewguard.duckdb"
    told = run("runs", "--db", str(ledger), "--format", "json", cwd=pytester.path).stdout if ledger.exists() else "[]"
    return len(json.loads(told))


def test_a_failure_shows_cause_counts_and_three_values(inside, pytester: pytest.Pytester) -> None:  # type: ignore[no-untyped-def]
    result = inside("-v")
    result.assert_outcomes(passed=4, failed=4, skipped=2, warnings=1)
    result.stdout.fnmatch_lines(
        [
            "skewguard::fine:price PASSED*",
            "skewguard::hidden SKIPPED*not served online*",
            "*_ skewguard: stale:price _*",
            "*1 of 8 rows differ*",
            "*cause: ttl_not_enforced 1*",
            "*entity*source*offline*online*",
            "*item=7*null*null*7.0*missing_offline (online)*",
            "*skewguard explain stale:price --db *",
            "*_ skewguard: spread[[]batch_invariant[]] _*",
            "spread breaks batch_invariant",
            "*row 1 alone gives 0.0; among 2 rows gives *",
            "*A test that fails in the same way:*",
            "*def test_spread_batch_invariant(*",
            "*SkewWarning: *stale:nothing*",
            "FAILED skewguard::lost:price - The source 'lost' reads *",
            "FAILED skewguard::stale:price - ttl_not_enforced: 1 of 8 rows differ",
            "FAILED skewguard::spread:value - batch_dependent: *",
            "FAILED skewguard::spread[[]batch_invariant[]] - row 1 alone gives 0.0*",
        ]
    )
    result.stdout.no_fnmatch_line("*Traceback*")
    result.stdout.no_fnmatch_line("*Error while*")
    assert runs(pytester) == 2, "one check and one test of laws, however many tests read them"

    again = inside("--lf", "-q", "-x")
    again.assert_outcomes(failed=1, deselected=6)
    again.stdout.fnmatch_lines(["*nowhere.parquet, where*"])
    again.stdout.fnmatch_lines(["FAILED skewguard::lost:price - *", "*stopping after 1 failures*"])


def test_warnings_fail_where_asked_and_one_id_runs_alone(inside) -> None:  # type: ignore[no-untyped-def]
    result = inside("--skewguard-strict", "skewguard::stale:nothing")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*null*", "FAILED skewguard::stale:nothing - *"])


WAIVER = """[[tool.skewguard.waivers]]
feature = {feature!r}
cause = {cause!r}
reason = "seen by the team"
owner = "the team"
expires = "2999-12-31"
"""


@pytest.mark.parametrize(("feature", "cause"), [("stale:price", "ttl_not_enforced"), ("fine:price", "precision")])
def test_a_waiver_that_nothing_needs_fails_a_test_of_its_own(
    inside,  # type: ignore[no-untyped-def]
    shop: Path,
    feature: str,
    cause: str,
) -> None:
    needed, beside = feature == "stale:price", shop.parent / "pyproject.toml"
    beside.write_text("[tool.skewguard]\n" + WAIVER.format(feature=feature, cause=cause))
    try:
        result = inside("-k", "waivers or price")
    finally:
        beside.unlink()
    text = result.stdout.str()
    assert ("FAILED skewguard::[waivers]" in text) is not needed
    assert (f"the waiver of {cause} for '{feature}' is unused" in text) is not needed
    assert ("FAILED skewguard::stale:price" in text) is not needed


def test_ids_are_known_without_a_check(inside, pytester: pytest.Pytester) -> None:  # type: ignore[no-untyped-def]
    collected = inside("--collect-only", "-q")
    assert ids(collected) == [f"skewguard::{name}" for name in [*IDS, *LAWS]]
    assert "test_own.py::test_own" in collected.outlines
    assert not (pytester.path / "skewguard.duckdb").exists()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("-k", "stale and not nothing"), ["stale:price"]),
        (("-m", "not skewguard"), []),
        (("--rootdir=..", "../skewguard::lost:price", "skewguard::fine:price"), ["fine:price", "lost:price"]),
        (
            ("--skewguard-exclude", "stale", "--skewguard-exclude=hidden", "--skewguard-exclude=spread"),
            ["fine:price", "lost:price", *LAWS],
        ),
    ],
)
def test_a_selection_is_one_of_ids(inside, words: tuple[str, ...], expected: list[str]) -> None:  # type: ignore[no-untyped-def]
    result = inside("--collect-only", "-q", *words)
    assert [each.rpartition("skewguard::")[2] for each in result.outlines if "skewguard::" in each] == expected


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("skewguard::stale:prise",), "*not found: skewguard::stale:prise. *skewguard::stale:price*"),
        (("--skewguard-feature", "stal"), "*stal*fine*"),
        (("--skewguard", "nowhere"), "There is no folder *nowhere*"),
        (("--skewguard-sample", "few"), "*`--skewguard-sample` is 'few'*whole number*"),
    ],
)
def test_what_cannot_be_is_one_paragraph(inside, words: tuple[str, ...], told: str) -> None:  # type: ignore[no-untyped-def]
    result = inside(*words)
    assert result.ret in (pytest.ExitCode.INTERRUPTED, pytest.ExitCode.USAGE_ERROR)
    text = [*result.outlines, *result.errlines]
    assert not [line for line in text if "Traceback" in line or "INTERNALERROR" in line]
    (result.stdout if result.ret is pytest.ExitCode.INTERRUPTED else result.stderr).fnmatch_lines([told])


def test_an_option_without_a_repo_is_refused(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest_inprocess("--skewguard-sample", "3")
    assert result.ret is pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*--skewguard-sample needs --skewguard REPO*"])


def test_configuration_names_the_repo_and_the_options(pytester: pytest.Pytester, shop: Path) -> None:
    pytester.makepyfile(test_own="def test_own(): pass\ndef test_other(): pass")
    pytester.makepyprojecttoml(
        f"[tool.pytest.ini_options]\nskewguard = {str(shop)!r}\n[tool.skewguard]\nfeature = ['stale:price']\n"
    )
    (shop.parent / "pyproject.toml").write_text("[tool.skewguard]\nfeature = ['stale:price']\n")
    try:
        whole = pytester.runpytest_inprocess("--collect-only", "-q")
        one = pytester.runpytest_inprocess("--collect-only", "-q", "test_own.py::test_own")
    finally:
        (shop.parent / "pyproject.toml").unlink()
    assert [each for each in ids(whole) if "[" not in each] == ["skewguard::stale:price"]
    assert len(ids(whole)) == 1 + 13
    assert ids(one) == [], "who names one test wants no other"


def test_processes_share_one_check(pytester: pytest.Pytester, shop: Path) -> None:
    pytester.makepyfile(
        test_own="""
        def test_same_call(skewguard_check):
            result = skewguard_check(feature=["stale:price"], sample=5)
            assert result.feature("stale:price").compared == 5
        """
    )
    words = ["-n", "2", f"--skewguard={shop}", *FEW, "--skewguard-exclude", "lost", "-k", "not spread:value"]
    result = pytester.runpytest_subprocess(*words)
    result.assert_outcomes(passed=4, failed=2, skipped=2, warnings=1)
    result.stdout.fnmatch_lines(["FAILED skewguard::stale:price - ttl_not_enforced: 1 of 8 rows differ"])
    assert runs(pytester) == 2


def test_the_plugin_costs_nothing_unused(tmp_path: Path) -> None:
    (tmp_path / "test_own.py").write_text("def test_own(): pass\n")
    program = (
        "import sys, pytest; code = pytest.main(['-q', '-p', 'no:hypothesispytest'])\n"
        "print(code, *sorted(each for each in sys.modules if each.startswith('skewguard')), '|', *sys.modules)"
    )
    told = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True)
    ours, _, every = told.stdout.splitlines()[-1].partition(" | ")
    assert ours.split() == ["0", "skewguard", "skewguard.pytest_plugin", "skewguard.version"]
    heavy = {"feast", "pandas", "pyarrow", "duckdb", "numpy", "scipy", "rich", "hypothesis"}
    assert not {name.partition(".")[0] for name in every.split()} & heavy


def test_laws_are_redacted_as_the_check_is(pytester: pytest.Pytester) -> None:
    from skewguard.pipeline.parity_options import parity_options
    from skewguard.pytest_plugin.asked import law_options_of, options_of

    repo = Project(folder=pytester.path / "mine" / "repo").folder
    config = pytester.parseconfig(f"--skewguard={repo}")
    for text, redacted in (("", False), ("[tool.skewguard]\nredact = true\nseed = 7\n", True)):
        (repo.parent / "pyproject.toml").write_text(text)
        found = law_options_of(config, options_of(config))
        assert found.redacted is redacted
        asked = parity_options(str(repo), here=pytester.path)
        assert asked.redacted is redacted, "the project's own configuration counts, wherever one stands"
        assert (asked.seed, asked.db.name) == (found.seed, found.db.name)
