"""Errors about: decorated transforms, their features, and the bindings that hand them to Feast."""

from __future__ import annotations

from collections.abc import Iterable

from skewguard.errors.base import SkewguardError, near


class DefinitionError(SkewguardError):
    """Base of this module's errors: a definition that contradicts itself or cannot be carried out."""


class DtypeError(DefinitionError):
    """A text that names no dtype of Feast."""

    def __init__(self, text: object, known: Iterable[str]) -> None:
        super().__init__(
            f"{text!r} is not a dtype of Feast.",
            known=near(str(text), known),
            next_step='Write Feast\'s own name in any case: "float64", "int64", "string", "array(float32)".',
        )


class FeatureError(DefinitionError):
    """A promise of one feature that cannot be meant."""

    def __init__(self, feature: object, promise: str, value: object, wanted: str) -> None:
        super().__init__(f"Feature {feature!r} cannot have {promise}={value!r}:", next_step=f"{wanted}.")


class ToleranceError(DefinitionError):
    """A tolerance below zero, infinite, or not a number."""

    def __init__(self, promise: str, value: object) -> None:
        super().__init__(
            f"A Tolerance cannot have {promise}={value!r}:", next_step="give a finite number of at least 0."
        )


class TransformError(DefinitionError):
    """A decorated function that cannot be what its decorator says."""

    def __init__(self, transform: str, what: str, *, known: str = "", next_step: str = "") -> None:
        super().__init__(f"The transform {transform} {what}", known=known, next_step=next_step)


class NotATransformError(DefinitionError):
    """Something undecorated where a decorated function is needed."""

    def __init__(self, given: object, decorator: str) -> None:
        name = getattr(given, "__name__", None) or repr(given)
        super().__init__(
            f"{name} is not a transform of the kind needed here.", next_step=f"Decorate the function with @{decorator}."
        )


class BindingError(DefinitionError):
    """A binding whose sources, entities or names do not fit its transform."""

    def __init__(self, view: str, what: str, *, known: str = "", next_step: str = "") -> None:
        super().__init__(f"The view {view!r} cannot be made: {what}", known=known, next_step=next_step)


class InputError(DefinitionError):
    """A value that a transform is given and that is not of the dtype it declares."""

    def __init__(self, transform: str, name: str, what: str) -> None:
        super().__init__(
            f"The input {name!r} of {transform} {what}",
            next_step="Give it under that name and in the declared dtype, or change the declaration.",
        )


class OutputError(DefinitionError):
    """What a transform returned is not what it declares."""

    def __init__(self, transform: str, what: str, *, next_step: str = "") -> None:
        super().__init__(f"{transform} returned {what}", next_step=next_step or "Return what it declares.")


class TiedOutputError(OutputError):
    """Several rows for one entity at one time: Feast's stores would each take another."""


class TagError(DefinitionError):
    """Tags of a view that skewguard wrote in another version, or that were edited by hand."""

    def __init__(self, tag: str, value: object) -> None:
        super().__init__(f"The tag {tag}={value!r} cannot be read.", next_step="Run `feast apply` to write it anew.")


class BuildError(DefinitionError):
    """A table of a batch transform that cannot be computed."""

    def __init__(self, transform: str, what: str, *, next_step: str = "") -> None:
        super().__init__(f"The table of {transform} cannot be built: {what}", next_step=next_step)


class PushError(DefinitionError):
    """Events that cannot be pushed through a batch transform."""

    def __init__(self, view: str, what: str, *, next_step: str = "") -> None:
        super().__init__(f"Nothing was pushed to {view!r}: {what}", next_step=next_step)


class NoTablesError(DefinitionError):
    """A repo without a single decorated batch transform."""

    def __init__(self, repo: str) -> None:
        super().__init__(
            f"No view of the Feast repo {repo} is made by skewguard's feature_view(...): there is nothing to build.",
            next_step="Decorate a function with @batch_features and bind it; `skewguard check` needs neither.",
        )
