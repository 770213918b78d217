"""The counter of the room: push, roll back, and what serves."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from uuid import uuid4

from pressroom.catalog import Catalog
from pressroom.facts import Facts
from pressroom.features import Features
from pressroom.models import DATA_ONLY, Permits
from pressroom.policy import Rule
from pressroom.ports import Blobs, Clock
from pressroom.serving.endpoint import Endpoint, EndpointDefinition
from pressroom.serving.errors import PushRefused
from pressroom.serving.guardrail import broken_guardrail, losses_of_trial
from pressroom.serving.live import PARTIAL_BYTES, Live
from pressroom.serving.prediction_log import PredictionLog, WhenFull
from pressroom.serving.push import Pushed, Pusher, push
from pressroom.serving.push_steps import PushStep, Verdict, record_steps, steps_of
from pressroom.serving.reroute import Rerouting, reassigned, rerouted
from pressroom.serving.route import Share
from pressroom.serving.trial import Assignment, Rollout
from pressroom.values import Conflict, PressroomError, from_document


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """Endpoints of one workspace."""

    catalog: Catalog
    blobs: Blobs
    facts: Facts
    features: Features
    clock: Clock
    rules: tuple[Rule, ...]
    permits: Permits = DATA_ONLY
    image: str = ""

    def push(
        self,
        definition: EndpointDefinition,
        shares: Sequence[Share],
        *,
        assignment: Assignment | None = None,
        rollout: Rollout | None = None,
    ) -> Pushed:
        """Check the models and let them answer. Raises PushRefused; what served before serves on."""
        on = Pusher(
            catalog=self.catalog,
            blobs=self.blobs,
            facts=self.facts,
            features=self.features,
            clock=self.clock,
            rules=self.rules,
            permits=self.permits,
            image=self.image,
        )
        return push(definition, shares, assignment=assignment or Assignment(), rollout=rollout or Rollout(), on=on)

    def reroute(self, definition: EndpointDefinition, wanted: Rerouting) -> Pushed:
        """Change who answers whom, through the same checks; models of today stay at their versions.

        Raises UnknownEntry where nothing answers yet, and PushRefused.
        """
        now = self.current(definition.name)
        shares = rerouted(now, wanted)
        return self.push(definition, shares, assignment=reassigned(now, shares, wanted, key=definition.label_key))

    def roll_back(self, name: str) -> Endpoint:
        """Let the version before answer again. Raises UnknownEntry, PushRefused when there is none before."""
        left = self.catalog.current("endpoint", name)
        if self.catalog.point_back("endpoint", name) is None:
            raise PushRefused(f"{name} has no version before this one.", next_step="Push another model instead.")
        endpoint = self.current(name)
        self._note(name, endpoint.version, Verdict(check="rollback", found=f"version {left.version} answers no more"))
        self.features.follow(endpoint.question.kept())
        return endpoint

    def broken_guardrail(self, trial: Endpoint) -> str | None:
        """What a canary's predictions did that they promised not to, by the outcomes known now; None while they keep
        their word.
        """
        promise = trial.promise.canary
        if not trial.canary or promise.most_worse is None:
            return None
        losses = losses_of_trial(trial, facts=self.facts, features=self.features, known_at=self.clock.now())
        return broken_guardrail(losses, promise)

    def end_trial(self, trial: Endpoint, because: str) -> bool:
        """Take a canary back, if it is still what answers, and let the version before answer; whether it was."""
        pointer = self.catalog.pointer("endpoint", trial.name)
        if pointer is None or pointer.digest != trial.digest():
            return False
        try:
            if self.catalog.point_back("endpoint", trial.name) is None:
                return False
        except Conflict:
            return False
        self._note(trial.name, trial.version, Verdict(check="canary", found=because, held=False))
        return True

    def steps(self, name: str) -> list[PushStep]:
        """Every step that was ever taken to push an endpoint, or back, the oldest first."""
        return steps_of(self.facts, name)

    def current(self, name: str) -> Endpoint:
        """The endpoint version in use. Raises UnknownEntry."""
        entry = self.catalog.current("endpoint", name)
        return from_document(self.blobs.get(entry.document), Endpoint)

    def versions(self, name: str) -> list[Endpoint]:
        """Every version of an endpoint that was ever pushed, the oldest first."""
        entries = self.catalog.entries("endpoint", name)
        found = [from_document(self.blobs.get(entry.document), Endpoint) for entry in entries]
        return sorted(found, key=lambda endpoint: endpoint.version)

    def live(self, *, memory_bytes: int | None = None, partial_bytes: int = PARTIAL_BYTES) -> Live:
        """A set of loaded endpoints, for a server; models together take `memory_bytes` at most (None: any), and what is
        remembered of their work for single entities `partial_bytes`.
        """
        return Live(
            catalog=self.catalog,
            blobs=self.blobs,
            features=self.features,
            permits=self.permits,
            memory_bytes=memory_bytes,
            partial_bytes=partial_bytes,
        )

    def prediction_log(self, *, when_full: WhenFull = "block") -> PredictionLog:
        """A writer of predictions, for a server. Close it."""
        return PredictionLog(self.facts, when_full=when_full)

    def _note(self, name: str, version: int, verdict: Verdict) -> None:
        """Keep what happened to an endpoint; it happened, also where it can't be written."""
        with suppress(PressroomError):
            record_steps(self.facts, [verdict], push=uuid4().hex, endpoint=name, version=version, at=self.clock.now())
