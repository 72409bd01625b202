"""A hash of a transform's code, of all the project code that it reaches, and of its declaration.

It is taken from syntax trees, so comments, docstrings, formatting and code that is not reached do not count, and
from no memory address, path or order of imports, so every process and machine gets the same. Reached are functions,
classes and module-level values, followed through the modules of the project by name; of the standard library and
installed packages only the names count. What a name is found to be only at run time (`getattr`, `import_module`) is
not reached, nor is a file that a function opens: read it into a module-level value, whose value counts.
"""

from __future__ import annotations

import ast
import hashlib
import inspect
import json
from typing import TYPE_CHECKING, Any

from skewguard.code.modules import Module, Modules, value_of
from skewguard.code.names import Chain, chains, global_names, local_imports
from skewguard.code.normal import normal, normal_value

if TYPE_CHECKING:
    from skewguard.definition import BatchTransform, OnDemandTransform


def fingerprint(transform: BatchTransform | OnDemandTransform) -> str:
    """64 hexadecimal digits."""
    parts = [json.dumps(declaration(transform), sort_keys=True)]
    parts += sorted(reached(transform.function))
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def declaration(transform: BatchTransform | OnDemandTransform) -> dict[str, Any]:
    """What the decorator says about how values are made; not who owns them or how they are judged."""
    from skewguard.definition import BatchTransform

    features = [[feature.name, feature.dtype] for feature in transform.features]
    if isinstance(transform, BatchTransform):
        return {
            "entity": list(transform.entity),
            "timestamp": transform.timestamp,
            "created": transform.created,
            "lookback": None if transform.lookback is None else transform.lookback.total_seconds(),
            "features": features,
            "parameters": list(transform.parameters),
            "form": str(transform.form),
        }
    inputs = [list(each) for each in transform.inputs.items()]
    return {"inputs": inputs, "mode": str(transform.mode), "features": features}


def reached(function: Any) -> set[str]:
    """The normal form of the function and of everything in the project that it uses, each as one text."""
    modules = Modules(own_root=function.__module__.partition(".")[0])
    module = modules.get(function.__module__)
    if module is None or function.__name__ not in module.bound:
        return {_without_file(function)}
    walk = _Walk(modules)
    walk.follow(module, (function.__name__,))
    return walk.found


class _Walk:
    """Follows names from module to module, each once."""

    def __init__(self, modules: Modules) -> None:
        self.modules = modules
        self.found: set[str] = set()
        self.seen: set[tuple[str, Chain]] = set()

    def follow(self, module: Module, chain: Chain) -> None:
        """Take in what a dotted name of a module stands for."""
        name = chain[0]
        # Attributes matter only of a module: `constants.SCALE` reaches less than all of `constants`.
        key = (module.name, chain if name in module.imported else (name,))
        if key in self.seen:
            return
        self.seen.add(key)
        for target, attribute in module.imported.get(name, ()):
            self._imported(target, (*attribute, *chain[1:]))
        for statement in module.bound.get(name, ()):
            self._statement(module, name, statement)
        if name not in module.imported and name not in module.bound:
            for target in module.stars:
                self._imported(target, chain)

    def _imported(self, target: str, chain: Chain) -> None:
        module = self.modules.get(target)
        if module is None:
            # Of an installed package only the name that is imported: what is used of it is in the code that uses it.
            self.found.add(f"external {target} {'.'.join(chain[:1])}")
            return
        if not chain:
            self._whole(module)
        elif chain[0] in module.bound or chain[0] in module.imported:
            self.follow(module, chain)
        elif self.modules.get(f"{target}.{chain[0]}") is not None:
            self._imported(f"{target}.{chain[0]}", chain[1:])
        else:
            for star in module.stars:
                self._imported(star, chain)

    def _whole(self, module: Module) -> None:
        """The module itself is used as a value: any of it may be reached."""
        for name in (*module.bound, *module.imported):
            self.follow(module, (name,))

    def _statement(self, module: Module, name: str, statement: ast.stmt) -> None:
        self.found.add(f"{module.name}.{name} {normal(statement)}")
        if _computes(statement):
            self.found.add(f"{module.name}.{name} value {normal_value(value_of(module.name, name))}")
        names = global_names(statement) | local_imports(statement)
        for chain in chains(statement):
            if chain[0] in names and chain != (name,):
                self.follow(module, chain)


def _computes(statement: ast.stmt) -> bool:
    """An assignment from a call with arguments: its text alone does not say its value (a file's content, say)."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return False
    calls = (node for node in ast.walk(statement) if isinstance(node, ast.Call))
    return any(call.args or call.keywords for call in calls) or isinstance(statement, ast.With | ast.For)


def _without_file(function: Any) -> str:
    """For a function of an interactive session: its own text, else its code."""
    try:
        return normal(ast.parse(inspect.cleandoc(inspect.getsource(function))).body[0])
    except (OSError, SyntaxError, TypeError, IndexError):
        code = function.__code__
        return repr((code.co_code, code.co_names, [each for each in code.co_consts if not inspect.iscode(each)]))
