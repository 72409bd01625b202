"""The table of laws, in the order of INTERFACE.md: a law is one entry here and one function beside it."""

from __future__ import annotations

from collections.abc import Mapping

from skewguard.model import Law
from skewguard.proofs.laws.among import batch_invariant, order_invariant
from skewguard.proofs.laws.kept import input_untouched, schema_kept
from skewguard.proofs.laws.repeated import deterministic, rehydrates, timezone_free
from skewguard.proofs.laws.rule import Rule
from skewguard.proofs.laws.typings import dtype_parity, null_parity

ONE_TABLE = "training and serving read one table of its values: a law of on-demand transforms"

RULES: Mapping[Law, Rule] = {
    rule.law: rule
    for rule in (
        Rule(law=Law.DETERMINISTIC, test=deterministic, fresh=True),
        Rule(law=Law.BATCH_INVARIANT, test=batch_invariant, not_batch=ONE_TABLE),
        Rule(law=Law.ORDER_INVARIANT, test=order_invariant),
        Rule(law=Law.INPUT_UNTOUCHED, test=input_untouched),
        Rule(law=Law.NULL_PARITY, test=null_parity),
        Rule(law=Law.DTYPE_PARITY, test=dtype_parity, not_batch=ONE_TABLE),
        Rule(law=Law.SCHEMA_KEPT, test=schema_kept),
        Rule(law=Law.REHYDRATES, test=rehydrates, fresh=True),
        Rule(law=Law.TIMEZONE_FREE, test=timezone_free),
        Rule(law=Law.NO_LOOKAHEAD),
        Rule(law=Law.LOOKBACK_SUFFICIENT),
        Rule(law=Law.ENTITY_ISOLATED),
        Rule(law=Law.INCREMENTAL),
    )
}
assert tuple(RULES) == tuple(Law), "every law has its rule, in order"
