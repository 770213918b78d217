"""`pressroom route`: who of an endpoint answers whom, without code."""

from typing import Annotated

import typer

from pressroom.doors.cli.model_names import full_name
from pressroom.doors.cli.options import HERE, Folder, Json
from pressroom.doors.cli.printing import print_json
from pressroom.doors.cli.ramp import parse_share
from pressroom.doors.cli.routes import endpoint_document, print_endpoint, print_pushed, pushed_document
from pressroom.serving import EndpointDefinition, Rerouting, Share, When
from pressroom.values import FieldSchema, InvalidInput
from pressroom.workspace import open_workspace

_SHARE = "A model's part of all units; together they are 100%. The variant's name is the model's own, if none is given."
_WHEN = "A model for the rows in which a field has one of these values, whatever the shares say."
_SHADOW = "A model that answers nobody; what it would say is kept."
_UNIT = "The field by which units are spread over shares: whoever shares it, shares the variant."
_NUMBERS = {"int": int, "float": float}


def route_command(  # noqa: PLR0913  (one for each option)
    endpoint: Annotated[str, typer.Argument(metavar="ENDPOINT", help="An endpoint that answers.")],
    *,
    share: Annotated[
        list[str] | None, typer.Option(metavar="[VARIANT:]MODEL=SHARE", help=_SHARE, show_default=False)
    ] = None,
    when: Annotated[
        list[str] | None, typer.Option(metavar="FIELD=VALUE,...:MODEL", help=_WHEN, show_default=False)
    ] = None,
    shadow: Annotated[list[str] | None, typer.Option(metavar="MODEL", help=_SHADOW, show_default=False)] = None,
    no_rules: Annotated[bool, typer.Option("--no-rules", help="Take the rules of today away.")] = False,
    no_shadows: Annotated[bool, typer.Option("--no-shadows", help="Take the shadows of today away.")] = False,
    unit: Annotated[str, typer.Option(metavar="FIELD", help=_UNIT, show_default=False)] = "",
    folder: Folder = HERE,
    as_json: Json = False,
) -> None:
    """Say which models of an endpoint answer whom, through all checks of a push; or, with nothing said, show it.

    Shares, rules and shadows that are given take the place of all of their kind; kinds not given stay as they are. The
    shares of an experiment are moved by `pressroom ramp`.

    Example:
      pressroom route delivery_risk --share logistic=90% --share new:lightgbm=10% --unit customer
      pressroom route delivery_risk --when country=NL,BE:benelux --shadow lightgbm
    """
    if (when and no_rules) or (shadow and no_shadows):
        raise typer.BadParameter("take away, or give: not both", param_hint="--no-rules, --no-shadows")
    with open_workspace(folder) as workspace:
        if not (share or when or shadow or no_rules or no_shadows or unit):
            now = workspace.serving.current(endpoint)
            if as_json:
                print_json(endpoint_document(now))
            else:
                print_endpoint(now)
            return
        definition = workspace.definitions().endpoint(endpoint)
        wanted = Rerouting(
            shares=tuple(_share(text, definition) for text in share) if share else None,
            rules=tuple(_rule(text, definition) for text in when or ()) if when or no_rules else None,
            shadows=tuple(_shadow(text, definition) for text in shadow or ()) if shadow or no_shadows else None,
            unit=unit,
        )
        pushed = workspace.serving.reroute(definition, wanted)
    if as_json:
        print_json(pushed_document(pushed))
        return
    print_pushed(pushed)


def _share(text: str, definition: EndpointDefinition) -> Share:
    named, equals, part = text.rpartition("=")
    variant, _, model = named.rpartition(":")
    if not equals or not model:
        raise InvalidInput(f"{text!r} is no share of a model.", next_step="Write logistic=90% or new:lightgbm=10%.")
    model = full_name(model, definition.training_set)
    return Share(model=model, share=parse_share(part), variant=variant or _short(model))


def _shadow(model: str, definition: EndpointDefinition) -> Share:
    model = full_name(model, definition.training_set)
    return Share(model=model, shadow=True, variant=f"shadow.{_short(model)}")


def _rule(text: str, definition: EndpointDefinition) -> Share:
    """A rule. Its variant is named after its field, so that no readout takes its rows for an experiment's."""
    told, colon, model = text.rpartition(":")
    name, equals, values = told.partition("=")
    if not colon or not equals or not model or not values:
        raise InvalidInput(f"{text!r} is no rule.", next_step="Write country=NL,BE:benelux.")
    fields = {field.name: field for field in (*definition.question.keys, *definition.question.brought())}
    if name not in fields:
        raise InvalidInput(f"Requests bring no {name!r}.", next_step=f"Go by one of {', '.join(fields)}.")
    among = tuple(_value(fields[name], value) for value in values.split(","))
    model = full_name(model, definition.training_set)
    return Share(model=model, when=When(field=name, among=among), variant=f"{name}={values}")


def _value(field: FieldSchema, text: str) -> str | int | float | bool:
    """A value as requests have it."""
    if field.type == "string":
        return text
    if field.type == "bool" and text in ("true", "false"):
        return text == "true"
    try:
        return _NUMBERS[field.type](text)
    except (KeyError, ValueError) as error:
        raise InvalidInput(
            f"{text!r} is no value of {field.name}, which is {field.type}.",
            next_step="Rules go by texts, numbers, true and false.",
        ) from error


def _short(model: str) -> str:
    return model.partition("@")[0].rpartition(".")[2]
