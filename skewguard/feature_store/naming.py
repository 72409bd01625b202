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
    """Where each feature of the view stands in each answer; None for a feature that an answer lacks."""
    indexes = [answer_index(view, names) for names in answers]
    positions: list[list[int] | None] = []
    for feature in view.features:
        found = [index.get(feature.name) for index in indexes]
        positions.append(None if None in found else [i for i in found if i is not None])
    return positions


def answer_index(view: ViewSpec, names: Sequence[str]) -> dict[str, int]:
    """Where each feature of the view stands among the names of one answer, however it was asked for.

    Of several columns of one name the last counts: an on-demand view's output follows the input that it is named like.
    A service's alias may be another name than the view's here, hence the ending.
    """
    places = {name: position for position, name in enumerate(names)}
    index = {}
    for feature in view.features:
        if needs_full_names(view):
            ending = f"__{feature.name}"
            full = [f"{prefix}{ending}" for prefix in (view.name, view.base_name)]
            full += [name for name in names if name.endswith(ending)]
            found = next((places[name] for name in full if name in places), None)
        else:
            found = places.get(feature.name)
        if found is not None:
            index[feature.name] = found
    return index
