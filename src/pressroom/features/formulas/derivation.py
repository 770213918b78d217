"""Derivations: derived features as data."""

from dataclasses import dataclass

from pressroom.features.formulas.formula import Formula
from pressroom.features.formulas.words import words_of
from pressroom.values import FieldSchema


@dataclass(frozen=True, slots=True, kw_only=True)
class Derivation:
    """A derived feature as data: it can be stored, hashed and worked out without the function it came from.

    In a view, `formula` has the view's own features by their names as inputs; in a question, columns of the answer.
    Every derivation may have the instant `as_of` besides.
    """

    name: str
    formula: Formula
    unit: str = ""
    doc: str = ""
    labels: tuple[str, ...] = ()
    """Those of all inputs: they travel along."""

    def result(self, name: str) -> FieldSchema:
        """What comes out, as a field called `name`."""
        kind = self.formula.type()
        return FieldSchema(name=name, type=kind, doc=self.words(), unit=self.unit, optional=True, labels=self.labels)

    def words(self) -> str:
        """What its author says of it, or else the formula as an expression."""
        return self.doc or words_of(self.formula)
