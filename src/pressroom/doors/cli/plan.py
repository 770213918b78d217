"""`pressroom plan`: what applying would change, before anything is changed."""

from collections.abc import Mapping

from pressroom.doors.cli.options import HERE, Folder, Json
from pressroom.doors.cli.printing import print_json, print_lines, print_table
from pressroom.workspace import Plan, open_workspace


def plan_command(*, folder: Folder = HERE, as_json: Json = False) -> None:
    """Show what the definitions would change here, and which models, ensembles, endpoints and experiments in use that
    would break. Changes nothing.

    Example:
      pressroom plan
    """
    with open_workspace(folder) as workspace:
        planned = workspace.plan(workspace.definitions())
    if as_json:
        print_json(plan_document(planned))
        return
    print_plan(planned)
    changes = len(planned.changes())
    print_lines(f"{changes} to change. Do it: pressroom apply" if changes else "Nothing to change.")


def print_plan(planned: Plan) -> None:
    """A plan as a table, and who can't go on unchanged, each with what to do."""
    rows = [(step.action, step.kind, step.name, "breaks" if step.breaks else "", step.why) for step in planned.steps]
    print_table(("action", "kind", "name", "consumers", "why"), rows)
    if planned.broken:
        print_lines("", "Who can't go on unchanged:")
        for one in planned.broken:
            print_lines(f"  {one.kind} {one.name}: {one.why}. {one.next_step}")


def plan_document(planned: Plan) -> Mapping[str, object]:
    """A plan as a document."""
    return {"steps": planned.steps, "changes": len(planned.changes()), "broken": planned.broken}
