"""What serves now: the endpoints in use, loaded, and replaced while requests go on."""

import logging

from pressroom.catalog import Catalog, Pointer
from pressroom.features import Features
from pressroom.models import DATA_ONLY, Permits, load
from pressroom.ports import Blobs
from pressroom.serving.endpoint import Endpoint
from pressroom.serving.errors import UnknownEndpoint
from pressroom.serving.predict import Predictor
from pressroom.values import PressroomError, from_document

_logger = logging.getLogger(__name__)


class Live:
    """Predictors by endpoint. `refresh` looks whether a pointer moved; requests meanwhile get what served before."""

    def __init__(self, *, catalog: Catalog, blobs: Blobs, features: Features, permits: Permits = DATA_ONLY) -> None:
        """Serve nothing yet."""
        self._catalog = catalog
        self._blobs = blobs
        self._features = features
        self._permits = permits
        self._pointers: dict[str, Pointer] = {}
        self._predictors: dict[str, Predictor] = {}
        self._failures: dict[str, PressroomError] = {}

    def refresh(self) -> list[str]:
        """Load the endpoints whose pointer moved, beside the old ones, then put them in their place; which they are.

        One that can't be loaded is tried again next time, and stands in the way of no other.
        """
        moved: list[str] = []
        for name in self._catalog.names("endpoint"):
            pointer = self._catalog.pointer("endpoint", name)
            if pointer is None or pointer == self._pointers.get(name):
                continue
            try:
                self._predictors[name] = self._load(name)
            except PressroomError as error:
                self._note(name, error)
                continue
            self._failures.pop(name, None)
            self._pointers[name] = pointer
            moved.append(name)
        return moved

    def predictor(self, name: str) -> Predictor:
        """Who answers for an endpoint. Raises UnknownEndpoint, listing what there is, or why it can't be loaded."""
        found = self._predictors.get(name)
        if found is None:
            if name in self._failures:
                raise self._failures[name]
            there = ", ".join(sorted(self._predictors)) or "none"
            raise UnknownEndpoint(f"There is no endpoint {name!r}.", next_step=f"There are: {there}.")
        return found

    def names(self) -> list[str]:
        """The endpoints that answer."""
        return sorted(self._predictors)

    def _note(self, name: str, error: PressroomError) -> None:
        if str(self._failures.get(name)) != str(error):
            _logger.error("The endpoint %s can't be loaded; what served before serves on. %s", name, error)
        self._failures[name] = error

    def _load(self, name: str) -> Predictor:
        entry = self._catalog.current("endpoint", name)
        endpoint = from_document(self._blobs.get(entry.document), Endpoint)
        models = {route.digest: load(route.digest, self._blobs, self._permits) for route in endpoint.routes}
        return Predictor(endpoint, models, self._features.online(endpoint.question))
