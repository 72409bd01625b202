"""Describes the on-demand transforms that can be tested: those of a repo, and decorated ones on their own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from feast import Field, RequestSource

from skewguard.contract import Contract
from skewguard.definition import OnDemandTransform
from skewguard.definition.tags import Binding, read
from skewguard.errors import SkewguardError
from skewguard.feature_store.bindings import on_demand_feature_view
from skewguard.feature_store.feast_dtypes import feast_dtype
from skewguard.feature_store.load import Repo
from skewguard.model import FeatureSpec, ViewKind, ViewSpec
from skewguard.proofs.subject import InputColumn, OnDemandSubject

Found = tuple[OnDemandSubject, Any]  # and Feast's own view


def in_repo(repo: Repo, contracts: Mapping[str, Contract] | None = None) -> list[Found]:
    """The on-demand views of an open repo; a decorated one by the name of its function."""
    found: dict[str, Found] = {}
    views = {view.name: view for view in repo.views}
    for view in repo.views:
        if view.kind is not ViewKind.ON_DEMAND or view.name != view.base_name:
            continue
        registered = repo.gathered.on_demand.get(view.base_name)
        if registered is None or registered.feature_transformation is None or registered.aggregations:
            continue
        origin = _origin(registered)
        subject = OnDemandSubject(
            name=origin or view.name,
            inputs=_inputs(view, views),
            features=view.features,
            mode=registered.mode,
            singleton=bool(registered.singleton),
            origin=origin,
        )
        found.setdefault(subject.name, (subject, registered))
    return list(found.values())


def _origin(registered: Any) -> str | None:
    try:
        declared = read(registered.tags)
    except SkewguardError:
        return None
    return declared.transform if declared is not None and declared.binding is Binding.ON_DEMAND else None


def _inputs(view: ViewSpec, views: Mapping[str, ViewSpec]) -> tuple[InputColumn, ...]:
    """The features that it reads, the join keys of their views, and request data.

    Features of one name from several views are apart under the long names that Feast gives them.
    """
    read = list(_read(view, views))
    names = Counter(feature.name for _, feature in read)
    columns: dict[str, InputColumn] = {}
    for source, feature in read:
        name = feature.name if names[feature.name] == 1 else f"{source.base_name}__{feature.name}"
        columns.setdefault(name, InputColumn(name=name, dtype=feature.dtype, contract=feature.contract))
    for field in view.request:
        columns.setdefault(field.name, InputColumn(name=field.name, dtype=field.dtype, request=True))
    for key in view.join_keys:
        columns.setdefault(key.name, InputColumn(name=key.name, dtype=key.dtype, request=True))
    return tuple(columns.values())


def _read(view: ViewSpec, views: Mapping[str, ViewSpec]) -> Iterator[tuple[ViewSpec, FeatureSpec]]:
    wanted = set(view.input_features)
    for source in (views[name] for name in view.inputs if name in views):
        for feature in source.features:
            if not wanted or feature.ref in wanted:
                yield source, feature


def decorated(transforms: Iterable[OnDemandTransform]) -> list[Found]:
    """Decorated transforms without a repo, each bound as a repo would bind it; its inputs are features."""
    found = []
    for transform in transforms:
        fields = [Field(name=name, dtype=feast_dtype(dtype)) for name, dtype in transform.inputs.items()]
        registered = on_demand_feature_view(
            transform.function, sources=[RequestSource(name="inputs", schema=fields)], name=transform.name
        )
        subject = OnDemandSubject(
            name=transform.path,
            inputs=tuple(InputColumn(name=name, dtype=dtype) for name, dtype in transform.inputs.items()),
            features=tuple(
                FeatureSpec(view=transform.name, name=each.name, dtype=each.dtype, contract=each.contract)
                for each in transform.features
            ),
            mode=registered.mode,
            origin=transform.path,
        )
        found.append((subject, registered))
    return found


def serialized(registered: Any) -> bytes:
    """The view as the registry holds it."""
    proto = registered.to_proto()
    text: bytes = proto.SerializeToString()
    return text


def rehydrated(text: bytes) -> Any:
    """The view as any process makes it from the registry. Raises whatever Feast, or the code in it, raises."""
    from feast import OnDemandFeatureView
    from feast.protos.feast.core.OnDemandFeatureView_pb2 import OnDemandFeatureView as Message

    message = Message()
    message.ParseFromString(text)
    return OnDemandFeatureView.from_proto(message)
