"""Declarations that speak of several rooms at once: endpoints and experiments over a training set."""

from collections.abc import Sequence

from pressroom.experiments import Arm, ExperimentDefinition
from pressroom.facts import BadDefinition, FieldReference
from pressroom.serving import CanaryPromise, EndpointDefinition, Promise, Tier, fallback_of
from pressroom.training import GivenLabel, TrainingSetDefinition
from pressroom.values import check_name, parse_duration


def endpoint(  # noqa: PLR0913  (all that an endpoint may promise, by name)
    name: str,
    *,
    answers: TrainingSetDefinition,
    owner: str = "",
    deadline: str = "1s",
    tier: Tier = "normal",
    fallback: Sequence[str | float] | str | float = (),
    stale_after: str | None = None,
    log_share: float = 1.0,
    most_waiting: int = 256,
    canary: CanaryPromise | None = None,
) -> EndpointDefinition:
    """Declare an endpoint that asks the same question as a training set and answers with a model trained on it.

    It promises an answer within `deadline`, from features whose newest fact is no older than `stale_after`; when a
    model can't keep that, the first `fallback` that can answers: "previous" (what answered before the newest push),
    "baseline", or a number. Under overload, endpoints of a lower `tier` are shed first.

    Refuses a training set whose label was given with its rows: nobody could say later whether the answers were right.
    """
    if isinstance(answers.label, GivenLabel):
        raise BadDefinition(
            f"The endpoint {name} answers {answers.name}, whose label was given with its rows.",
            next_step="Append what happens as facts, and look forward to them: Fact.field.next(within=...).",
        )
    said = [fallback] if isinstance(fallback, str | int | float) else fallback
    promise = Promise(
        deadline_ms=max(1, parse_duration(deadline) // 1_000),
        tier=tier,
        most_waiting=most_waiting,
        fallbacks=tuple(fallback_of(each) for each in said),
        stale_after_s=None if stale_after is None else parse_duration(stale_after) / 1e6,
        log_share=log_share,
        canary=canary or CanaryPromise(),
    )
    return EndpointDefinition(
        name=check_name(name, what="an endpoint"),
        question=answers.question,
        label=answers.label,
        label_key=answers.label_key(),
        training_set=answers.name,
        purpose=answers.purpose,
        owner=owner or answers.owner,
        promise=promise,
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
