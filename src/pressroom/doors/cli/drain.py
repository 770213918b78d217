"""`pressroom drain`: empty a node of the cluster before it is taken away."""

from typing import Annotated

import typer

from pressroom.doors.cli.options import HERE, Folder, Json
from pressroom.doors.cli.printing import print_json, print_lines, print_table
from pressroom.ports import Node
from pressroom.values import MICROSECONDS, parse_duration
from pressroom.workspace import drain_node, nodes_of, open_workspace

NodeName = Annotated[
    str, typer.Argument(metavar="[NODE]", help="The start of its identity, its name, or its address; none: list them.")
]
Within = Annotated[str, typer.Option("--within", metavar="TIME", help="When it will be taken away.")]
Wait = Annotated[bool, typer.Option("--wait", help="Until it is empty and gone, or the time is over.")]


def drain_command(
    node: NodeName = "", *, within: Within = "2min", wait: Wait = False, folder: Folder = HERE, as_json: Json = False
) -> None:
    """Give a node of the Ray cluster no new work, and move what it has: trainings save, and go on elsewhere.

    Example:
      pressroom drain 4f1c9a --within 5min --wait
    """
    within_s = parse_duration(within) / MICROSECONDS
    with open_workspace(folder) as workspace, nodes_of(workspace.settings) as nodes:
        if not node:
            _show(list(nodes.nodes()), as_json=as_json)
            return
        drained, empty = drain_node(nodes, node, within_s=within_s, wait=wait)
    if as_json:
        print_json({"node": drained.node, "address": drained.address, "within_s": within_s, "empty": empty})
    elif empty:
        print_lines(f"{drained.node} is empty, and gone from the cluster.")
    else:
        still = "It still has work." if wait else "It leaves the cluster by itself when it is empty."
        print_lines(f"{drained.node} is given no new work, and what it has is moved. {still}")
    if wait and not empty:
        raise typer.Exit(code=1)


def _show(there: list[Node], *, as_json: bool) -> None:
    if as_json:
        print_json({"nodes": there})
        return
    rows = [(each.node, each.address, each.name, each.cpus, "leaving" if each.leaving else "up") for each in there]
    print_table(("id", "address", "name", "cores>", "state"), rows)
