"""The source text that Feast stores of an on-demand transform: an import of the project's own function.

Feast re-creates on-demand code by running its text, where helpers and imports are gone (FEAST.md 1.5). The text
here imports the transform from its module, so all of it is there; the fingerprint in it makes Feast see a change
in any code that the transform reaches, because Feast compares texts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from feast import Field
from feast.transformation.pandas_transformation import PandasTransformation
from feast.transformation.python_transformation import PythonTransformation

from skewguard.definition import Mode, OnDemandTransform

NAME = "serve"


def shim_source(transform: OnDemandTransform, columns: Mapping[str, Sequence[str]]) -> str:
    """The text of one function that needs nothing but the transform's module to be importable."""
    module, name = transform.function.__module__, transform.function.__qualname__
    found = {name: tuple(each) for name, each in columns.items()}
    return (
        f"def {NAME}(inputs):\n"
        f"    # skewguard fingerprint: {transform.fingerprint}\n"
        f"    from {module} import {name} as transform\n"
        f"    return transform.__skewguard__.serve(inputs, {found!r})\n"
    )


def declared_transformation(transform: OnDemandTransform, source: str, schema: Sequence[Field]) -> Any:
    """Feast's transformation over the text, made as Feast itself will make it from the registry."""
    namespace: dict[str, Any] = {"__name__": "feast_udf_rehydrate"}
    exec(source, namespace)  # the very text that Feast will run
    kind = _DeclaredPandas if transform.mode is Mode.PANDAS else _DeclaredPython
    transformation = kind(udf=namespace[NAME], udf_string=source)
    transformation.declared = list(schema)
    return transformation


class _Declared:
    """`feast apply` guesses a schema from one made-up row; the declaration says it for every row.

    A function that returns null for the made-up row, or a Float32, is guessed wrong (FEAST.md 1.5).
    """

    declared: list[Field]

    def infer_features(self, *args: Any, **kwargs: Any) -> list[Field]:
        """The declared features."""
        return list(self.declared)


class _DeclaredPandas(_Declared, PandasTransformation):  # type: ignore[misc]
    """Feast's pandas transformation with the declared schema; from the registry it comes back as Feast's own."""


class _DeclaredPython(_Declared, PythonTransformation):  # type: ignore[misc]
    """Feast's python transformation with the declared schema; from the registry it comes back as Feast's own."""
