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
        open_runs = [note.run for _, note in found if note.state in ("started", "lost")]
        stands = workspace.flows.standings(*open_runs[-_SHOWN:])
        now = workspace.ports.clock.now()
    said = {run: "; ".join(each.words(now) for each in steps) for run, steps in stands.items()}
    if as_json:
        print_json(
            {
                "runs": [
                    {"at": format_instant(at), **_document(note), "stands": said.get(note.run, "")}
                    for at, note in found
                ]
            }
        )
        return
    if not found:
        print_lines("No flow was run yet.")
        return
    rows = [
        (
            note.run,
            note.state,
            format_instant(at),
            note.owner,
            note.parameters,
            _words(note.words, said.get(note.run, "")),
        )
        for at, note in found[-_SHOWN:]
    ]  # fmt: skip
    print_table(("id", "state", "at", "owner", "parameters", "words"), rows)


def _words(words: str, stands: str) -> str:
    """Of what goes on, how it stands; of what was lost, also why."""
    return ". ".join(each for each in (stands, words) if each)


def _document(note: object) -> dict[str, object]:
    return {name: getattr(note, name) for name in ("run", "flow", "owner", "file", "parameters", "state", "words")}
