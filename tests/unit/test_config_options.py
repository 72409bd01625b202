"""From what a user gave to CheckOptions: where the repo is, whose value counts, and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from skewguard.errors import SkewguardError
from skewguard.errors.config import (
    BadValue,
    OptionError,
    OptionNeeds,
    OptionsDisagree,
    UnknownOption,
)
from skewguard.model import Mode
from skewguard.pipeline.given import READERS, check_options
from skewguard.pipeline.options import AsOf
from skewguard.pipeline.parity_options import parity_options


def repo_in(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "feature_store.yaml").write_text("project: p\n", encoding="utf-8")
    return folder


def configured(folder: Path, text: str) -> None:
    (folder / "pyproject.toml").write_text(f"[tool.skewguard]\n{text}\n", encoding="utf-8")


def test_the_repo_is_the_argument_then_pyproject_then_feature_repo_then_here(tmp_path: Path) -> None:
    assert check_options(here=tmp_path).repo == tmp_path
    usual = repo_in(tmp_path / "feature_repo")
    repo_in(tmp_path)
    assert check_options(here=tmp_path).repo == usual
    configured(tmp_path, 'repo = "elsewhere"')
    assert check_options(here=tmp_path).repo == tmp_path / "elsewhere"
    (tmp_path / "deep").mkdir()
    assert check_options(here=tmp_path / "deep").repo == tmp_path / "elsewhere"
    assert check_options("named", here=tmp_path).repo == tmp_path / "named"
    assert check_options(tmp_path / "named", here=tmp_path / "deep").repo == tmp_path / "named"


def test_a_folder_that_holds_the_repo_stands_for_it(tmp_path: Path) -> None:
    """However it is named, and for whatever command; unless the folder is a repo itself, or is given one."""
    nested = repo_in(tmp_path / "shop" / "feature_repo")
    for named in (".", tmp_path / "shop", "../shop"):
        assert check_options(named, here=tmp_path / "shop").repo.resolve() == nested
    assert parity_options(".", here=tmp_path / "shop").target.repo == nested
    assert parity_options("shop", here=tmp_path).target.repo == nested
    configured(tmp_path / "shop", 'repo = "."')
    assert check_options(here=tmp_path / "shop").repo == nested
    other = repo_in(tmp_path / "other") / "feature_store.yaml"
    assert check_options("shop", here=tmp_path, feature_store_yaml=str(other)).repo == tmp_path / "shop"
    repo_in(tmp_path / "shop")
    assert check_options("shop", here=tmp_path).repo == tmp_path / "shop"
    assert parity_options("shop", here=tmp_path).target.repo == tmp_path / "shop"
    package = tmp_path / "package"
    repo_in(package / "feature_repo")
    (package / "__init__.py").touch()
    assert parity_options("package", here=tmp_path).target.modules == ("package",)


def test_chdir_is_where_the_repo_is_looked_for(tmp_path: Path) -> None:
    configured(tmp_path, 'repo = "elsewhere"')
    other = repo_in(tmp_path / "other")
    nested = repo_in(tmp_path / "parent" / "feature_repo")
    configured(tmp_path / "parent", "sample = 7")
    assert check_options(here=tmp_path, chdir="other").repo == other
    assert check_options("other", here=Path("/"), chdir=tmp_path).repo == other
    found = check_options(here=tmp_path, chdir="parent")
    assert (found.repo, found.sample) == (nested, 7)
    assert found.db == tmp_path / "skewguard.duckdb"


def test_the_config_is_that_of_the_repo_that_is_named(tmp_path: Path) -> None:
    configured(tmp_path, "sample = 5")
    other = repo_in(tmp_path / "other" / "feature_repo")
    configured(tmp_path / "other", "sample = 9")
    assert check_options(other, here=tmp_path).sample == 9
    assert check_options(here=tmp_path).sample == 5


def test_defaults(tmp_path: Path) -> None:
    options = check_options(here=tmp_path)
    assert (options.sample, options.seed, options.request_size, options.online_batch) == (1000, 0, 1, 500)
    assert (options.max_skew_rate, options.timeout, options.max_qps, options.since) == (0.0, 60.0, None, None)
    assert (options.mode, options.instant) == (Mode.SANDBOX, AsOf.LATEST)
    live = check_options(here=tmp_path, live=True)
    assert (live.mode, live.instant) == (Mode.LIVE, AsOf.NOW)


def test_text_and_typed_values_are_read_alike(tmp_path: Path) -> None:
    said = check_options(
        here=tmp_path, sample="50", as_of="2013-07-01", max_skew_rate="1%", feature=("a:b",), db="x.duckdb", seed="-3"
    )
    typed = check_options(
        here=tmp_path,
        sample=50,
        as_of=datetime(2013, 7, 1, tzinfo=UTC),
        max_skew_rate=0.01,
        feature="a:b",
        db=tmp_path / "x.duckdb",
        seed=-3,
    )
    assert said == typed
    assert said.features == ("a:b",)
    assert check_options(here=tmp_path, as_of="Materialized").as_of is AsOf.MATERIALIZED


def test_what_is_given_beats_pyproject_and_paths_start_where_they_are_written(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    configured(tmp_path, 'sample = 5\nseed = 1\ndb = "runs/all.duckdb"\nservice = "model_v1"\nlive = true')
    options = check_options(here=tmp_path / "deep", seed="2", entities="rows.csv")
    assert (options.sample, options.seed, options.live) == (None, 2, True)
    assert options.db == tmp_path / "runs/all.duckdb"
    assert options.entities == tmp_path / "deep" / "rows.csv"
    assert options.services == ("model_v1",)
    assert check_options(here=tmp_path, live=False).live is False


def test_all_rows(tmp_path: Path) -> None:
    configured(tmp_path, "sample = 5")
    assert check_options(here=tmp_path, all=True).sample is None
    assert check_options(here=tmp_path, entities="x.csv", sample="3").sample == 3
    configured(tmp_path, "all = true")
    assert check_options(here=tmp_path).sample is None
    assert check_options(here=tmp_path, sample=3).sample == 3
    with pytest.raises(OptionsDisagree, match="--all.*--sample"):
        check_options(here=tmp_path, all=True, sample=3)


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("sample", "0"),
        ("sample", -1),
        ("sample", "some"),
        ("seed", "1.5"),
        ("request_size", 0),
        ("online_batch", "0"),
        ("max_skew_rate", "2"),
        ("max_skew_rate", float("nan")),
        ("max_qps", "0"),
        ("timeout", "-1"),
        ("timeout", "inf"),
        ("as_of", "yesterday"),
        ("entities", pa.table({"k": [1]}).to_pandas()),
        ("since", "latest"),
        ("feature", ("",)),
        ("live", "yes"),
        ("db", " "),
    ],
)
def test_values_that_an_option_cannot_have(tmp_path: Path, option: str, value: Any) -> None:
    with pytest.raises(OptionError, match="--" + option.replace("_", "-")) as caught:
        check_options(here=tmp_path, **{option: value})
    assert "needed" in str(caught.value)
    configured(tmp_path, "sample = 0")
    with pytest.raises(BadValue, match="whole number from 1 up"):
        check_options(here=tmp_path)


def test_a_value_is_shown_as_it_was_written(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match=r"Option `--allow` is 'slowness': there is no cause"):
        check_options(here=tmp_path, allow=("slowness",))
    assert str(OptionError("key", None, "columns are needed")) == "Option `--key` is not given: columns are needed."


def test_a_replay_is_of_a_sandbox(tmp_path: Path) -> None:
    assert check_options(here=tmp_path, replay=4).mode is Mode.REPLAY
    with pytest.raises(OptionsDisagree, match="`--live` and `--replay`"):
        check_options(here=tmp_path, replay=4, live=True)
    configured(tmp_path, "live = true")
    assert not check_options(here=tmp_path, replay=4).live, "what is asked for on the spot"


def test_online_keys_are_listed_live_and_for_no_file_of_entities(tmp_path: Path) -> None:
    assert check_options(here=tmp_path, live=True, scan_online=True).scan_online
    for given in ({}, {"replay": 2}):
        with pytest.raises(OptionNeeds, match="`--scan-online` needs `--live`"):
            check_options(here=tmp_path, scan_online=True, **given)
    for other, value in (("entities", "rows.csv"), ("since", "2013-01-01")):
        with pytest.raises(OptionsDisagree, match=f"`--scan-online` and `--{other}`"):
            check_options(here=tmp_path, scan_online=True, live=True, **{other: value})
    configured(tmp_path, "scan_online = true")
    assert not check_options(here=tmp_path).scan_online, "a default for live checks"
    assert check_options(here=tmp_path, live=True).scan_online
    assert not check_options(here=tmp_path, live=True, entities="rows.csv").scan_online


def test_an_option_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(UnknownOption, match="`sampel`.*sample"):
        check_options(here=tmp_path, sampel=3)


def test_every_option_of_the_command_is_one_of_the_call() -> None:
    from skewguard.cli.check import check
    from skewguard.cli.output import FORMS

    command = {each.name for each in check.params} - {"repo", "chdir", "quiet", *FORMS}
    assert command == set(READERS)


def test_the_options_are_kept_with_the_run_as_json(tmp_path: Path) -> None:
    import json

    config = check_options(here=tmp_path, as_of="now", exclude=["a"]).as_config()
    assert json.loads(json.dumps(config)) == config
    assert (config["since"], config["as_of"], config["excludes"]) == (None, "now", ["a"])


def test_errors_are_one_paragraph(tmp_path: Path) -> None:
    for given in ({"sample": 0}, {"scan_online": True}, {"sampel": 1}):
        with pytest.raises(SkewguardError) as caught:
            check_options(here=tmp_path, **given)
        assert "\n" not in str(caught.value)


def test_a_replay_has_an_end(tmp_path: Path) -> None:
    assert check_options(here=tmp_path, replay="10000").replay == 10_000
    with pytest.raises(OptionError, match="from 1 to 10,000 is needed"):
        check_options(here=tmp_path, replay="1000000000")
