"""Printing: answers to stdout, as tables for people or as one JSON document; all else to stderr."""

from collections.abc import Sequence
from contextlib import AbstractContextManager

import msgspec
import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.tree import Tree

_ENDLESS = 10_000
"""Columns of a pipe: nothing is cut off where no terminal sets a limit."""


def print_json(document: object) -> None:
    """Write a document, indented. NaN and infinities become null, which JSON has no word for."""
    typer.echo(msgspec.json.format(msgspec.json.encode(document), indent=2).decode())


def print_lines(*lines: str) -> None:
    """Write lines as they are."""
    for line in lines:
        typer.echo(line)


def print_table(columns: Sequence[str], rows: Sequence[Sequence[object]], *, title: str = "") -> None:
    """Write a table. A column whose name ends in `>` stands to the right, as figures do. None shows as a dash.

    The column `id` is never broken into lines, so that what is in it can be copied.
    """
    table = Table(box=SIMPLE_HEAD, title=title or None, title_justify="left", title_style="bold")
    for column in columns:
        side = "right" if column.endswith(">") else "left"
        table.add_column(column.removesuffix(">"), justify=side, overflow="fold", no_wrap=column == "id")
    for row in rows:
        table.add_row(*("-" if cell is None else str(cell) for cell in row))
    _console().print(table)


def print_tree(tree: Tree) -> None:
    """Write a tree."""
    _console().print(tree)


def tell(text: str) -> None:
    """Say how the work goes on, on stderr."""
    typer.echo(text, err=True)


def working(text: str) -> AbstractContextManager[object]:
    """Show that something is going on while a block runs, where somebody is watching."""
    return Console(stderr=True, markup=False, highlight=False).status(text)


def _console() -> Console:
    console = Console(markup=False, highlight=False, emoji=False)
    if not console.is_terminal:
        console.width = _ENDLESS
    return console
