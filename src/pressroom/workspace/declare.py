"""Declarations that speak of several rooms at once: endpoints and experiments over a training set."""

from pressroom.experiments import Arm, ExperimentDefinition
from pressroom.facts import BadDefinition, FieldReference
from pressroom.serving import EndpointDefinition
from pressroom.training import GivenLabel, TrainingSetDefinition
from pressroom.values import check_name


def endpoint(name: str, *, answers: TrainingSetDefinition, owner: str = "") -> EndpointDefinition:
    """Declare an endpoint that asks the same question as a training set and answers with a model trained on it.

    Refuses one whose label was given with its rows: nobody could say later whether the answers were right.
    """
    if isinstance(answers.label, GivenLabel):
        raise BadDefinition(
            f"The endpoint {name} answers {answers.name}, whose label was given with its rows.",
            next_step="Append what happens as facts, and look forward to them: Fact.field.next(within=...).",
        )
    return EndpointDefinition(
        name=check_name(name, what="an endpoint"),
        question=answers.question,
        label=answers.label,
        label_key=answers.label_key(),
        training_set=answers.name,
        purpose=answers.purpose,
        owner=owner or answers.owner,
    )


def experiment(
    name: str, *, on: EndpointDefinition, unit: FieldReference, treatment: str, control: str = "baseline"
) -> ExperimentDefinition:
    """Declare an experiment: two candidates of the endpoint's training set, compared by the key field `unit`."""
    keys = [field.name for field in on.question.keys]
    if unit.schema.name not in keys:
        raise BadDefinition(
            f"The experiment {name} goes by {unit.schema.name}, which requests don't bring.",
            next_step=f"Go by one of {', '.join(keys)}.",
        )
    return ExperimentDefinition(
        name=check_name(name, what="an experiment"),
        endpoint=on,
        unit=unit.schema.name,
        treatment=Arm(variant=treatment, model=f"{on.training_set}.{treatment}"),
        control=Arm(variant=control, model=f"{on.training_set}.{control}"),
    )
