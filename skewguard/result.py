"""What a check or a diff returns to Python: the verdict, the features, and the ledger's rows of this run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from skewguard.errors import near
from skewguard.errors.base import called_in_python
from skewguard.errors.config import OptionError
from skewguard.model import FeatureResult, LawResult, LawVerdict, Mode, Outcome, Verdict
from skewguard.report import json, text

if TYPE_CHECKING:
    import pyarrow as pa

TABLES = (
    *("runs", "features", "entity_rows", "diffs", "laws"),
    *("remarks", "waived", "contract", "examples", "places", "latency", "leakage", "waivers", "event_times"),
)


@dataclass(frozen=True, kw_only=True, repr=False)
class CheckResult:
    """The result of one run. Printing it shows the report; `assert result.exit_code == 0` is a test."""

    outcome: Outcome
    db: Path

    @property
    def run_id(self) -> str:
        """The run's id in the ledger."""
        return self.outcome.run.run_id

    @property
    def verdict(self) -> Verdict:
        """`pass`, `warn`, `error` or `fail`; compares equal to these words."""
        return self.outcome.run.verdict

    @property
    def exit_code(self) -> int:
        """What the command would have exited with: 0, 1 or 2."""
        return self.outcome.exit_code

    @property
    def features(self) -> tuple[FeatureResult, ...]:
        """One per feature, with the counts and the verdict."""
        return self.outcome.features

    @property
    def laws(self) -> tuple[LawResult, ...]:
        """Of a test of transforms: one per transform and law."""
        return self.outcome.laws

    def feature(self, ref: str) -> FeatureResult:
        """The result of the feature `view:name`."""
        for each in self.features:
            if each.feature == ref:
                return each
        raise KeyError(ref)

    @called_in_python()
    def sql(self, query: str) -> pa.Table:
        """The answer to a query on the ledger, which is opened read-only."""
        from skewguard import ledger

        return ledger.query(self.db, query)

    @called_in_python()
    def to_arrow(self, table: str = "diffs") -> pa.Table:
        """This run's rows of one of the ledger's tables: `runs`, `features`, `diffs`, ..."""
        if table not in TABLES:
            raise OptionError("table", table, "it is not a table of the ledger", next_step=near(str(table), TABLES))
        from skewguard import ledger, sql

        with ledger.as_written(self.db), ledger.open_ledger(self.db) as connection:
            of_this_run = sql.column("run_id") == sql.constant(self.run_id)
            return connection.table(table).filter(of_this_run).to_arrow_table()

    def to_json(self) -> str:
        """What `--json` writes."""
        return json.text(self.outcome)

    def __str__(self) -> str:
        return text.render(self.outcome)

    def __repr__(self) -> str:
        if self.outcome.run.mode is Mode.TRANSFORMS:
            broken = sum(each.verdict is LawVerdict.BROKEN for each in self.laws)
            return f"<CheckResult {self.verdict.value}: {len(self.laws)} laws, {broken} broken, run {self.run_id}>"
        counts = f"{len(self.features)} features, {sum(each.skewed for each in self.features)} skewed cells"
        return f"<CheckResult {self.verdict.value}: {counts}, run {self.run_id}>"
