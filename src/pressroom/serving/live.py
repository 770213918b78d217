"""What serves now: the endpoints in use, loaded, and replaced while requests go on."""

from pressroom.catalog import Catalog, Pointer
from pressroom.features import Features
from pressroom.models import load
from pressroom.ports import Blobs
from pressroom.serving.endpoint import Endpoint
from pressroom.serving.errors import UnknownEndpoint
from pressroom.serving.predict import Predictor
from pressroom.values import from_document


class Live:
    """Predictors by endpoint. `refresh` looks whether a pointer moved; requests meanwhile get what served before."""

    def __init__(self, *, catalog: Catalog, blobs: Blobs, features: Features) -> None:
        """Serve nothing yet."""
        self._catalog = catalog
        self._blobs = blobs
        self._features = features
        self._pointers: dict[str, Pointer] = {}
        self._predictors: dict[str, Predictor] = {}

    def refresh(self) -> list[str]:
        """Load the endpoints whose pointer moved, beside the old ones, then put them in their place; which they are."""
        moved: list[str] = []
        for name in self._catalog.names("endpoint"):
            pointer = self._catalog.pointer("endpoint", name)
            if pointer is None or pointer == self._pointers.get(name):
                continue
            self._predictors[name] = self._load(name)
            self._pointers[name] = pointer
            moved.append(name)
        return moved

    def predictor(self, name: str) -> Predictor:
        """Who answers for an endpoint. Raises UnknownEndpoint, listing what there is."""
        found = self._predictors.get(name)
        if found is None:
            there = ", ".join(sorted(self._predictors)) or "none"
            raise UnknownEndpoint(f"There is no endpoint {name!r}.", next_step=f"There are: {there}.")
        return found

    def names(self) -> list[str]:
        """The endpoints that answer."""
        return sorted(self._predictors)

    def _load(self, name: str) -> Predictor:
        entry = self._catalog.current("endpoint", name)
        endpoint = from_document(self._blobs.get(entry.document), Endpoint)
        models = {route.digest: load(route.digest, self._blobs) for route in endpoint.routes}
        return Predictor(endpoint, models, self._features.online(endpoint.question))
