"""Two contracts: what serves (`Runnable`), and how one framework speaks our model (`Adapter`)."""

from collections.abc import Mapping
from typing import Protocol

from pressroom.models.signature import Floats, Inputs, Signature


class Runnable(Protocol):
    """A loaded model. Safe to call from several threads at once."""

    def predict(self, inputs: Inputs) -> Floats:
        """One probability or score for each row, shape (n,). Raises SignatureMismatch."""
        ...


class Adapter(Protocol):
    """How one framework speaks our model; found through the entry points group `pressroom.adapters`.

    Importing an adapter imports no framework, and neither does `owns`.
    """

    @property
    def kind(self) -> str:
        """The word for it in packages; the entry point's name."""
        ...

    @property
    def distributions(self) -> tuple[str, ...]:
        """The installed distributions whose versions the answers may depend on."""
        ...

    def owns(self, model: object) -> bool:
        """Whether `model` is a thing of this framework."""
        ...

    def dump(self, model: object, signature: Signature) -> dict[str, bytes]:
        """The model as files in safe formats, never pickle: equal models give equal bytes. Raises UnsupportedModel."""
        ...

    def load(self, files: Mapping[str, bytes], signature: Signature) -> Runnable:
        """What serves. Raises FrameworkMissing, and InvalidInput for files that are not what `dump` writes."""
        ...

    def original(self, model: object, signature: Signature, inputs: Inputs) -> Floats:
        """What the framework itself answers with the model that was trained: what the serving form must equal."""
        ...
