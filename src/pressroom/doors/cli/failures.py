"""Errors as a person at a shell sees them: what is wrong, what to do next, and no traceback unless asked for.

PressroomError
├── NotFound ── NothingSo         a name that the workspace has nothing for
└── Refused ─┬─ NothingTrained    an endpoint whose training set was never trained on
             └─ FolderTaken       a new project would overwrite something
"""

import traceback

import typer

from pressroom.values import NotFound, PressroomError, Refused


class NothingSo(NotFound):
    """A name that the workspace has nothing for."""


class NothingTrained(Refused):
    """An endpoint whose training set was never trained on."""


class FolderTaken(Refused):
    """A new project would overwrite something."""


def tell(error: Exception, *, command: str, debug: bool) -> None:
    """Write an error of `command` to stderr, in two lines; with `debug`, the traceback before them."""
    if debug:
        typer.echo("".join(traceback.format_exception(error)), err=True, nl=False)
    wrong, next_step = _lines(error, command)
    typer.secho(wrong, fg="red", err=True)
    typer.echo(next_step, err=True)


def _lines(error: Exception, command: str) -> tuple[str, str]:
    if isinstance(error, PressroomError):
        return _line(error.message), _line(error.next_step) or f"See `{command} --help`."
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {error.strerror}.", "Check the path and its rights."
    found = _line(f"{type(error).__name__}: {error}")
    return (
        f"This is a defect in Pressroom: {found}",
        "Run it again as `pressroom --debug ...`, and report what that shows.",
    )


def _line(text: str) -> str:
    return " ".join(text.split())
