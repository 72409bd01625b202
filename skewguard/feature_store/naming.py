"""Chooses the names under which a view is asked for, so that no feature, key or time column hides another."""

from __future__ import annotations

from collections.abc import Sequence

from skewguard.model import ViewKind, ViewSpec

DUMMY_KEY = "__dummy_id"
EVENT_TIMESTAMP = "event_timestamp"


def join_key_names(view: ViewSpec) -> list[str]:
    """The join keys that a request names; Feast's stand-in key of an entity-less view is not one."""
    return [key.name for key in view.join_keys if key.name != DUMMY_KEY]


def entity_columns(view: ViewSpec) -> list[str]:
    """The columns of an entity row that Feast is given: join keys, then request data."""
    keys = join_key_names(view)
    return keys + [field.name for field in view.request if field.name not in keys]


def needs_full_names(view: ViewSpec) -> bool:
    """Whether features must be asked for as `view__feature`: a short name is taken by a key, request data or the time.

    Short names are what people ask for, and the only ones under which Feast serves a python-mode on-demand view.
    """
    taken = {*entity_columns(view), EVENT_TIMESTAMP}
    return view.kind is not ViewKind.ON_DEMAND and any(feature.name in taken for feature in view.features)


def time_column(view: ViewSpec) -> str:
    """The name of the entity rows' time column: Feast's own, unless a feature or a key of the view has it."""
    names = {feature.name for feature in view.features} | set(entity_columns(view))
    names |= {ref.partition(":")[2] for ref in view.input_features}
    name = EVENT_TIMESTAMP if EVENT_TIMESTAMP not in names else "as_of"
    while name in names:
        name = f"_{name}"
    return name


def positions_of(view: ViewSpec, answers: Sequence[Sequence[str]]) -> list[list[int] | None]:
    """Where each feature of the view stands in each answer; None for a feature that an answer lacks.

    Of several columns of one name the last counts: an on-demand view's output follows the input that it is named like.
    """
    indexes = [{name: i for i, name in enumerate(names)} for names in answers]
    positions: list[list[int] | None] = []
    for feature in view.features:
        found = [index.get(f"{view.name}__{feature.name}", index.get(feature.name)) for index in indexes]
        positions.append(None if None in found else [i for i in found if i is not None])
    return positions
