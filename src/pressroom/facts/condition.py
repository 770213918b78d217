"""Conditions: which facts an aggregate looks at."""

from dataclasses import dataclass
from functools import reduce
from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc

Comparison = Literal[">", ">=", "<", "<="]
Test = Literal[">", ">=", "<", "<=", "in", "null", "not null"]
Constant = int | float | bool | str


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A field compared with constants; `in` holds where it equals one of them. A null field satisfies nothing but the
    test for null.
    """

    field: str
    test: Test
    constants: tuple[Constant, ...]

    def words(self) -> str:
        """The condition as a phrase."""
        if self.test == "in":
            return f"{self.field} is {' or '.join(map(str, self.constants))}"
        if not self.constants:
            return f"{self.field} is {self.test}"
        return f"{self.field} {self.test} {self.constants[0]}"


_COMPARE = {">": pc.greater, ">=": pc.greater_equal, "<": pc.less, "<=": pc.less_equal}


def satisfying(facts: pa.Table, where: tuple[Condition, ...]) -> pa.Table:
    """The facts that satisfy all conditions."""
    for condition in where:
        column = facts.column(condition.field)
        if condition.test == "in":
            # Compared one by one, and not as a set, for which 0.0 and -0.0 are two.
            masks = [pc.equal(column, pa.scalar(constant, column.type)) for constant in condition.constants]
            mask = reduce(pc.or_kleene, masks)
        elif not condition.constants:
            mask = (pc.is_null if condition.test == "null" else pc.is_valid)(column)
        else:
            mask = _COMPARE[condition.test](column, pa.scalar(condition.constants[0]))
        facts = facts.filter(mask)
    return facts
