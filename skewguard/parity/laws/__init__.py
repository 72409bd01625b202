"""The table of laws, in the order of INTERFACE.md: a law is one entry here and one function beside it."""

from __future__ import annotations

from collections.abc import Mapping

from skewguard.model import Law
from skewguard.parity.laws.rule import Rule

NOT_YET = "this version does not test it"
ONE_TABLE = "training and serving read one table of its values: a law of on-demand transforms"

RULES: Mapping[Law, Rule] = {
    rule.law: rule
    for rule in (
        Rule(law=Law.DETERMINISTIC, not_on_demand=NOT_YET, fresh=True),
        Rule(law=Law.BATCH_INVARIANT, not_on_demand=NOT_YET, not_batch=ONE_TABLE),
        Rule(law=Law.ORDER_INVARIANT, not_on_demand=NOT_YET),
        Rule(law=Law.INPUT_UNTOUCHED, not_on_demand=NOT_YET),
        Rule(law=Law.NULL_PARITY, not_on_demand=NOT_YET, not_batch=ONE_TABLE),
        Rule(law=Law.DTYPE_PARITY, not_on_demand=NOT_YET, not_batch=ONE_TABLE),
        Rule(law=Law.SCHEMA_KEPT, not_on_demand=NOT_YET),
        Rule(law=Law.REHYDRATES, not_on_demand=NOT_YET, fresh=True),
        Rule(law=Law.TIMEZONE_FREE, not_on_demand=NOT_YET, fresh=True),
        Rule(law=Law.NO_LOOKAHEAD),
        Rule(law=Law.LOOKBACK_SUFFICIENT),
        Rule(law=Law.ENTITY_ISOLATED),
        Rule(law=Law.INCREMENTAL),
    )
}
assert tuple(RULES) == tuple(Law), "every law has its rule, in order"
