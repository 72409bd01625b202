"""Each law on transforms that keep it and that break it, through Feast's own objects, in this process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from building import NOON, Project, hours
from parity_running import COUNT, SEED, Here, broken
from parity_subjects import BREAKS, MODULE, VIEWS, VIEWS_BREAK

from skewguard.feature_store.parity_world import Surroundings
from skewguard.model import Law, LawVerdict
from skewguard.pipeline.parity_loading import How, load
from skewguard.pipeline.parity_target import find_target
from skewguard.proofs.engine import try_laws
from skewguard.proofs.examples import examples_of

pytestmark = pytest.mark.feast


@pytest.fixture(scope="module")
def surroundings() -> Surroundings:
    return Surroundings()


@pytest.fixture(scope="module")
def modules(tmp_path_factory: pytest.TempPathFactory, surroundings: Surroundings) -> Iterator[Here]:
    folder = tmp_path_factory.mktemp("modules")
    (folder / "cases_of_parity.py").write_text(MODULE)
    with ExitStack() as stack:
        yield Here(load(find_target("cases_of_parity.py", folder), How(seed=SEED), surroundings, stack), surroundings)


@pytest.fixture(scope="module")
def views(tmp_path_factory: pytest.TempPathFactory, surroundings: Surroundings) -> Iterator[Here]:
    project = Project(folder=tmp_path_factory.mktemp("views"))
    project.source(
        "stats",
        {
            "driver_id": [1, 2, 3],
            "x": [0.5, None, 7.25],
            "n": [3, 4, 5],
            "at": [NOON - hours(each) for each in range(3)],
        },
    )
    project.define(VIEWS)
    with ExitStack() as stack:
        yield Here(load(find_target(str(project.folder), Path()), How(seed=SEED), surroundings, stack), surroundings)


@pytest.mark.parametrize("name", BREAKS)
def test_a_decorated_transform_breaks_exactly_its_laws(modules: Here, name: str) -> None:
    tested = modules.tested(name)
    assert set(broken(tested.results)) == BREAKS[name], broken(tested.results)
    held = [each for each in tested.results if each.verdict is LawVerdict.HELD]
    assert all(each.examples > 0 for each in held)
    # Of what answers otherwise each time little can be told, of what has no declared answer nothing.
    assert len(held) >= (0 if name == "renamed" else 4 if "deterministic" in BREAKS[name] else 5)


@pytest.mark.parametrize("name", VIEWS_BREAK)
def test_a_plain_view_breaks_exactly_its_laws(views: Here, name: str) -> None:
    tested = views.tested(name)
    assert set(broken(tested.results)) == VIEWS_BREAK[name], broken(tested.results)


def test_the_smallest_counterexample_is_named(modules: Here) -> None:
    (result,) = modules.tested("centred", Law.BATCH_INVARIANT).results
    assert result.message == "row 1 alone gives 0.0; among 2 rows gives -0.5"
    assert result.counterexample is not None
    assert result.counterexample["rows"] == [{"x": 0.0}, {"x": 1.0}]
    assert (result.counterexample["expected"], result.counterexample["found"]) == (-0.5, 0.0)
    assert "def test_centred_batch_invariant(tmp_path)" in result.counterexample["test"]


def test_a_null_is_named_with_its_form(views: Here) -> None:
    (result,) = views.tested("magnitude", Law.NULL_PARITY).results
    assert "as a one-row request holds them (x is null)" in result.message and "TypeError" in result.message
    assert (
        result.counterexample is not None and result.counterexample["rows"] == [{"x": None, "n": 0, "driver_id": 0}]
    ) or len(result.counterexample["rows"]) == 1


def test_a_law_that_could_not_be_told_of_is_not_said_to_hold(modules: Here) -> None:
    found = {each.law: each for each in modules.tested("noisy").results}
    for law in (Law.BATCH_INVARIANT, Law.ORDER_INVARIANT):
        assert found[law].verdict is LawVerdict.NOT_APPLICABLE and "see deterministic" in (found[law].message or "")
    assert found[Law.SCHEMA_KEPT].verdict is LawVerdict.HELD


def test_real_rows_are_among_the_examples(views: Here) -> None:
    subject = next(each for each, _ in views.found.on_demand if each.name == "good")
    examples = examples_of(subject, views.found.real["good"], count=COUNT, seed=SEED)
    assert any(row["x"] == 7.25 and row["n"] == 5 for rows in examples for row in rows)
    assert len(examples) == COUNT


def test_the_same_seed_gives_the_same(modules: Here) -> None:
    subject = next(each for each, _ in modules.found.on_demand if each.name.endswith("sound"))
    once, again, other = (examples_of(subject, [], count=40, seed=seed) for seed in (1, 1, 2))
    assert repr(once) == repr(again) != repr(other)


def test_what_a_call_does_beside_answering_is_named_and_undone(modules: Here) -> None:
    here = Path.cwd()
    tested = modules.tested("chatty", Law.SCHEMA_KEPT)
    assert Path.cwd() == here
    assert set(tested.effects) == {"prints", "changes the warnings filter", "changes the working directory"}


def test_rows_that_have_an_answer_in_company_only_are_a_matter_of_the_schema(modules: Here) -> None:
    subject = next(each for each, _ in modules.found.on_demand if each.name.endswith("dummies"))
    rows = ({"city": "a"}, {"city": "b"})
    tested = try_laws(subject, (Law.SCHEMA_KEPT, Law.BATCH_INVARIANT), [rows], modules, target="a_module")
    assert [each.verdict for each in tested.results] == [LawVerdict.BROKEN, LawVerdict.NOT_APPLICABLE]
    assert "see schema_kept" in (tested.results[1].message or "")


def test_a_transform_that_raises_breaks_one_law_with_its_line(modules: Here) -> None:
    results = {each.law: each for each in modules.tested("refusing").results}
    kept = results[Law.SCHEMA_KEPT]
    assert "raises ValueError: no nulls please" in kept.message and "cases_of_parity.py" in kept.message
    assert kept.counterexample is not None and kept.counterexample["rows"] == [{"x": None}]
    assert results[Law.NULL_PARITY].verdict is LawVerdict.NOT_APPLICABLE
