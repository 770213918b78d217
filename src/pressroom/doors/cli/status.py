"""`pressroom status`: what is in the workspace."""

from pressroom.doors.cli.options import HERE, Folder, Json
from pressroom.doors.cli.printing import print_json, print_lines, print_table
from pressroom.values import BUCKETS
from pressroom.workspace import Workspace, open_workspace


def status_command(*, folder: Folder = HERE, as_json: Json = False) -> None:
    """Show what is in the workspace: facts and how many, views, models and their versions, endpoints and who answers.

    Example:
      pressroom status
    """
    with open_workspace(folder) as workspace:
        facts, views = _facts(workspace), _views(workspace)
        models, endpoints = _models(workspace), _endpoints(workspace)
        where = str(workspace.settings.folder)
    if as_json:
        print_json({"folder": where, "facts": facts, "views": views, "models": models, "endpoints": endpoints})
        return
    print_lines(f"Workspace {where}")
    _print("facts", facts, ("rows",))
    _print("views", views, ("features",))
    _print("models", models, ("auc",))
    _print("endpoints", endpoints, ("version", "share", "predictions"))
    if not facts:
        print_lines("Nothing is applied yet. Next: pressroom apply")


def _facts(workspace: Workspace) -> list[dict[str, object]]:
    names = workspace.catalog.names("fact")
    return [{"fact": name, "rows": workspace.facts.read(workspace.fact(name), ["event"])[0].num_rows} for name in names]


def _views(workspace: Workspace) -> list[dict[str, object]]:
    return [
        {"view": view.name, "entity": view.entity, "features": len(view.names()), "owner": view.owner}
        for view in workspace.views()
    ]


def _models(workspace: Workspace) -> list[dict[str, object]]:
    entries = [workspace.catalog.current("model", name) for name in workspace.catalog.names("model")]
    return [{"model": entry.name, "version": entry.version, **dict(entry.summary)} for entry in entries]


def _endpoints(workspace: Workspace) -> list[dict[str, object]]:
    lines: list[dict[str, object]] = []
    for name in workspace.catalog.names("endpoint"):
        endpoint = workspace.serving.current(name)
        answered = workspace.facts.read(endpoint.predictions(), ["event"])[0].num_rows
        for route in endpoint.routes:
            lines.append(
                {
                    "endpoint": name,
                    "version": endpoint.version,
                    "model": f"{route.model} {route.version}",
                    "variant": route.variant or None,
                    "share": f"{(route.high - route.low) / BUCKETS:.2%}",
                    "predictions": answered,
                }
            )
    return lines


def _print(title: str, lines: list[dict[str, object]], figures: tuple[str, ...]) -> None:
    if lines:
        columns = [f"{name}>" if name in figures else name for name in lines[0]]
        rows = [[f"{cell:,}" if isinstance(cell, int) else cell for cell in line.values()] for line in lines]
        print_table(columns, rows, title=title)
