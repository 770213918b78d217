"""The counter of the room: check what was served."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pressroom.facts import Facts
from pressroom.features import Features, Question
from pressroom.monitoring.parity import ParityReport, compare
from pressroom.values import FactSchema


@dataclass(frozen=True, slots=True, kw_only=True)
class Monitoring:
    """Comparisons in one workspace."""

    facts: Facts
    features: Features

    def parity(
        self,
        question: Question,
        predictions: FactSchema,
        *,
        versions: Sequence[int] | None = None,
        most: int = 100_000,
    ) -> ParityReport:
        """Recompute the features of logged predictions (evenly spread, at most `most`) from facts, and compare.

        `versions` are those of the endpoint that ask this very question (None: all do): what was answered to another
        question is no mismatch.
        """
        logged, _ = self.facts.read(predictions)
        if versions is not None:
            asked_so = pc.is_in(logged["endpoint_version"], pa.array(versions, pa.int64()))
            logged = logged.filter(asked_so)
        logged = logged.sort_by("seq")
        if logged.num_rows > most:
            logged = logged.take(pa.array(np.linspace(0, logged.num_rows - 1, most).astype(np.int64)))
        asked = [*(field.name for field in question.keys), *(field.name for field in question.brought())]
        spine = pa.table({"as_of": logged.column("event"), **{name: logged.column(name) for name in asked}})
        recomputed, _ = self.features.offline(question, spine)
        return compare(question, logged, recomputed)
