"""`pressroom models`: which models there are, in which versions, and how each serves."""

from typing import Annotated

import typer

from pressroom.doors.cli.options import HERE, Folder, Json
from pressroom.doors.cli.printing import print_json, print_lines, print_table
from pressroom.models import ModelVersion
from pressroom.workspace import open_workspace


def models_command(
    name: Annotated[
        str,
        typer.Argument(metavar="NAME", help="One model only, or one version of it: NAME@RANGE.", show_default=False),
    ] = "",
    *,
    folder: Folder = HERE,
    as_json: Json = False,
) -> None:
    """List models with their versions and aliases, what serves (and why not something faster), and who asks for them.

    Example:
      pressroom models late_delivery.gradient_boosting
    """
    with open_workspace(folder) as workspace:
        found = workspace.models.versions(name)
        if name and not found:
            meant = workspace.catalog.resolve("model", name)
            found = tuple(one for one in workspace.models.versions(meant.name) if one.entry.digest == meant.digest)
        names = dict.fromkeys(one.entry.name for one in found)
        users = {
            each: [(f"{entry.kind} {entry.name}", str(wanted)) for entry, wanted in asked]
            for each in names
            if (asked := workspace.catalog.consumers("model", each))
        }
    if as_json:
        print_json({"models": [_document(one) for one in found], "consumers": users})
        return
    if not found:
        print_lines("There is no model yet. Train one: pressroom train NAME.")
        return
    rows = [
        (
            one.entry.name,
            f"{one.entry.version}{' *' if one.in_use else ''}",
            one.entry.digest[:12],
            ", ".join(one.aliases) or None,
            one.package.form,
            f"{one.package.size_bytes:,}",
        )
        for one in found
    ]
    print_table(("model", "version", "digest", "alias", "serves as", "bytes>"), rows)
    print_lines("* in use under its name", "")
    for one in found:
        signed = f" Signed for by {one.trust.by}." if one.trust else ""
        why = (one.package.why or one.package.kind).rstrip(".")
        made_in = one.package.environment.get("image", "")
        image = f" Made in the image {made_in}." if made_in else ""
        print_lines(f"{one.entry.name} {one.entry.version}: {why}.{image}{signed}")
    for model, pins in users.items():
        print_lines(*(f"{model} is asked for by {user} as {pin}" for user, pin in pins))


def _document(one: ModelVersion) -> dict[str, object]:
    package = one.package
    return {
        "name": one.entry.name,
        "version": one.entry.version,
        "digest": one.entry.digest,
        "in_use": one.in_use,
        "aliases": one.aliases,
        "kind": package.kind,
        "form": package.form,
        "why": package.why,
        "tier": package.tier,
        "size_bytes": package.size_bytes,
        "parity": package.parity,
        "environment": package.environment,
        "signed_by": one.trust.by if one.trust else None,
        "reason": one.entry.doc,
    }
