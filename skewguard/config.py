"""What `[tool.skewguard]` in pyproject.toml says: the repo, defaults of options, and contracts by pattern."""

from __future__ import annotations

from dataclasses import dataclass

from skewguard.contract import Contract


@dataclass(frozen=True, kw_only=True)
class ContractRule:
    """A contract for every feature whose reference matches `pattern` (`*` and `?` are wildcards)."""

    pattern: str
    contract: Contract


def contract_for(ref: str, declared: Contract, rules: tuple[ContractRule, ...]) -> Contract:
    """The promises of the feature `ref`: what the rules say, and where they are silent what the definition declares."""
    return declared
