"""Experiments as they are declared."""

from dataclasses import dataclass

from pressroom.serving import Assignment, EndpointDefinition, Share
from pressroom.values import InvalidInput


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """A variant: what it is called, and the model that answers its units."""

    variant: str
    model: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExperimentDefinition:
    """Two models of one endpoint, compared on units that a salted hash of the key field `unit` assigns.

    The name is the salt: the same units fall into the same variants for as long as the experiment keeps its name.
    """

    name: str
    endpoint: EndpointDefinition
    unit: str
    treatment: Arm
    control: Arm

    def shares(self, treatment: float) -> tuple[Share, Share]:
        """Everybody's share when the treatment has `treatment` (0 to 1). The treatment grows from bucket 0 upward."""
        if not 0.0 <= treatment <= 1.0:
            raise InvalidInput(f"{treatment:.2%} is no share.", next_step="Give a share from 0% to 100%.")
        return (
            Share(model=self.treatment.model, share=treatment, variant=self.treatment.variant),
            Share(model=self.control.model, share=1.0 - treatment, variant=self.control.variant),
        )

    def assignment(self) -> Assignment:
        """How its endpoint spreads units."""
        return Assignment(experiment=self.name, unit=self.unit, salt=self.name)
