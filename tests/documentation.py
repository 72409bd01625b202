"""The documentation as tests see it: its pages, their fenced blocks, and the project in which their commands run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# What a fence may say it holds. `text` is what a program prints, and is for reading only.
LANGUAGES = ("sh", "sql", "toml", "python", "yaml", "json", "text")
FENCE = re.compile(
    r"^(?P<indent> *)```(?P<language>[^\n`]*)\n(?P<body>.*?)^(?P=indent)```[ \t]*$", re.MULTILINE | re.DOTALL
)
MARK = re.compile(r"<!--((?:(?!-->).)*)-->\s*\Z", re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class Block:
    """One fenced block. `mark` is the HTML comment right before it: what a test is to do, or why it does not run it."""

    page: str
    line: int
    language: str
    body: str
    mark: str

    @property
    def skipped(self) -> bool:
        """Whether the page says that the tests do not run it."""
        return self.mark.startswith("not run:")

    @property
    def exit_codes(self) -> set[int]:
        """What its last command may end with: 0 or 1, unless the page says which."""
        said = re.fullmatch(r"exits (\d+)", self.mark)
        return {int(said[1])} if said else {0, 1}

    @property
    def laws(self) -> frozenset[str] | None:
        """Of a transform: the laws that it is said to break, none where it keeps them all; None of anything else."""
        if self.mark == "keeps every law":
            return frozenset()
        said = re.fullmatch(r"breaks (.+)", self.mark)
        return frozenset(said[1].split(", ")) if said else None

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def pages() -> list[str]:
    """README.md and everything in docs/, by path from the root."""
    found = sorted((ROOT / "docs").rglob("*.md"))
    return ["README.md", *(str(path.relative_to(ROOT)) for path in found)]


def text(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def blocks(page: str, content: str | None = None) -> list[Block]:
    """The fenced blocks of a page, in order."""
    return list(_blocks(page, text(page) if content is None else content))


def _blocks(page: str, content: str) -> Iterator[Block]:
    for found in FENCE.finditer(content):
        before = content[: found.start()]
        mark = MARK.search(before)
        yield Block(
            page=page,
            line=before.count("\n") + 1,
            language=found["language"].strip(),
            body=found["body"],
            mark=" ".join(mark[1].split()) if mark else "",
        )
