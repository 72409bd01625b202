"""What a test of transforms would test, by name alone."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass

from skewguard.errors.repo import CodeExits
from skewguard.model import ViewError
from skewguard.pipeline.parity_options import ParityOptions


@dataclass(frozen=True, kw_only=True)
class TransformListing:
    """The transforms of a target in their order, and what cannot be tested."""

    transforms: tuple[str, ...]
    errors: tuple[ViewError, ...]


def list_transforms(options: ParityOptions) -> TransformListing:
    """The transforms that `parity(options)` would test. Errors: those of loading the target."""
    from skewguard.feature_store.parity_world import Surroundings
    from skewguard.pipeline.parity_loading import How, load

    try:
        with ExitStack() as stack:
            found = load(options.target, How(seed=options.seed), Surroundings(), stack)
            named = [subject.name for subject, _ in found.on_demand] + [code.name for code in found.batch]
            errors = tuple(ViewError(feature=name, message=message) for name, message in found.errors)
    except SystemExit as error:
        raise CodeExits(error) from error
    return TransformListing(transforms=tuple(named), errors=errors)
