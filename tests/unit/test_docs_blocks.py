"""README.md and docs/: every block is one that tests run or says why not, and every link leads somewhere."""

from __future__ import annotations

import re

import pytest
from documentation import FENCE, LANGUAGES, ROOT, blocks, pages, text

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


@pytest.mark.parametrize("page", pages())
def test_every_block_is_run_or_says_why_not(page: str) -> None:
    for block in blocks(page):
        assert block.language in LANGUAGES, f"{block}: write what it is after the fence: {', '.join(LANGUAGES)}"
        if block.skipped:
            assert len(block.mark.removeprefix("not run:").split()) >= 3, f"{block}: a reason is needed"
            for named in re.findall(r"tests/\S+\.py", block.mark):
                assert (ROOT / named).is_file(), f"{block}: {named} is not there"


@pytest.mark.parametrize("page", pages())
def test_no_command_hides_outside_a_fence(page: str) -> None:
    """An indented block would be seen by readers and by no test."""
    outside = FENCE.sub("", text(page))
    hidden = re.findall(r"^ {4,}(?:skewguard|feast|pytest|pip|python|select|from) .*$", outside, re.MULTILINE)
    assert not hidden
    assert outside.count("```") == 0, "a fence that no other closes"


@pytest.mark.parametrize("page", pages())
def test_links_lead_somewhere(page: str) -> None:
    for target in LINK.findall(FENCE.sub("", text(page))):
        if target.startswith(("https://", "http://")):
            continue
        file, _, part = target.partition("#")
        found = (ROOT / page).parent / file if file else ROOT / page
        assert found.resolve().exists(), f"{page}: {target}"
        assert ROOT in [found.resolve(), *found.resolve().parents], f"{page}: {target} is outside"
        if part:
            assert part in anchors(found.read_text(encoding="utf-8")), f"{page}: no heading {part!r} in {target}"


def anchors(content: str) -> set[str]:
    """The headings as GitHub names them."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", content), re.MULTILINE)
    plain = [re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", each) for each in headings]
    return {re.sub(r"[^\w\- ]", "", each.lower()).strip().replace(" ", "-") for each in plain}


def test_every_page_is_reached_from_the_readme() -> None:
    """By links, from page to page."""
    reached, waiting = set(), ["README.md"]
    while waiting:
        page = waiting.pop()
        reached.add(page)
        for target in LINK.findall(text(page)):
            found = ((ROOT / page).parent / target.partition("#")[0]).resolve()
            if found.suffix == ".md" and found.is_file() and ROOT in found.parents:
                name = str(found.relative_to(ROOT))
                if name not in reached:
                    waiting.append(name)
    assert set(pages()) <= reached


def test_blocks_are_told_apart() -> None:
    page = (
        "a\n\n<!-- exits 2 -->\n```sh\nskewguard check\n```\n"
        "<!-- not run: it is a server -->\n\n```toml\nx = 1\n```\n```text\no\n```\n"
    )
    first, second, third = blocks("made up", page)
    assert (first.language, first.body, first.exit_codes, first.skipped, first.line) == (
        "sh",
        "skewguard check\n",
        {2},
        False,
        4,
    )
    assert (second.skipped, second.exit_codes) == (True, {0, 1})
    assert (third.mark, third.body) == ("", "o\n")
