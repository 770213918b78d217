"""The counter of the room: ramp an experiment, read it out."""

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from pressroom.catalog import Catalog, Entry
from pressroom.experiments.errors import NoExposures
from pressroom.experiments.experiment import ExperimentDefinition
from pressroom.experiments.readout import Readout, first_exposures, read_out
from pressroom.facts import Facts
from pressroom.features import Features
from pressroom.ports import Clock
from pressroom.serving import Endpoint, Pushed, Serving, outcomes_of
from pressroom.values import BUCKETS, Instant, digest_document


@dataclass(frozen=True, slots=True, kw_only=True)
class Experiments:
    """Experiments of one workspace."""

    catalog: Catalog
    facts: Facts
    features: Features
    serving: Serving
    clock: Clock

    def ramp(self, definition: ExperimentDefinition, treatment: float) -> Pushed:
        """Give the treatment a share (0 to 1) and the control the rest, through all checks of a push."""
        pushed = self.serving.push(
            definition.endpoint, definition.shares(treatment), assignment=definition.assignment()
        )
        arms = (("treatment", definition.treatment.model), ("control", definition.control.model))
        reference = self.catalog.publish(
            Entry(
                kind="experiment",
                name=definition.name,
                digest=digest_document((definition.name, definition.unit, arms, treatment, pushed.reference.digest)),
                version=f"{treatment:.2%}",
                created=self.clock.now(),
                parents=(pushed.reference,),
                summary=arms,
            )
        )
        self.catalog.point(reference)
        return pushed

    def read_out(self, endpoint: str, *, known_at: Instant) -> Readout:
        """What the experiment on an endpoint shows, from the outcomes known at `known_at`.

        Only exposures at the shares that hold now count: with those before the last ramp, or of an experiment before
        this one, among them, no shares would be the meant ones. Raises NoExposures, NoOutcomes.
        """
        running = self.serving.current(endpoint)
        fact = running.predictions()
        predictions, _ = self.facts.read(fact)
        alike = [v.version for v in self.serving.versions(endpoint) if _assigns(v) == _assigns(running)]
        predictions = predictions.filter(pc.is_in(predictions["endpoint_version"], pa.array(alike, pa.int64())))
        exposed = first_exposures(predictions) if predictions.num_rows else predictions
        if not exposed.num_rows or len(running.routes) < 2:
            raise NoExposures(
                f"No experiment on {endpoint} has exposed anybody at its present shares.",
                next_step="Start one with `pressroom ramp`, and send requests.",
            )
        outcome = outcomes_of(running, exposed, self.features, known_at=known_at)
        spread = [route for route in running.routes if route.when is None and not route.shadow]
        shares = [(route.variant, (route.high - route.low) / BUCKETS) for route in spread]
        return read_out(running.experiment, exposed, outcome, shares)


def _assigns(endpoint: Endpoint) -> object:
    """Whom an endpoint version gives which variant."""
    ranges = [(route.variant, route.low, route.high) for route in endpoint.routes]
    return endpoint.experiment, endpoint.unit, endpoint.salt, ranges
