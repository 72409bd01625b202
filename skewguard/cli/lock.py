"""`skewguard lock`: the command line around writing skewguard.lock and checking it."""

from __future__ import annotations

import sys
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import click

from skewguard.cli import options
from skewguard.cli.check import feast_switches
from skewguard.cli.output import STANDARD_OUTPUT, put, write_text
from skewguard.errors import SkewguardError
from skewguard.errors.config import OptionNeeds
from skewguard.report.plain import safe, safe_paragraph

if TYPE_CHECKING:
    from skewguard.pipeline.lock import Locking


@click.command()
@click.argument("repo", required=False, metavar="[REPO]")
@click.option("--check", is_flag=True, help="Write nothing; exit 1 where a definition is not as the lock says.")
@options.text("--lock", "FILE", "The lock.  [default: skewguard.lock beside pyproject.toml, else in the repo]")
@click.option("--any-version", is_flag=True, help="With --check: look past the versions of libraries.")
@options.text("--json", "FILE", "Write what changed as JSON; `-` is standard output.")
@click.option("-q", "--quiet", is_flag=True, help="Say only what changed and what went wrong.")
@options.feast_options
@click.pass_context
def lock(
    context: click.Context,
    /,
    repo: str | None,
    check: bool,
    lock: str | None,
    any_version: bool,
    json: str | None,
    quiet: bool,
    chdir: str | None,
    feature_store_yaml: str | None,
) -> int:
    """Write down what every feature is now, or check that it still is.

    skewguard.lock is text for people to review, and belongs into version control: per feature its dtype, contract,
    source, TTL, the fingerprint of all the code that its transform reaches, and the versions of the libraries that this
    code imports. REPO is found as `skewguard check` finds it.

    With --check nothing is written. Exits 0: all is as the lock says; 1: a definition changed and the lock did not;
    2: could not tell.
    """
    if any_version and not check:
        raise OptionNeeds("any_version", "check", "a lock is written with the versions that are there")
    switches = feast_switches(context, repo)
    try:
        found = _run(repo, switches, lock, check=check, any_version=any_version)
    except SkewguardError as error:
        if json is not None:
            write_text("json", json, _refused(str(error)))
        raise
    if json is not None:
        write_text("json", json, found.to_json())
    people = sys.stderr if json == STANDARD_OUTPUT else sys.stdout
    put(people, _for_people(found, check=check, quiet=quiet))
    for each in found.errors:
        click.echo(safe_paragraph(f"Error in {each.feature}: {each.message}"), err=True)
    return found.exit_code


def _run(
    repo: str | None, switches: dict[str, str | None], file: str | None, *, check: bool, any_version: bool
) -> Locking:
    from skewguard.pipeline.given import check_options

    asked = check_options(repo, here=Path.cwd(), **switches)
    from skewguard.pipeline.lock import lock_as_asked

    return lock_as_asked(asked, file, check=check, any_version=any_version)


def _refused(said: str) -> str:
    from skewguard.pipeline.lock import COULD_NOT, lock_json

    return lock_json(COULD_NOT, errors=[{"feature": None, "message": said}], error=said)


def _for_people(found: Locking, *, check: bool, quiet: bool) -> str:
    lines = []
    for subject, group in groupby(found.changes, key=lambda each: each.subject):
        told = list(group)
        services = sorted({service for each in told for service in each.services})
        lines.append(f"{subject}: {'; '.join(each.words for each in told)}")
        lines += [f"  reaches {', '.join(services)}"] if services and not subject.startswith("service ") else []
    views, features = len(found.lock.views), sum(len(each.features) for each in found.lock.views.values())
    count = f"{views} view{'' if views == 1 else 's'}, {features} feature{'' if features == 1 else 's'}"
    path = found.path
    if check and found.changes:
        lines.append(f"{path} is out of date. If this was meant: `skewguard lock`, and commit the file.")
    elif not quiet and check:
        lines.append(f"{path} is up to date: {count}.")
    elif not quiet:
        lines.append(f"{path}: {'written' if found.written else 'unchanged'}, {count}.")
    return "".join(f"{safe(line)}\n" for line in lines)
