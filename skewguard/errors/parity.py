"""Errors about: what `skewguard parity` is to test, and the process that it runs in."""

from __future__ import annotations

from collections.abc import Sequence

from skewguard.errors.base import SkewguardError, near


class ParityError(SkewguardError):
    """Base of this module's errors; also stands for an error that another process told of."""


class TargetNotFound(ParityError):
    """What was named is no folder, file or module."""

    def __init__(self, target: str, looked_in: Sequence[str], known: Sequence[str] = ()) -> None:
        super().__init__(
            f"There is no module, package, file or Feast repo {target!r}; looked in {', '.join(looked_in)}.",
            known=near(target, known) if known else "",
            next_step="Give a dotted module name, a .py file, a package's folder, or a folder with feature_store.yaml.",
        )


class NoTransforms(ParityError):
    """Nothing in the target can be tested."""

    def __init__(self, target: str, looked_in: Sequence[str], skipped: Sequence[str] = ()) -> None:
        read = f"Looked in {', '.join(looked_in) or 'no file at all'}."
        super().__init__(
            f"{target} holds no transform.",
            known=" ".join([read, *skipped]),
            next_step="Transforms are functions under @on_demand_features or @batch_features; of a Feast repo also its "
            "on-demand, batch and stream views.",
        )


class UnknownTransform(ParityError):
    """A transform of that name was not found."""

    def __init__(self, name: str, known: Sequence[str]) -> None:
        super().__init__(f"There is no transform {name!r} here.", known=near(name, known))


class CannotRun(ParityError):
    """A batch transform fails in a way that no other events would help."""

    def __init__(self, said: str) -> None:
        super().__init__(f"It fails whatever its events are: {said.rstrip('.')}.", next_step="Put that right first.")


class UnknownLaw(ParityError):
    """A law that INTERFACE.md does not have."""

    def __init__(self, name: str, known: Sequence[str]) -> None:
        super().__init__(f"There is no law {name!r}.", known=near(name, known), next_step=f"Laws: {', '.join(known)}.")


class ModuleImportFailed(ParityError):
    """A module of the target raised while it was imported."""

    def __init__(self, module: str, error: BaseException, *, file: str | None, line: int | None, code: str) -> None:
        self.module = module
        place = f" at {file}, line {line}" if file is not None else ""
        shown = f" (`{code.strip()}`)" if code.strip() else ""
        text = str(error).strip().splitlines()
        told = f"{type(error).__name__}: {text[0].rstrip('.')}" if text else type(error).__name__
        missing = getattr(error, "name", None) if isinstance(error, ModuleNotFoundError) else None
        step = (
            f"Install what holds {missing}, or run from the folder that does." if missing else "Put that right first."
        )
        super().__init__(f"The module {module} does not import: {told}{place}{shown}.", next_step=step)


class WorkerLost(ParityError):
    """The process that runs transforms ended and could not be started again."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"The process that runs the transforms ended: {what}.",
            next_step="Run the transform by itself in a test to see what ends it.",
        )


class RowsInvalid(ParityError):
    """Rows that were given do not fit the transform."""

    def __init__(self, transform: str, missing: Sequence[str]) -> None:
        super().__init__(
            f"The rows given for {transform} lack its inputs {', '.join(missing)}.",
            next_step="Give each row as a dict with every input.",
        )
