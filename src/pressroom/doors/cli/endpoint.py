"""`pressroom endpoint`: who answers, what is promised, and what of the work is done once for many rows."""

from typing import Annotated

import typer

from pressroom.doors.cli.options import HERE, Folder, Json
from pressroom.doors.cli.printing import print_json, print_lines, print_table
from pressroom.doors.cli.routes import endpoint_document, print_endpoint
from pressroom.models import PartialPlan
from pressroom.serving import Predictor
from pressroom.workspace import open_workspace


def endpoint_command(
    endpoint: Annotated[str, typer.Argument(metavar="ENDPOINT", help="An endpoint that answers.")],
    *,
    folder: Folder = HERE,
    as_json: Json = False,
) -> None:
    """Show who answers for an endpoint, and what is worked out once where many rows share an entity.

    Example:
      pressroom endpoint delivery_risk
    """
    with open_workspace(folder) as workspace:
        live = workspace.serving.live()
        live.take_in(endpoint)
        predictor = live.predictor(endpoint)
        plans = _plans(predictor)
    promise = predictor.endpoint.promise
    if as_json:
        once = {
            model: {"way": plan.way, "because": plan.reason, "blocks": {each.block: each.once for each in plan.blocks}}
            for model, plan in plans.items()
        }
        print_json({**endpoint_document(predictor.endpoint), "deadline_ms": promise.deadline_ms, "once": once})
        return
    print_endpoint(predictor.endpoint)
    print_lines(f"Answers come within {promise.deadline_ms} ms, in the tier {promise.tier}.")
    rows = [
        (model, plan.way, each.block, f"{len(each.inputs)}", each.once)
        for model, plan in plans.items()
        for each in plan.blocks
    ]
    if rows:
        print_lines("Where many rows share an entity:")
        print_table(("model", "way", "of", "inputs>", "once for each"), rows)
        print_lines(*(f"{model}: {plan.reason}." for model, plan in plans.items()))


def _plans(predictor: Predictor) -> dict[str, PartialPlan]:
    plans = predictor.plans()
    return {
        f"{route.model} {route.version}": plans[route.digest]
        for route in predictor.endpoint.routes
        if route.digest in plans
    }
