"""Runs Feast's own command line: in this process, which saves its import of seconds, or in one of its own."""

from __future__ import annotations

import contextlib
import importlib
import io
import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path


def feast(folder: Path, *words: str, root: Path | None = None, fresh: bool = False) -> str:
    """`feast WORDS` in a folder, which must succeed; what it said on standard output.

    `root` is importable beside the folder: where the project's own code is, if elsewhere.
    """
    if fresh:
        command = [sys.executable, "-c", "from feast.cli.cli import cli; cli()", *words]
        ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return ran.stdout
    from feast.cli.cli import cli

    stdout, stderr = io.StringIO(), io.StringIO()
    with alone(folder, root or folder), contextlib.redirect_stdout(stdout), contextlib.redirect_stderr(stderr):
        code = cli.main(list(words), prog_name="feast", standalone_mode=False)
    assert not code, stdout.getvalue() + stderr.getvalue()
    return stdout.getvalue()


@contextlib.contextmanager
def alone(folder: Path, root: Path) -> Iterator[None]:
    """In the folder; its modules and the root's are importable, found afresh, and gone from the process afterwards."""
    modules, path, bytecode = dict(sys.modules), list(sys.path), sys.dont_write_bytecode
    levels = {name: logging.getLogger(name).level for name in (None, *logging.root.manager.loggerDict)}
    handlers = list(logging.root.handlers)
    for place in {folder, root}:
        for file in place.rglob("*.py"):
            sys.modules.pop(".".join(file.relative_to(place).with_suffix("").parts).removesuffix(".__init__"), None)
    sys.path[:0] = [str(folder), str(root)]
    sys.dont_write_bytecode = True  # a file that is written twice in a second would be imported as it was
    importlib.invalidate_caches()
    try:
        with contextlib.chdir(folder):
            yield
    finally:
        sys.path[:], sys.dont_write_bytecode = path, bytecode
        for name in [name for name, module in sys.modules.items() if _is_of(folder, module) or _is_of(root, module)]:
            del sys.modules[name]
        sys.modules.update({name: module for name, module in modules.items() if name not in sys.modules})
        logging.root.handlers[:] = handlers
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)


def _is_of(folder: Path, module: object) -> bool:
    file = getattr(module, "__file__", None)
    return file is not None and Path(file).is_relative_to(folder)
