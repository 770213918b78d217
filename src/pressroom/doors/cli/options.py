"""Options that many commands have, and how what is typed becomes a value; what can't is wrong use."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from pressroom.values import Instant, InvalidInput, parse_instant

Value = TypeVar("Value")


def reading(parse: Callable[[str], Value]) -> Callable[[str], Value]:
    """A parser for an option, from a function that raises InvalidInput."""

    def read(text: str) -> Value:
        try:
            return parse(text)
        except InvalidInput as error:
            raise typer.BadParameter(str(error)) from error

    read.__name__ = "text"
    return read


HERE = Path()
Folder = Annotated[
    Path,
    typer.Option(
        "--dir",
        envvar="PRESSROOM_DIR",
        metavar="DIR",
        help="The workspace's folder, if not this one.",
        show_default=False,
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Write one JSON document to stdout, and nothing else there.")]
AsOf = Annotated[
    Instant | None,
    typer.Option(
        "--as-of", parser=reading(parse_instant), metavar="INSTANT", help="Not now, but then: ISO 8601, zone."
    ),
]
