"""The command `skewguard` and the list of its commands; each is imported only when it is asked for."""

from __future__ import annotations

from importlib import import_module

import click

from skewguard.cli.options import feast_options
from skewguard.errors.usage import UnknownCommand
from skewguard.version import __version__

# name: (module, attribute, one line for --help). Kept here so that --help imports none of them.
COMMANDS = {
    "check": ("skewguard.cli.check", "check", "Compare what is served with what is trained on."),
    "diff": ("skewguard.cli.diff", "diff", "Compare any two tables by the same rules."),
    "parity": ("skewguard.cli.parity", "parity", "Test the laws that keep a transform safe on both paths."),
    "build": ("skewguard.cli.build", "build", "Compute the tables of decorated batch transforms."),
    "lock": ("skewguard.cli.lock", "lock", "Write down what every feature is, or check that it still is."),
    "sql": ("skewguard.cli.ledger", "sql", "Run SQL on the ledger, read-only."),
    "report": ("skewguard.cli.report", "report", "Render a stored run again, in any form."),
    "runs": ("skewguard.cli.ledger", "runs", "List the runs in the ledger."),
    "compare": ("skewguard.cli.history", "compare", "Show what two runs found new, fixed and as before."),
    "explain": ("skewguard.cli.history", "explain", "Show why one feature is skewed, and what to do."),
    "init": ("skewguard.cli.init", "init", "Make a project that checks clean at once."),
    "demo": ("skewguard.cli.demo", "demo", "Play production bugs into an example, and show them caught."),
}


class LazyGroup(click.Group):
    """A group that knows its commands by name and loads one when it is invoked."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order in which people meet them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, imported now."""
        if cmd_name not in COMMANDS:
            return None
        module, attribute, _ = COMMANDS[cmd_name]
        command = getattr(import_module(module), attribute)
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does, with the names that are near an unknown one."""
        if args[0] not in COMMANDS and not args[0].startswith("-"):
            raise UnknownCommand(args[0], COMMANDS)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list for --help, from the table above."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, _, line) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="skewguard")
@feast_options
def cli(chdir: str | None, feature_store_yaml: str | None) -> None:
    """Proves that a model is served what it was trained on.

    In a folder with a Feast repo: skewguard check. It exits 0 where every feature is within its budget, 1 where one
    is not, 2 where it could not check.
    """
