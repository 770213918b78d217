"""The counter of the room: push, roll back, and what serves."""

from collections.abc import Sequence
from dataclasses import dataclass

from pressroom.catalog import Catalog
from pressroom.facts import Facts
from pressroom.features import Features
from pressroom.models import DATA_ONLY, Permits
from pressroom.policy import Rule
from pressroom.ports import Blobs, Clock
from pressroom.serving.endpoint import Endpoint, EndpointDefinition
from pressroom.serving.errors import PushRefused
from pressroom.serving.live import Live
from pressroom.serving.prediction_log import PredictionLog
from pressroom.serving.push import Assignment, Pushed, Pusher, push
from pressroom.serving.route import Share
from pressroom.values import from_document


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

    def push(
        self, definition: EndpointDefinition, shares: Sequence[Share], *, assignment: Assignment | None = None
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
        )
        return push(definition, shares, assignment=assignment or Assignment(), on=on)

    def roll_back(self, name: str) -> Endpoint:
        """Let the version before answer again. Raises UnknownEntry, PushRefused when there is none before."""
        self.catalog.current("endpoint", name)
        if self.catalog.point_back("endpoint", name) is None:
            raise PushRefused(f"{name} has no version before this one.", next_step="Push another model instead.")
        endpoint = self.current(name)
        self.features.follow([bound.view for bound in endpoint.question.views])
        return endpoint

    def current(self, name: str) -> Endpoint:
        """The endpoint version in use. Raises UnknownEntry."""
        entry = self.catalog.current("endpoint", name)
        return from_document(self.blobs.get(entry.document), Endpoint)

    def versions(self, name: str) -> list[Endpoint]:
        """Every version of an endpoint that was ever pushed, the oldest first."""
        entries = self.catalog.entries("endpoint", name)
        found = [from_document(self.blobs.get(entry.document), Endpoint) for entry in entries]
        return sorted(found, key=lambda endpoint: endpoint.version)

    def live(self) -> Live:
        """A set of loaded endpoints, for a server."""
        return Live(catalog=self.catalog, blobs=self.blobs, features=self.features, permits=self.permits)

    def prediction_log(self) -> PredictionLog:
        """A writer of predictions, for a server. Close it."""
        return PredictionLog(self.facts)
