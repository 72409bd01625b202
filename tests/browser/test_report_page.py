"""The HTML report in a real browser: of a real check, of a large run, and of values that try to be markup."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from browsing import Browser
from building import Project, run
from hostile import NASTY, NOW, hostile, run_record
from reporting import airline, large

from skewguard import ledger
from skewguard.model import Law, LawResult, LawVerdict, Mode
from skewguard.pipeline.page import page

pytestmark = [pytest.mark.browser, pytest.mark.feast]

BY_EVENT = "Skew rate by time of the source event"
FIRST = "departures:cancelled_share"
MARKUP = (
    "</script><script>window.hit = 1</script>",
    "<img src=x onerror='window.hit = 1'>",
    "a\u2028b'\"`${1}",
    "x" * 10_000,
)
PAYLOAD = "return document.getElementById('payload').textContent"


@dataclass(frozen=True, kw_only=True)
class Page:
    """A report as a file, the ledger that it was made from, and what it knows."""

    path: Path
    db: Path

    def known(self, browser: Browser) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(browser.run(PAYLOAD))
        return found


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Page:
    """Two checks of the airline; the report of the second."""
    project: Project = airline(tmp_path_factory.mktemp("airline") / "repo")
    for _ in range(2):
        ran = run("check", ".", "-q", "--html", "report.html", cwd=project.folder)
        assert ran.exit_code == 1, ran.stderr
    return Page(path=project.folder / "report.html", db=project.folder / "skewguard.duckdb")


def rendered(db: Path) -> Page:
    with ledger.open_ledger(db) as connection:
        outcome = ledger.read_outcome(connection, "latest", ledger=db)
    path = db.with_suffix(".html")
    path.write_text(page(outcome, db), encoding="utf-8")
    return Page(path=path, db=db)


@pytest.fixture(scope="module")
def big(tmp_path_factory: pytest.TempPathFactory) -> Page:
    db = tmp_path_factory.mktemp("big") / "skewguard.duckdb"
    assert large(db) == 100_000
    return rendered(db)


@pytest.fixture(scope="module")
def nasty(tmp_path_factory: pytest.TempPathFactory) -> Page:
    """All that a result can hold, and cells whose keys, values and evidence are markup."""
    db = tmp_path_factory.mktemp("nasty") / "skewguard.duckdb"
    told = (*MARKUP, *NASTY)
    diffs = pa.table(
        {
            "row_id": list(range(len(told))),
            "feature": [f"view 0:{NASTY[0]}"] * len(told),
            "entity": [json.dumps({each or "key": each}) for each in told],
            "as_of": [NOW] * len(told),
            "kind": ["mismatch"] * len(told),
            "skewed": [True] * len(told),
            "cause": [f"<b>{at}</b>" for at in range(len(told))],
            "source_value": told,
            "offline_value": told,
            "online_value": told,
            "evidence": [json.dumps({"said": each}) for each in told],
        }
    )
    ledger.write_outcome(db, hostile(), entity_rows=diffs.select(["row_id", "entity", "as_of"]), diffs=diffs)
    return rendered(db)


def test_it_opens_without_an_error_or_a_request_and_says_the_verdict(browser: Browser, real: Page) -> None:
    browser.open(real.path)
    assert browser.errors() == []
    assert browser.requests() == [real.path.as_uri()]
    said = browser.run("return document.querySelector('.verdict').textContent")
    assert said.startswith("FAIL3 of 6 features differ by more than their budget.")
    assert "3 features without skew: at 95 % confidence fewer than 1.04 %" in said
    assert browser.shown() == [
        *("wind:wind_rank", FIRST, "departures:mean_delay_7d"),
        *("weather:wind_speed", "weather:visibility", "wind:gusty"),
    ]
    assert browser.run("return fetch('https://example.org/').then(() => 'sent', () => 'refused')") == "refused"
    assert browser.errors(), "the policy of the page says so"


def test_a_feature_shows_its_story_and_everything_known_of_it(browser: Browser, real: Page) -> None:
    browser.open(real.path)
    detail = browser.unfold(FIRST).text
    assert "100 % of the skew is where origin = 'JFK' and slot_hour < 6" in detail
    assert "24 of 24 skewed cells; of the 24 rows that meet it 100 % are skewed, 12 times" in detail
    for said in (
        "at 95 % confidence at most 11.6 %",
        "ops@example.org",
        "definitions.py:",
        "origin = JFK",
        "What to do:",
    ):
        assert said in detail, said
    for title in ("Causes by share", "Skew rate by value of the keys", "Trend over runs", "Example rows", BY_EVENT):
        assert title in detail, title
    browser.until("return [...document.querySelectorAll('canvas')].every((each) => Chart.getChart(each))")
    assert browser.run("return document.querySelectorAll('canvas').length") == 4
    browser.open(real.path)
    detail = browser.unfold("wind:wind_rank").text
    assert "Where it is" not in detail, "it is everywhere"
    for title in ("Offline against online", "Errors: online − offline"):
        assert title in detail, title
    browser.open(real.path, "#weather:wind_speed")
    assert "range" in browser.run("return document.querySelector('details[open] .detail').innerText")
    assert browser.errors() == []


def test_features_are_filtered_and_searched(browser: Browser, real: Page) -> None:
    browser.open(real.path)

    def choose(name: str, value: str) -> None:
        script = (
            "const one = document.getElementById(arguments[0]); one.value = arguments[1];"
            "one.dispatchEvent(new Event(arguments[0] === 'search' ? 'input' : 'change'));"
        )
        browser.run(script, name, value)

    for name, value, found in (
        ("by-verdict", "=warn", 1),
        ("by-cause", "=batch_dependent", 1),
        ("by-kind", "=missing_offline", 2),
        ("by-view", "=weather", 2),
        ("by-owner", "=nobody", 2),
        ("search", "CANCELLED", 1),
        ("search", "no such thing", 0),
    ):
        choose(name, value)
        assert len(browser.shown()) == found, (name, value)
        assert browser.run("return document.getElementById('count').textContent") == f"{found} of 6 features"
        browser.run("document.getElementById('clear').click()")
        assert len(browser.shown()) == 6
    choose("by-view", "=departures")
    choose("search", "mean")
    assert browser.shown() == ["departures:mean_delay_7d"]


def assert_same(feature: dict[str, Any], name: str, rows: list[dict[str, Any]]) -> None:
    """That a figure of the page is what its printed SQL finds."""
    said = feature.get(name)
    if name == "measures":
        assert [rows[0]["skewed"], rows[0]["compared"]] == [feature.get("skewed", 0), feature["compared"]]
    elif name in ("spread", "predicate"):
        assert bool(rows) == bool(said)
        assert all(
            rows[0][column] == said[column] for column in ("cells", "skewed", "with_error") if column in (said or {})
        )
    else:
        assert len(rows) == (len(next(iter(said.values()))) if said else 0), (feature["ref"], name)
        for column in ("cells", "skewed", "row_id"):
            assert not said or column not in said or [row[column] for row in rows] == said[column]


def test_every_number_has_the_sql_that_was_run_and_runs_as_it_is_copied(browser: Browser, real: Page) -> None:
    browser.open(real.path)
    origin = {"origin": real.path.as_uri(), "permissions": ["clipboardReadWrite"]}
    browser.driver.execute_cdp_cmd("Browser.grantPermissions", {"permissions": origin["permissions"]})
    browser.unfold(FIRST)
    browser.run("document.querySelectorAll('.detail details').forEach((each) => { each.open = true; })")
    browser.until("return document.querySelectorAll('.detail pre + button').length >= 5")
    asked = 0
    for button in browser.driver.find_elements("css selector", ".detail pre + button"):
        printed = browser.run("return arguments[0].previousSibling.textContent", button)
        browser.run("arguments[0].focus()", button)
        button.send_keys("\n")
        browser.until("return document.getElementById('live').textContent.startsWith('Copied')")
        assert browser.run("return navigator.clipboard.readText()") == printed
        if printed.startswith("from ("):
            asked += 1
            assert ledger.query(real.db, printed).num_rows
    assert asked >= 5
    known = browser.run("return JSON.parse(arguments[0])", browser.run(PAYLOAD))
    with ledger.open_ledger(real.db) as connection:
        for feature in known["features"]:
            for name, text in known["sql"].items():
                rows = ledger.ask(connection, f"from (\n{text}\n)\n{feature['sql']}").to_pylist()
                assert_same(feature, name, rows)


def test_it_is_walked_by_keyboard(browser: Browser, real: Page) -> None:
    browser.open(real.path)
    here = (
        "const one = document.activeElement;"
        "return one.id || one.className || one.querySelector('.name')?.textContent || one.tagName"
    )
    walked = []
    for _ in range(10):
        browser.press("\ue004")
        walked.append(browser.run(here))
    assert walked == [
        *(
            "skip",
            "theme",
            "search",
            "by-verdict",
            "by-cause",
            "by-kind",
            "by-view",
            "by-owner",
            "clear",
            "wind:wind_rank",
        )
    ]
    browser.press("\n")
    browser.until("return document.querySelector('details[open] .detail') !== null")
    browser.press("/")
    assert browser.run(here) == "search"
    browser.press(*"gusty")
    assert browser.shown() == ["wind:gusty"]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nothing_is_wrong_for_those_who_cannot_see_it(browser: Browser, real: Page, theme: str) -> None:
    wanted = [{"name": "prefers-color-scheme", "value": theme}]
    browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": wanted})
    try:
        browser.open(real.path)
        assert browser.run("return document.documentElement.dataset.theme") == theme
        browser.unfold(FIRST)
        browser.unfold("weather:wind_speed")
        browser.run("document.querySelectorAll('.detail details').forEach((each) => { each.open = true; })")
        browser.until("return document.querySelectorAll('.detail pre').length > 3")
        assert browser.violations() == []
        browser.run("document.getElementById('theme').click()")
        assert browser.run("return document.documentElement.dataset.theme") != theme
    finally:
        browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def test_it_fits_a_phone_and_prints_with_its_charts(browser: Browser, real: Page) -> None:
    browser.open(real.path)
    browser.width(360)
    browser.unfold("wind:wind_rank")
    browser.until("return [...document.querySelectorAll('canvas')].every((each) => Chart.getChart(each))")
    assert browser.run("return document.documentElement.scrollWidth <= innerWidth")
    assert browser.violations() == []
    printed = browser.driver.execute_cdp_cmd("Page.printToPDF", {"paperWidth": 8.3, "paperHeight": 11.7})
    assert len(printed["data"]) > 20_000
    assert browser.errors() == []


def test_a_thousand_features_and_100_000_diffs_open_at_once(browser: Browser, big: Page) -> None:
    assert big.path.stat().st_size < 5_000_000
    took = []
    while not took or (min(took) >= 2000 and len(took) < 3):  # other work on the machine may slow one of them
        browser.open(big.path)
        timing = "const one = performance.getEntriesByType('navigation')[0]; return one.loadEventEnd"
        browser.until(f"{timing} > 0")
        took.append(browser.run(timing))
    assert min(took) < 2000
    assert len(browser.shown()) == 1000
    known = big.known(browser)
    found = [each for each in known["features"] if "predicate" in each]
    placed = {(each["predicate"]["name"], each["predicate"]["name_2"]) for each in found}
    assert placed == {("hour", "origin")}
    assert {each["name"] for each in found} == {f"feature_{at}" for at in range(1000) if at % 2 and at % 3 == 0}
    browser.unfold(known["features"][0]["ref"])
    assert len(known["features"][0]["errors"]["cells"]) < 20, "some steps are without a cell"
    labels = "canvas => Chart.getChart(canvas) && Chart.getChart(canvas).data.labels.length"
    browser.until("return [...document.querySelectorAll('canvas')].every((each) => Chart.getChart(each))")
    drawn = browser.run(
        f"return [...document.querySelectorAll('canvas[aria-label^=\"How the errors\"]')].map({labels})"
    )
    assert drawn == [20], "the axis has them too"
    assert browser.errors() == []


def test_values_that_are_markup_stay_text(browser: Browser, nasty: Page) -> None:
    browser.open(nasty.path)
    assert browser.errors() == []
    assert len(browser.shown()) == len(hostile().features)
    browser.run("document.querySelectorAll('.features > li > details').forEach((each) => { each.open = true; })")
    browser.until("return document.querySelectorAll('.detail').length >= 13")
    browser.run("document.querySelectorAll('.detail details').forEach((each) => { each.open = true; })")
    hit = "window.hit === undefined && !document.querySelector('img, main script, .detail b, .detail a')"
    assert browser.run(f"return {hit}")
    text = browser.run("return document.body.textContent")
    for said in (
        "</script><script>window.hit = 1</script>",
        "<img src=x onerror='window.hit = 1'>",
        "<b>3</b>",
        "\\u2028",
    ):
        assert said in text, said
    assert browser.errors() == []
    assert browser.violations() == []
    source = nasty.path.read_text(encoding="utf-8")
    assert source.count("</script>") == 3
    assert source.isascii() or not any(each in source for each in ("\u2028", "\u202e", "\x1b"))


def test_laws_are_shown_with_the_test_that_fails(browser: Browser, nasty: Page) -> None:
    browser.open(nasty.path)
    # Not innerText: what is out of view may not be laid out yet.
    said = browser.run("return document.getElementById('laws').textContent")
    assert "3 laws of 1 transform tested, 1 broken" in said
    assert "BROKEN" in said and "def test_it():\n    assert '<]]>'" in said


def test_a_diff_of_tables_and_a_run_of_laws_render_too(browser: Browser, tmp_path: Path) -> None:
    (tmp_path / "offline.csv").write_text("k,v,w\n1,1.5,a\n2,2.5,<b>\n3,,c\n", encoding="utf-8")
    (tmp_path / "online.csv").write_text("k,v,w\n1,1.5,a\n2,2.75,b\n4,4.5,d\n", encoding="utf-8")
    ran = run("diff", "offline.csv", "online.csv", "--key", "k", "-q", "--html", "diff.html", cwd=tmp_path)
    assert ran.exit_code == 1
    browser.open(tmp_path / "diff.html")
    assert len(browser.shown()) == 2
    assert "Offline against online" in browser.unfold("v").text
    dark = LawResult(
        transform="a.dark", law=Law.INCREMENTAL, verdict=LawVerdict.NOT_APPLICABLE, examples=0, message="no <events>"
    )
    laws = replace(hostile(), run=run_record(mode=Mode.TRANSFORMS, config={}), features=(), examples=())
    laws = replace(laws, laws=(*laws.laws, dark))
    nothing = pa.table({"row_id": pa.array([], pa.int64())})
    ledger.write_outcome(tmp_path / "laws.duckdb", laws, entity_rows=nothing, diffs=nothing)
    browser.open(rendered(tmp_path / "laws.duckdb").path)
    assert "batch_invariant" in browser.run("return document.getElementById('features').innerText")
    assert "a.dark: no <events>" in browser.run("return document.getElementById('untried').textContent")
    assert "3 laws of 1 transform tested" in browser.run("return document.getElementById('features').textContent")
    assert browser.errors() == []
    assert browser.violations() == []
