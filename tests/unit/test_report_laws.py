"""The laws for people: a transform on which no law could be tried is not said to keep any."""

from __future__ import annotations

from dataclasses import replace

from hostile import hostile, run_record

from skewguard.model import LawResult, LawVerdict, Mode
from skewguard.report import markdown
from skewguard.report.html.payload import payload
from skewguard.report.laws import said
from skewguard.vocabulary import Law

HELD = LawResult(transform="a.kept", law=Law.DETERMINISTIC, verdict=LawVerdict.HELD, examples=40)
UNFIT = LawResult(
    transform="a.kept", law=Law.INCREMENTAL, verdict=LawVerdict.NOT_APPLICABLE, examples=0, message="a law of others"
)
UNTRIED = LawResult(
    transform="a.dark", law=Law.DETERMINISTIC, verdict=LawVerdict.NOT_APPLICABLE, examples=0, message="no events"
)


def test_a_law_that_does_not_apply_leaves_the_transform_tried() -> None:
    assert said([HELD, UNFIT]) == "1 transform keeps every law that applies: 1 law held on 40 examples"


def test_a_transform_without_a_law_tried_is_counted_apart() -> None:
    kept = "1 transform keeps every law that applies: 1 law held on 40 examples"
    assert said([HELD, UNFIT, UNTRIED]) == f"{kept}; on 1 more none was tried"


def test_every_page_names_a_transform_on_which_none_was_tried() -> None:
    record = run_record(mode=Mode.TRANSFORMS, config={})
    outcome = replace(hostile(), run=record, features=(), examples=(), laws=(HELD, UNFIT, UNTRIED))
    page = markdown.text(outcome)
    assert "No law was tried on these, so nothing is proved of them:\n\n- `a.dark`: `no events`" in page
    assert payload(outcome, {}, str)["untried"] == [{"transform": "a.dark", "why": "no events"}]
    tried = replace(outcome, laws=(HELD, UNFIT))
    assert "nothing is proved" not in markdown.text(tried) and payload(tried, {}, str)["untried"] == []
