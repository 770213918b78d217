"""Decides with numbers: which variant of an endpoint does better, and whether the comparison can be trusted.

Here live experiments as they are declared, the ramp (moving shares without moving people back and forth) and the
readout from prediction facts and what happened afterwards. Who answers whom while it runs is a route of `serving`.
"""

from pressroom.experiments.errors import NoExposures, NoOutcomes
from pressroom.experiments.experiment import Arm, ExperimentDefinition
from pressroom.experiments.readout import Readout, VariantReadout
from pressroom.experiments.service import Experiments

__all__ = ["Arm", "ExperimentDefinition", "Experiments", "NoExposures", "NoOutcomes", "Readout", "VariantReadout"]
