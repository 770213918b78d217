"""`pressroom token`: who may ask the servers."""

from typing import Annotated

import typer

from pressroom.doors.cli.options import HERE, Folder, Json
from pressroom.doors.cli.printing import print_json, print_lines, print_table
from pressroom.values import format_instant
from pressroom.workspace import ROLES, Token, open_workspace

_ACTIONS = ("create", "list", "revoke")


def token_command(
    action: Annotated[str, typer.Argument(metavar="create|list|revoke", help="What to do.")],
    name: Annotated[str, typer.Argument(metavar="[NAME]", help="Whose token: a name for it.", show_default=False)] = "",
    *,
    role: Annotated[str, typer.Option(help=f"What it allows: {', '.join(ROLES)}.")] = "ask",
    folder: Folder = HERE,
    as_json: Json = False,
) -> None:
    """Make, list and revoke the tokens that servers ask for, once [server] or [control] says tokens = true.

    A secret is shown once, when it is made; only its hash is kept. ask: predictions; append: facts in, at the control
    server; watch: metrics; admin: all.

    Example:
      pressroom token create checkout --role ask
    """
    if action not in _ACTIONS:
        raise typer.BadParameter(f"{action!r} is none of {', '.join(_ACTIONS)}", param_hint="ACTION")
    if bool(name) != (action != "list"):
        raise typer.BadParameter("create and revoke need a name, list takes none", param_hint="NAME")
    with open_workspace(folder) as workspace:
        if action == "create":
            secret = workspace.tokens.create(name, role)
            _say(as_json, {"name": name, "role": role, "token": secret}, f"{secret}\nIt is not shown again.")
        elif action == "revoke":
            token = workspace.tokens.revoke(name)
            _say(as_json, _document(token), f"{name} is revoked. Servers notice within a second.")
        else:
            _list(workspace.tokens.all(), as_json=as_json)


def _say(as_json: bool, document: object, words: str) -> None:  # noqa: FBT001
    if as_json:
        print_json(document)
    else:
        print_lines(words)


def _list(tokens: list[Token], *, as_json: bool) -> None:
    if as_json:
        print_json({"tokens": [_document(token) for token in tokens]})
        return
    rows = [(t.name, t.role, format_instant(t.created), "revoked" if t.revoked is not None else "") for t in tokens]
    print_table(("name", "role", "created", ""), rows)


def _document(token: Token) -> dict[str, object]:
    revoked = None if token.revoked is None else format_instant(token.revoked)
    return {"name": token.name, "role": token.role, "created": format_instant(token.created), "revoked": revoked}
