"""`pressroom runs`: which runs there were, and what became of them."""

from pressroom.doors.cli.options import HERE, Folder, Json
from pressroom.doors.cli.printing import print_json, print_lines, print_table
from pressroom.values import format_instant
from pressroom.workspace import open_workspace

_SHOWN = 50


def runs_command(*, folder: Folder = HERE, as_json: Json = False) -> None:
    """Show the newest runs of flows, newest last.

    Example:
      pressroom runs
    """
    with open_workspace(folder) as workspace:
        found = workspace.flows.runs()
    if as_json:
        print_json({"runs": [{"at": format_instant(at), **_document(note)} for at, note in found]})
        return
    if not found:
        print_lines("No flow was run yet.")
        return
    rows = [
        (note.run, note.state, format_instant(at), note.owner, note.parameters, note.words)
        for at, note in found[-_SHOWN:]
    ]
    print_table(("id", "state", "at", "owner", "parameters", "words"), rows)


def _document(note: object) -> dict[str, object]:
    return {name: getattr(note, name) for name in ("run", "flow", "owner", "file", "parameters", "state", "words")}
