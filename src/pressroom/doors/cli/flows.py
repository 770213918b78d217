"""What the commands about flows share: which flow is meant, with which parameters, and how attempts are shown."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from pressroom.doors.cli.failures import NothingSo
from pressroom.flows import AttemptNote, Flow, find_in, load_module
from pressroom.workspace import Workspace

FlowName = Annotated[
    str,
    typer.Argument(
        metavar="FLOW", help="FILE.py:NAME; NAME alone is looked for in the project's definitions.", show_default=False
    ),
]
Parameters = Annotated[
    list[str] | None, typer.Argument(metavar="NAME=VALUE...", help="The flow's parameters.", show_default=False)
]
RunName = Annotated[str, typer.Argument(metavar="RUN", help="A run's name, as `pressroom runs` shows it.")]
ATTEMPT_COLUMNS = ("id", "state", "wall s>", "cpu s>", "peak MB>", "why")


def flow_named(workspace: Workspace, name: str) -> Flow[..., Any]:
    """The flow that is meant. Raises NothingSo, BadFlow."""
    file, colon, inside = name.rpartition(":")
    settings = workspace.settings
    path = Path(file) if colon else settings.folder / settings.project.definitions
    found = find_in(load_module(path), inside)
    if not isinstance(found, Flow):
        raise NothingSo(f"{inside!r} in {path.name} is no flow.", next_step="Put @flow above it, or name another.")
    return found


def read_parameters(flow: Flow[..., Any], given: Sequence[str]) -> dict[str, Any]:
    """`days=7` as what the parameter `days` is. Raises BadFlow."""
    pairs = [text.partition("=") for text in given]
    for name, equals, _ in pairs:
        if not equals:
            raise typer.BadParameter(f"{name!r} is no parameter. Write NAME=VALUE.")
    return flow.bind({name: value for name, _, value in pairs}, as_text=True)


def attempt_line(note: AttemptNote) -> tuple[object, ...]:
    """An attempt as a row of a table."""
    why = note.reason if note.cause is None else f"{note.cause}: {(note.evidence or '').splitlines()[0]} {note.where}"
    ran = note.state != "kept"
    return (
        note.attempt,
        note.state,
        f"{note.wall_s:.3f}" if ran else None,
        f"{note.cpu_s:.3f}" if ran else None,
        f"{note.peak_bytes / 1e6:.0f}" if ran else None,
        why.strip(),
    )
