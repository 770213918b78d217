"""The usual request: every number that is wanted is there, and finite. It becomes columns at one go.

Whatever is not usual is looked at column by column, as `check_columns` does, which says what is wrong with it.
"""

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any

import numpy as np

from pressroom.features import BadRequest
from pressroom.serving.given import Block, Columns, OneRow
from pressroom.serving.request import check_columns
from pressroom.values import FieldSchema


class Usual:
    """What the usual request to an endpoint brings along."""

    def __init__(self, fields: Mapping[str, FieldSchema]) -> None:
        """Of an endpoint whose rows have these fields."""
        self.numbers = {name: field for name, field in fields.items() if field.type == "float" and not field.optional}
        """The fields that are numbers, and never null."""
        self._names = tuple(self.numbers)
        self.texts = frozenset(name for name, field in fields.items() if field.type == "string")
        """Those that are texts."""
        self._others = {name: field for name, field in fields.items() if name not in self.numbers}

    def columns(self, numbers: Mapping[str, bytes], others: Mapping[str, Any], count: int) -> Columns | None:
        """Columns of `count` values: of the numbers as little-endian floats of 64 bits, of others as they came. None
        where something is not as usual.
        """
        if len(numbers) != len(self._names):
            return None
        try:
            content = bytearray().join([numbers[name] for name in self._names])
            block = Block(self._names, np.frombuffer(content, "<f8").reshape(len(self._names), count))
            if not np.isfinite(block.numbers).all():
                return None
            return Columns({**block.columns(), **check_columns(self._others, others, count)}, count, block)
        except (KeyError, ValueError, BadRequest):
            return None

    def one(self, numbers: Sequence[float], others: Mapping[str, Any]) -> OneRow | None:
        """One row, of a number for each of `self.numbers` and columns of one value; None where something is not as
        usual.
        """
        # A sum of numbers is finite only where each of them is.
        if not isfinite(sum(numbers)):
            return None
        try:
            return OneRow(self._names, numbers, check_columns(self._others, others, 1))
        except BadRequest:
            return None
