"""Two contracts: what serves (`Runnable`), and how one framework speaks our model (`Adapter`).

An adapter is one small class. Ours and a stranger's are found the same way, through the entry points group
`pressroom.adapters`, and pass the same suite (`pressroom.testing.contracts.adapter`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

from pressroom.models.signature import Floats, Inputs, Signature
from pressroom.models.structure import Structure

Tier = Literal["safe", "reviewed", "code"]
"""How a file may be opened. safe: data, by anybody. reviewed: it names types, each of which the workspace must have
allowed. code: opening it runs it, so only after its owner's trust, and in an isolated process.
"""


class Runnable(Protocol):
    """A loaded model. Safe to call from several threads at once."""

    def predict(self, inputs: Inputs) -> Floats:
        """One number for each row, shape (n,); (n, length) where the signature's output is a vector. Raises
        SignatureMismatch.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Contributions:
    """Why rows were answered as they were: `base + sum of a row's contributions` is its score.

    `names` are the inputs (k,), `values` (n, k), `base` (n,), `error` (n, k): a standard error of each contribution, 0
    where it is exact. `space` says what the score is: "raw", before the model's link (log-odds for chances), or
    "answer". `method` is for people.
    """

    names: tuple[str, ...]
    values: Floats
    base: Floats
    error: Floats
    space: Literal["raw", "answer"]
    method: str

    def scores(self) -> Floats:
        """What base and contributions sum to, (n,)."""
        return self.base + self.values.sum(axis=1)


class Adapter(Protocol):
    """How one framework speaks our model. Importing an adapter imports no framework, and neither does `owns`."""

    @property
    def kind(self) -> str:
        """The word for it in packages; the entry point's name."""
        ...

    @property
    def distributions(self) -> tuple[str, ...]:
        """The installed distributions whose versions the answers may depend on."""
        ...

    @property
    def tier(self) -> Tier:
        """How what `dump` writes may be opened. Of the tier "reviewed", it must have `needs` too (`Reviewed`)."""
        ...

    def owns(self, model: object) -> bool:
        """Whether `model` is a thing of this framework."""
        ...

    def original(self, model: object, signature: Signature, inputs: Inputs) -> Floats:
        """What the framework itself answers with the model that was trained: what the serving form must equal."""
        ...

    def dump(self, model: object, signature: Signature) -> dict[str, bytes]:
        """The model as files in the framework's own format: equal models give equal bytes. Raises UnsupportedModel."""
        ...

    def load(self, files: Mapping[str, bytes], signature: Signature) -> Runnable:
        """What answers, from what `dump` wrote. Raises FrameworkMissing, and InvalidInput for other files."""
        ...

    def lower(self, model: object, signature: Signature) -> Structure:
        """The model as data that needs no framework. Raises NotLowered with the reason where there is no such form."""
        ...

    def explain(self, runnable: Runnable, inputs: Inputs, background: Inputs, *, within_s: float) -> Contributions:
        """Contributions by the framework's own method, of what `load` gave. `background` are usual rows, where the
        method compares with something; `within_s` is the time it may take. Raises NotExplained where there is none.
        """
        ...


@runtime_checkable
class Reviewed(Protocol):
    """What an adapter of the tier "reviewed" offers besides: which types a file names that must be allowed."""

    def needs(self, files: Mapping[str, bytes]) -> tuple[str, ...]:
        """Dotted names, sorted, read without making anything of the file's types."""
        ...
