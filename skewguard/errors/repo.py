"""Errors about the Feast repo: its folder, its yaml, its Python, its registry."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from skewguard.errors.base import SkewguardError, near
from skewguard.errors.spelling import option


class RepoError(SkewguardError):
    """Base of this module's errors."""


class RepoNotFound(RepoError):
    """The folder is not there, or is a file."""

    def __init__(self, folder: Path) -> None:
        what = f"{folder} is a file, not a folder." if folder.is_file() else f"There is no folder {folder}."
        super().__init__(what, next_step="Give the folder that holds `feature_store.yaml`.")


class YamlNotFound(RepoError):
    """The folder holds no feature_store.yaml."""

    def __init__(self, looked_for: Path, repos_near: Sequence[Path] = ()) -> None:
        known = f"There is one in: {', '.join(map(str, repos_near))}." if repos_near else ""
        super().__init__(
            f"{looked_for} does not exist, so its folder is not a Feast repo.",
            known=known,
            next_step=f"Give {'one of these folders' if repos_near else 'the folder that holds `feature_store.yaml`'}.",
        )


class YamlNotAFile(RepoError):
    """What was named as the settings is not there, or is a folder."""

    def __init__(self, path: Path, inside: Path | None = None) -> None:
        named = option("feature_store_yaml")
        what = f"{path} is a folder, and {named} takes a file." if path.is_dir() else f"There is no file {path}."
        step = f"Give {inside}, or the folder without {named}." if inside else f"Correct {named}."
        super().__init__(what, next_step=step)


class YamlInvalid(RepoError):
    """feature_store.yaml is not YAML, or says something that Feast refuses."""

    def __init__(self, path: Path, problem: str, *, known: str = "", unset: Sequence[str] = ()) -> None:
        missing = f"It uses {', '.join(unset)}, for which the environment has no value."
        super().__init__(
            f"{path} cannot be used: {problem.rstrip('.')}.",
            known=" ".join(filter(None, (known, missing if unset else ""))),
            next_step="`feast apply` must accept this file first.",
        )


class ProjectMismatch(RepoError):
    """The repo defines a Project of another name than the yaml, or several."""

    def __init__(self, defined: Sequence[str], wanted: str, yaml: Path) -> None:
        super().__init__(
            f"The repo's Python defines the project{'s' if len(defined) > 1 else ''} {', '.join(defined)}, "
            f"but {yaml} names the project {wanted}.",
            next_step="Feast takes one project, named alike in both; rename one of them.",
        )


class RepoImportFailed(RepoError):
    """A file of the repo raised while it was imported."""

    def __init__(
        self, error: BaseException, *, file: Path | str | None, line: int | None, code: str = "", install: str = ""
    ) -> None:
        place = f" at {file}, line {line}" if file is not None else ""
        shown = f" (`{code.strip()}`)" if code.strip() else ""
        super().__init__(
            f"The repo's Python does not import: {_told(error)}{place}{shown}.",
            next_step=install or "Nothing was checked; `feast apply` stops there too.",
        )


class CodeExits(RepoError):
    """A transform of the repo ended the program while it was checked."""

    def __init__(self, error: BaseException) -> None:
        super().__init__(
            f"Code of the repo ended the program ({_told(error)}) while a transform ran: there is no result.",
            next_step=f"Let transforms raise an error instead, or leave that view out with {option('exclude')}.",
        )


class ClientMissing(RepoError):
    """A store or registry needs a package that is not installed."""

    def __init__(self, what: str, module: str, install: str) -> None:
        super().__init__(
            f"{what} needs the Python package {module}, which is not installed here.",
            next_step=f"Install it with `{install}` and run the check again.",
        )


class NoViews(RepoError):
    """Nothing that could be compared is defined."""

    def __init__(self, where: str, files: Sequence[str] | None = None) -> None:
        known = ""
        if files is not None:
            known = f"Python files read: {', '.join(files)}." if files else "It holds no Python files."
        super().__init__(
            f"{where} defines no feature view.",
            known=known,
            next_step="Feast finds views that are module-level names in a .py file that `.feastignore` does not list.",
        )


class RegistryMissing(RepoError):
    """Nothing was ever applied: the registry that the yaml names is not there."""

    def __init__(self, where: str) -> None:
        super().__init__(
            f"The registry {where} does not exist, so nothing is deployed from this repo.",
            next_step=f"Run `feast apply` (and `feast materialize`) first, or check without {option('live', True)}.",
        )


class RegistryUnreadable(RepoError):
    """The registry is there and does not say what this Feast understands."""

    def __init__(self, where: str, problem: str, version: str) -> None:
        super().__init__(
            f"The registry {where} cannot be read by the Feast installed here ({version}): {problem.rstrip('.')}.",
            next_step="Check with the Feast version that wrote it, or run `feast apply` with this one.",
        )


class RegistryUnreachable(RepoError):
    """The registry is a server, or an object of a store, that does not answer."""

    def __init__(self, where: str, problem: str) -> None:
        super().__init__(
            f"The registry {where} cannot be reached: {problem.rstrip('.')}.",
            next_step="See that it runs and can be reached from here, and that the yaml names it rightly.",
        )


class ProjectNotInRegistry(RepoError):
    """The registry knows other projects only."""

    def __init__(self, project: str, where: str, known: Sequence[str]) -> None:
        super().__init__(
            f"The registry {where} holds nothing of the project {project}.",
            known=near(project, known),
            next_step="Run `feast apply` in this repo, or correct `project` in feature_store.yaml.",
        )


def _told(error: BaseException) -> str:
    text = str(error).strip().splitlines()
    return f"{type(error).__name__}: {text[0].rstrip('.')}" if text else type(error).__name__
