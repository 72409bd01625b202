"""The laws of transforms for people: a line per transform, and each broken law with its example and its test."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Mapping, Sequence

from skewguard.model import LawResult, LawVerdict, Outcome, Verdict
from skewguard.report.plain import safe, safe_paragraph
from skewguard.report.words import Page, count, counted

MOST_TESTS = 5


def blocks(outcome: Outcome, page: Page) -> list[list[str]]:
    """First every transform, then what is broken, each with the example that shows it."""
    untried = untried_in(outcome.laws)
    return [
        _lines(outcome.laws, untried, page),
        *_broken(outcome.laws, page),
        _reasons(untried, page),
        _slow(outcome.laws, page),
    ]


def said(laws: Sequence[LawResult]) -> str:
    """The verdict as a sentence without its end."""
    broken = [each for each in laws if each.verdict is LawVerdict.BROKEN]
    held = sum(each.verdict is LawVerdict.HELD for each in laws)
    transforms = len({each.transform for each in laws})
    if broken:
        guilty = len({each.transform for each in broken})
        whole = counted(transforms, "transform")
        return f"{guilty} of {whole} {'breaks' if guilty == 1 else 'break'} {counted(len(broken), 'law')}"
    tried = sum(each.examples for each in laws)
    untried = len(untried_in(laws))
    proved = transforms - untried
    kept = "keeps every law that applies" if proved == 1 else "keep every law that applies"
    rest = f"; on {count(untried)} more none was tried" if untried else ""
    return f"{counted(proved, 'transform')} {kept}: {counted(held, 'law')} held on {counted(tried, 'example')}{rest}"


def of_law(result: LawResult) -> str:
    """A broken law: what the example shows, and the test that fails in the same way."""
    lines = [f"{safe(result.transform)} breaks {result.law.value}", f"  {safe_paragraph(result.message)}"]
    test = (result.counterexample or {}).get("test")
    if test:
        lines += ["  A test that fails in the same way:", ""]
        lines += [f"    {safe(line)}".rstrip() for line in str(test).splitlines()]
    return "\n".join(lines)


def untried_in(laws: Sequence[LawResult]) -> dict[str, str]:
    """The transforms on which no law could be tried, with the reason that most laws give."""
    reasons: dict[str, Counter[str]] = {}
    for each in laws:
        reasons.setdefault(each.transform, Counter())[each.message] += 1
    tried = {each.transform for each in laws if each.verdict is not LawVerdict.NOT_APPLICABLE}
    return {name: said.most_common(1)[0][0] for name, said in reasons.items() if name not in tried}


def _reasons(untried: Mapping[str, str], page: Page) -> list[str]:
    lines = [line for name, why in untried.items() for line in _wrapped(f"{safe(name)}: {safe(why)}", page)]
    return ["No law was tried on these, so nothing is proved of them:", *lines] if lines else []


def _lines(laws: Sequence[LawResult], untried: Mapping[str, str], page: Page) -> list[str]:
    lines = []
    for name in dict.fromkeys(each.transform for each in laws):
        mine = [each for each in laws if each.transform == name]
        broken = [each.law.value for each in mine if each.verdict is LawVerdict.BROKEN]
        held = sum(each.verdict is LawVerdict.HELD for each in mine)
        rest = len(mine) - held - len(broken)
        told = [f"{held} held"] + [f"{count(rest)} not applicable"] * bool(rest)
        word = "none" if name in untried else page.verdict(Verdict.FAIL if broken else Verdict.PASS)
        breaks = f"; breaks {', '.join(broken)}" if broken else ""
        lines.append(f"{word} {page.paint(safe(name), 'bold')}  {', '.join(told)}{breaks}")
    return lines


def _broken(laws: Sequence[LawResult], page: Page) -> list[list[str]]:
    shown = []
    broken = [each for each in laws if each.verdict is LawVerdict.BROKEN]
    for at, each in enumerate(broken):
        head = f"{page.verdict(Verdict.FAIL)} {page.paint(safe(each.transform), 'bold')}  {each.law.value}"
        block = [head, *_wrapped(safe_paragraph(each.message), page)]
        test = (each.counterexample or {}).get("test")
        if test and at < MOST_TESTS:
            block += ["  A test that fails in the same way:", ""]
            block += [f"    {safe(line)}".rstrip() for line in str(test).splitlines()]
        shown.append(block)
    if len(broken) > MOST_TESTS:
        shown.append([f"The ledger's table `laws` has a test for each of the {count(len(broken))}."])
    return shown


def _slow(laws: Sequence[LawResult], page: Page) -> list[str]:
    """What was tried on fewer examples than asked."""
    slow = [each for each in laws if each.verdict is LawVerdict.HELD and each.message]
    lines = []
    for name in dict.fromkeys(each.transform for each in slow):
        mine = [each for each in slow if each.transform == name]
        fewest = min(mine, key=lambda each: each.examples)
        among = f"{counted(len(mine), 'law')}, at worst" if len(mine) > 1 else "for"
        lines += _wrapped(f"{safe(name)}: {among} {fewest.law.value}: {safe(fewest.message)}", page)
    return ["Tried on fewer examples, being slow (--examples N tries N):", *lines] if lines else []


def _wrapped(text: str, page: Page) -> list[str]:
    return textwrap.wrap(
        text,
        page.columns,
        initial_indent="  ",
        subsequent_indent="  ",
        break_long_words=False,
        break_on_hyphens=False,
    )
