"""Spines: the rows for which features are asked."""

from dataclasses import dataclass

from pressroom.values import FactSchema, format_duration


@dataclass(frozen=True, slots=True, kw_only=True)
class Spine:
    """One row for each fact of a type, at its `event` or at the instant in a field, `before_us` earlier."""

    fact: FactSchema
    instant: str = "event"
    before_us: int = 0

    def words(self) -> str:
        """The spine as a phrase."""
        shift = f", {format_duration(self.before_us)} before" if self.before_us else ""
        return f"every {self.fact.name} at its {self.instant}{shift}"
