"""Describes Feast objects as the model's ViewSpecs, and says of each other one why it is none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from skewguard.contract import Contract
from skewguard.definition.tags import Declared, read
from skewguard.errors.base import SkewguardError
from skewguard.feature_store.gathered import Gathered
from skewguard.feature_store.naming import DUMMY_KEY
from skewguard.feature_store.projections import Asked, Asking
from skewguard.model import FeatureSpec, JoinKey, RequestField, Skipped, SourceSpec, ViewError, ViewKind, ViewSpec

if TYPE_CHECKING:
    from feast import FeatureView, OnDemandFeatureView

DUMMY = "__dummy"
SERVABLE = ("STATE_UNSPECIFIED", "AVAILABLE_ONLINE")


@dataclass(kw_only=True)
class Described:
    """What a repo offers to compare, and what not."""

    views: dict[str, ViewSpec] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    def why_not(self, name: str) -> str | None:
        """Why a view is not among `views`."""
        return self.errors.get(name) or self.skipped.get(name)

    @contextmanager
    def failing(self, name: str) -> Iterator[None]:
        """What goes wrong inside is the error of the view `name`."""
        try:
            yield
        except SkewguardError as error:
            self.errors[name] = str(error)

    def all_skipped(self) -> tuple[Skipped, ...]:
        """The skipped ones as the model has them."""
        return tuple(Skipped(feature=name, reason=reason) for name, reason in self.skipped.items())

    def all_errors(self) -> tuple[ViewError, ...]:
        """The failed ones as the model has them."""
        return tuple(ViewError(feature=name, message=message) for name, message in self.errors.items())


def describe(
    gathered: Gathered, asking: Asking, failed: Mapping[str, ViewError], folder: Path, *, live: bool
) -> Described:
    """A ViewSpec for every view and alias that can be compared; `failed` could not be inferred."""
    found = Described(errors={each.feature: each.message for each in gathered.errors})
    found.errors |= {name: error.message for name, error in failed.items()}
    found.skipped |= dict.fromkeys(gathered.labels, "a label view: people write it, nothing computes it")
    found.skipped |= dict.fromkeys(asking.pinned, "a reference to an old version of the view")
    for name, view in gathered.views.items():
        if name not in found.errors:
            _describe_view(found, Asked(name=name, base=name), view, gathered, folder, live=live)
    for asked in asking.asked.values():
        if asked.aliased:
            _describe_alias(found, asked, gathered, folder, live=live)
    for name, on_demand in gathered.on_demand.items():
        if name not in found.errors:
            _describe_on_demand(found, on_demand, asking, live=live)
    return found


def _describe_view(
    found: Described, asked: Asked, view: FeatureView, gathered: Gathered, folder: Path, *, live: bool
) -> None:
    reason = _not_compared(view)
    if reason is not None:
        found.skipped[asked.name] = reason
        return
    refused = _refused_state(view) if live else None
    if refused is not None:
        found.errors[asked.name] = refused
        return
    with found.failing(asked.name):
        found.views[asked.name] = view_spec(asked, view, gathered, folder, live=live)


def _describe_alias(found: Described, asked: Asked, gathered: Gathered, folder: Path, *, live: bool) -> None:
    view = gathered.views.get(asked.base)
    if asked.base in gathered.on_demand:
        found.skipped[asked.name] = (
            f"an alias of the on-demand view {asked.base}: Feast serves it online but refuses it in training; "
            "its features are compared under the view's own name"
        )
    elif view is None or asked.base in found.errors:
        reason = found.errors.get(asked.base) or "the repo does not define it at module level"
        found.errors[asked.name] = f"its view {asked.base} cannot be used: {reason}"
    else:
        _describe_view(found, asked, view, gathered, folder, live=live)


def _not_compared(view: FeatureView) -> str | None:
    if not getattr(view, "enabled", True):
        return "disabled: Feast serves it neither online nor offline"
    if not view.online:
        return "not served online (online=False)"
    if view.batch_source is None:
        return "it has no batch source, so Feast cannot train from it"
    return None


def _refused_state(view: FeatureView | OnDemandFeatureView) -> str | None:
    state = getattr(view, "state", None)
    if state is None or state.name in SERVABLE:
        return None
    return f"it is in the state {state.name}, in which Feast serves it neither online nor offline"


def view_spec(asked: Asked, view: FeatureView, gathered: Gathered, folder: Path, *, live: bool) -> ViewSpec:
    """One feature view, batch view or stream view, as `asked` for."""
    keys = join_keys(view, gathered, dict(asked.join_key_map))
    inside = {DUMMY_KEY, *(key.column for key in keys)}
    wanted = set(asked.features) or {each.name for each in view.features}
    # A stream view that was applied lists its join keys among its features, Feast's stand-in key too.
    fields = {each.name: each for each in view.features if each.name not in inside and each.name in wanted}
    declared = _declared(view)
    return ViewSpec(
        name=asked.name,
        base_name=asked.base,
        kind=view_kind(view),
        join_keys=keys,
        features=tuple(_feature(asked.name, each, declared) for each in fields.values()),
        ttl=view.ttl if view.ttl and view.ttl > timedelta(0) else None,
        source=source_spec(view.batch_source, folder),
        has_udf=getattr(view, "feature_transformation", None) is not None,
        pushed=type(view.stream_source).__name__ == "PushSource",
        owner=_owner(view, declared),
        fingerprint=None if declared is None else declared.fingerprint,
        windows=tuple(view.materialization_intervals) if live else (),
    )


def view_kind(view: FeatureView) -> ViewKind:
    """The Feast class behind a view."""
    from feast import BatchFeatureView, StreamFeatureView

    if isinstance(view, StreamFeatureView):
        return ViewKind.STREAM
    return ViewKind.BATCH if isinstance(view, BatchFeatureView) else ViewKind.FEATURE_VIEW


def join_keys(view: FeatureView, gathered: Gathered, renamed: Mapping[str, str]) -> tuple[JoinKey, ...]:
    """The join keys in the order of the view's entities; none for a view without entities."""
    dtypes = {each.name: str(each.dtype) for each in view.entity_columns}
    keys = []
    for name in view.entities:
        if name == DUMMY:
            continue
        column = gathered.entities[name].join_key
        keys.append(JoinKey(name=renamed.get(column, column), column=column, dtype=dtypes.get(column, "Invalid")))
    return tuple(keys)


def source_spec(source: Any, folder: Path) -> SourceSpec | None:
    """A file source, its relative path resolved against the repo as Feast's stores do; None for any other source."""
    from feast import FileSource

    if not isinstance(source, FileSource):
        return None
    formats = {"ParquetFormat": "parquet", "DeltaFormat": "delta"}
    path = source.path.removeprefix("file://")
    stored = {mapped: column for column, mapped in (source.field_mapping or {}).items()}
    return SourceSpec(
        name=source.name,
        path=path if "://" in path else str(folder / path),
        file_format=formats.get(type(source.file_format).__name__, ""),
        timestamp_column=stored.get(source.timestamp_field, source.timestamp_field),
        created_column=stored.get(source.created_timestamp_column, source.created_timestamp_column) or None,
        field_mapping=dict(source.field_mapping or {}),
        s3_endpoint=source.s3_endpoint_override or None,
    )


def _describe_on_demand(found: Described, view: OnDemandFeatureView, asking: Asking, *, live: bool) -> None:
    refused = _refused_state(view) if live else None
    if not getattr(view, "enabled", True):
        found.skipped[view.name] = "disabled: Feast serves it neither online nor offline"
        return
    if view.name in asking.renamed:
        base, alias = asking.renamed[view.name]
        found.errors[view.name] = (
            f"it reads its input {base} under the alias {alias}, for which Feast raises both online and offline; "
            "drop the alias from its sources"
        )
        return
    inputs = asking.inputs[view.name]
    missing = next((asked.name for asked, _ in inputs if asked.name not in found.views), None)
    if missing is not None:
        reason = found.why_not(missing) or "the repo does not define it at module level"
        found.errors[view.name] = f"its input {missing} cannot be used: {reason}"
    elif refused is not None:
        found.errors[view.name] = refused
    else:
        with found.failing(view.name):
            found.views[view.name] = _on_demand_spec(found, view, asking)


def _on_demand_spec(found: Described, view: OnDemandFeatureView, asking: Asking) -> ViewSpec:
    inputs = asking.inputs[view.name]
    specs = [found.views[asked.name] for asked, _ in inputs]
    keys = {key.name: key for each in specs for key in each.join_keys}
    declared = _declared(view)
    return ViewSpec(
        name=view.name,
        base_name=view.name,
        kind=ViewKind.ON_DEMAND,
        join_keys=tuple(keys.values()),
        features=tuple(_feature(view.name, each, declared) for each in view.features if each.name not in keys),
        has_udf=True,
        inputs=tuple(dict.fromkeys(asked.name for asked, _ in inputs)),
        input_features=tuple(f"{asked.name}:{name}" for asked, names in inputs for name in names),
        request=tuple(request_fields(view)),
        stored=bool(view.write_to_online_store),
        owner=_owner(view, declared),
        fingerprint=None if declared is None else declared.fingerprint,
    )


def request_fields(view: OnDemandFeatureView) -> Iterator[RequestField]:
    """What the caller supplies, each name once."""
    sources = {each.name: each for each in view.source_request_sources.values()}
    sentinel = view._input_schema_sentinel
    if sentinel is not None:
        sources[sentinel.name] = sentinel
    fields = {each.name: str(each.dtype) for source in sources.values() for each in source.schema}
    for name, dtype in fields.items():
        yield RequestField(name=name, dtype=dtype)


def _feature(view: str, field: Any, declared: Declared | None) -> FeatureSpec:
    contract = declared.contracts.get(field.name) if declared is not None else None
    return FeatureSpec(view=view, name=field.name, dtype=str(field.dtype), contract=contract or Contract())


def _owner(view: FeatureView | OnDemandFeatureView, declared: Declared | None) -> str | None:
    return view.owner or (declared.owner if declared is not None else None) or view.tags.get("owner") or None


def _declared(view: FeatureView | OnDemandFeatureView) -> Declared | None:
    """What a binding wrote into the view's tags."""
    return read(view.tags)
