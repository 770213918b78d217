"""Compares what is with what was promised.

Here lives the comparison of served features with the same features recomputed from facts: exact, without statistics,
and so without false alarms. What a prediction looks like is said by `models`; this room knows neither serving nor
training.
"""

from pressroom.monitoring.parity import Mismatch, ParityReport, compare
from pressroom.monitoring.service import Monitoring

__all__ = ["Mismatch", "Monitoring", "ParityReport", "compare"]
