"""Follows a function through the project: every function, class and module-level value that its code reaches."""

from __future__ import annotations

import ast
import functools
import inspect
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from skewguard.code.modules import Module, Modules, value_of
from skewguard.code.names import Chain, chains, global_names, local_imports
from skewguard.code.normal import normal, normal_value

SCRIPT = "__main__"


@dataclass(kw_only=True)
class Reached:
    """`parts`: dotted name to its statements; `values`: to what computed ones stand for; `external`: (module, name)."""

    parts: dict[str, list[ast.AST]] = field(default_factory=dict)
    values: dict[str, set[str]] = field(default_factory=dict)
    external: set[tuple[str, str]] = field(default_factory=set)
    unread: dict[str, str] = field(default_factory=dict)  # functions without a file, as one text

    def texts(self) -> set[str]:
        """The normal form of everything, each as one text."""
        found = {f"{name} {normal(each)}" for name, statements in self.parts.items() for each in statements}
        found |= {f"{name} value {value}" for name, values in self.values.items() for value in values}
        return found | {f"external {module} {name}" for module, name in self.external} | set(self.unread.values())


def reach(function: Any) -> Reached:
    """What a function reaches, wherever it was defined: in a module, inside another function, as a lambda."""
    found = Reached()
    _reach(function, found, set())
    return found


def _reach(function: Any, found: Reached, seen: set[int]) -> None:
    if id(function) in seen:
        return
    seen.add(id(function))
    if isinstance(function, functools.partial):
        found.values.setdefault("given", set()).add(normal_value([list(function.args), dict(function.keywords)]))
        _reach(function.func, found, seen)
        return
    function = getattr(function, "__func__", function)  # a bound method
    if not hasattr(function, "__code__"):
        function = type(function).__call__ if hasattr(type(function).__call__, "__code__") else function
    if not _in_module(function, found) and not _in_place(function, found, seen):
        name = getattr(function, "__qualname__", type(function).__name__)
        found.unread[name] = without_file(function)


def _in_module(function: Any, found: Reached) -> bool:
    """A function that a module names: Feast's decorators say `__main__` of each, its globals say where it is."""
    name = getattr(function, "__qualname__", "").partition(".")[0]
    if "<" in getattr(function, "__qualname__", "<"):
        return False
    for place in _places(function):
        modules = Modules(own_root=place.partition(".")[0])
        module = modules.get(place)
        if module is not None and name in module.bound:
            _Walk(modules, found).follow(module, (name,))
            return True
    return False


def _places(function: Any) -> Iterator[str]:
    own = getattr(function, "__module__", None) or SCRIPT
    if own != SCRIPT:
        yield own
    yield getattr(function, "__globals__", {}).get("__name__") or SCRIPT


def _in_place(function: Any, found: Reached, seen: set[int]) -> bool:
    """A lambda, or a function inside another: found by its line, with the values that it closes over."""
    code: Any = getattr(function, "__code__", None)
    statements = [] if code is None else list(_defined_at(code))
    if not statements:
        return False
    place = list(_places(function))[-1]
    modules = Modules(own_root=place.partition(".")[0])
    walk = _Walk(modules, found)
    for statement in statements:
        walk.statement(modules.get(place) or Module(name=place), function.__qualname__, statement)
    for name, cell in zip(code.co_freevars, function.__closure__ or (), strict=False):
        try:
            value = cell.cell_contents
        except ValueError:  # not bound yet
            continue
        if inspect.isfunction(value):
            _reach(value, found, seen)
        else:
            found.values.setdefault(f"{place}.{function.__qualname__}.{name}", set()).add(normal_value(value))
    return True


def _defined_at(code: Any) -> Iterator[ast.stmt]:
    try:
        tree = ast.parse(Path(code.co_filename).read_bytes())
    except (OSError, SyntaxError, ValueError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Lambda) and code.co_name == "<lambda>" and node.lineno == code.co_firstlineno:
            yield ast.Expr(value=node)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == code.co_name:
            first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
            if first == code.co_firstlineno:
                yield node


class _Walk:
    """Follows names from module to module, each once."""

    def __init__(self, modules: Modules, found: Reached) -> None:
        self.modules = modules
        self.found = found
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
            self.statement(module, name, statement)
        if name not in module.imported and name not in module.bound:
            for target in module.stars:
                self._imported(target, chain)

    def _imported(self, target: str, chain: Chain) -> None:
        module = self.modules.get(target)
        if module is None:
            # Of an installed package only the name that is imported: what is used of it is in the code that uses it.
            self.found.external.add((target, ".".join(chain[:1])))
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

    def statement(self, module: Module, name: str, statement: ast.stmt) -> None:
        """Take in a statement that binds `name`, and follow what it uses."""
        self.found.parts.setdefault(f"{module.name}.{name}", []).append(statement)
        if _computes(statement):
            value = normal_value(value_of(module.name, name))
            self.found.values.setdefault(f"{module.name}.{name}", set()).add(value)
        names = global_names(statement) | local_imports(statement)
        for chain in chains(statement):
            if chain[0] in names and chain != (name,):
                self.follow(module, chain)


def _computes(statement: ast.stmt) -> bool:
    """An assignment from a call with arguments: its text alone does not say its value (a file's content, say)."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return False
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Lambda):
        return False
    calls = (node for node in ast.walk(statement) if isinstance(node, ast.Call))
    return any(call.args or call.keywords for call in calls) or isinstance(statement, ast.With | ast.For)


def without_file(function: Any) -> str:
    """For a function of an interactive session: its own text, else its code."""
    try:
        return normal(ast.parse(inspect.cleandoc(inspect.getsource(function))).body[0])
    except (OSError, SyntaxError, TypeError, IndexError):
        code = getattr(function, "__code__", None)
        if code is None:
            return type(function).__qualname__
        return repr((code.co_code, code.co_names, [each for each in code.co_consts if not inspect.iscode(each)]))
