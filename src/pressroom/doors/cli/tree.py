"""Lineage as a tree for people."""

from rich.text import Text
from rich.tree import Tree

from pressroom.catalog import Node


def lineage_tree(node: Node) -> Tree:
    """What something was made from, all the way, as branches."""
    tree = Tree(_label(node), guide_style="dim")
    for parent in node.parents:
        tree.add(lineage_tree(parent))
    return tree


def _label(node: Node) -> Text:
    told = ", ".join(f"{name} {value}" for name, value in node.summary)
    digest = node.reference.digest[:12]
    version = "" if node.version in ("", digest) else f" {node.version}"
    return Text.assemble(
        (node.reference.kind.replace("_", " "), "cyan"),
        " ",
        (node.reference.name, "bold"),
        version,
        (f"  {digest}{'  ' if told else ''}{told}", "dim"),
    )
