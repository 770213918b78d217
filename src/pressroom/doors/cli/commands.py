"""Commands that are read when they are used: until then, all that is known of one is its name and a sentence.

Also the one place where an error becomes two lines on stderr and an exit code.
"""

import sys
from importlib import import_module
from typing import Any, ClassVar, NamedTuple, NoReturn

import typer
from typer.core import TyperCommand, TyperGroup

WrongUse: type[Exception] = typer.BadParameter.__bases__[0]
"""What the parser raises about the command line itself; typer has no public name for it."""

_LET_THROUGH = (WrongUse, typer.Exit, typer.Abort, BrokenPipeError)


class Summary(NamedTuple):
    """A command that is not read yet: its name, the part of the help it stands in, and what it is for."""

    name: str
    part: str
    sentence: str


class Commands(TyperGroup):
    """The command `set-aside` is the function `set_aside_command` in the module `set_aside` beside this one."""

    summaries: ClassVar[tuple[Summary, ...]] = ()

    def __init__(self, **attributes: Any) -> None:
        """Know the names and sentences."""
        super().__init__(**attributes)
        self.debug = False
        for name, part, sentence in self.summaries:
            self.add_command(TyperCommand(name, help=sentence, rich_help_panel=part))

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """Find the command that is meant, and read it."""
        name, command, rest = super().resolve_command(ctx, args)
        return name, None if command is None or name is None else read_command(name), rest

    def invoke(self, ctx: Any) -> Any:
        """Run a command; what goes wrong in it is told in two lines."""
        self.debug = bool(ctx.params.get("debug"))
        try:
            return super().invoke(ctx)
        except _LET_THROUGH:
            raise
        except Exception as error:
            _tell(error, command=ctx.command_path, debug=self.debug)
            raise typer.Exit(1) from error

    def main(self, *args: Any, **options: Any) -> NoReturn:
        """Run the command line, tell of wrong use in the same two lines, and exit."""
        options["standalone_mode"] = False
        try:
            code = super().main(*args, **options)
        except WrongUse as error:
            code = _tell_wrong_use(error)
        sys.exit(code or 0)


def read_command(name: str) -> TyperCommand:
    """The command itself, from its module."""
    stem = name.replace("-", "_")
    module = import_module(f"{__package__}.{stem}")
    one = typer.Typer(add_completion=False, rich_markup_mode="rich")
    one.command(name, context_settings={"help_option_names": ["-h", "--help"]})(getattr(module, f"{stem}_command"))
    command: Any = typer.main.get_command(one)
    return command


def _tell(error: Exception, *, command: str, debug: bool) -> None:
    # Read only now: knowing Pressroom's errors takes its values, which take numpy.
    import_module(f"{__package__}.failures").tell(error, command=command, debug=debug)


def _tell_wrong_use(error: Any) -> int:
    path = "pressroom" if error.ctx is None else error.ctx.command_path
    typer.secho(error.format_message(), fg="red", err=True)
    typer.echo(f"See `{path} --help`.", err=True)
    return int(error.exit_code)
