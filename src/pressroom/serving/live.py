"""What serves now: the endpoints in use, loaded, and replaced while requests go on.

A version that is loaded stays so for as long as it answers, and so does the one before it, to which a rollback goes
back. Others are let go, the least lately asked first, when there are many of them or the models together pass the
memory that they may take. One that is let go is loaded again when it is asked.
"""

import logging
import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pressroom.catalog import Catalog, Pointer, Reference
from pressroom.features import Features
from pressroom.models import (
    DATA_ONLY,
    CacheCounts,
    Explainer,
    LoadedModel,
    PartialCache,
    PartialModel,
    Permits,
    golden_rows,
    load,
    partial_of,
)
from pressroom.ports import Blobs
from pressroom.serving.endpoint import Endpoint
from pressroom.serving.errors import UnknownEndpoint, UnknownVersion
from pressroom.serving.predict import Predictor
from pressroom.values import Digest, PressroomError, from_document

WARM_ROWS = (1, 8, 32)
"""Sizes of the batches that a model answers before anybody is answered by it."""

PARTIAL_BYTES = 128 * 2**20
"""What parts of answers may take, unless the settings say otherwise."""

_SPARE = 4
_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Loaded:
    predictor: Predictor
    models: dict[Digest, LoadedModel]


class Live:
    """Predictors by endpoint. `refresh` looks whether a pointer moved; requests meanwhile get what served before."""

    def __init__(
        self,
        *,
        catalog: Catalog,
        blobs: Blobs,
        features: Features,
        permits: Permits = DATA_ONLY,
        memory_bytes: int | None = None,
        partial_bytes: int = PARTIAL_BYTES,
    ) -> None:
        """Serve nothing yet; all models together may take `memory_bytes` (None: any), as they are on disk. What is
        worked out for one entity is remembered in `partial_bytes`.
        """
        self._catalog = catalog
        self._blobs = blobs
        self._features = features
        self._permits = permits
        self._memory_bytes = memory_bytes
        self._partials = PartialCache(partial_bytes)
        self._current: dict[str, Digest] = {}
        self._before: dict[str, tuple[Digest, ...]] = {}
        self._loaded: OrderedDict[Digest, _Loaded] = OrderedDict()
        self._turn = threading.Lock()
        self._failures: dict[str, PressroomError] = {}

    def moved(self) -> list[str]:
        """The endpoints whose pointer moved since they were taken in."""
        return [name for name, digest in self._catalog.in_use("endpoint").items() if self._current.get(name) != digest]

    def refresh(self) -> list[str]:
        """Take in every endpoint whose pointer moved; which they are.

        One that can't be loaded is tried again next time, and stands in the way of no other.
        """
        return [name for name in self.moved() if self.take_in(name)]

    def take_in(self, name: str) -> bool:
        """Load what an endpoint's pointer shows, beside the old, then put it in its place; whether that was done."""
        pointer = self._catalog.pointer("endpoint", name)
        if pointer is None:
            return False
        try:
            if not self._is_full() or name not in self._current:
                self._load(name, pointer.digest)
        except PressroomError as error:
            self._note(name, error)
            return False
        self._put_in_place(name, pointer)
        return True

    def predictor(self, name: str, version: int | None = None) -> Predictor:
        """Who answers for an endpoint, or for a version of it that answers or did before; loaded, if it has to be.

        Raises UnknownEndpoint (listing what there is), UnknownVersion, or why it can't be loaded.
        """
        return self.ready(name, version) or self._load(name, self.digest(name, version))

    def ready(self, name: str, version: int | None = None) -> Predictor | None:
        """The same, but None where it would have to be loaded."""
        digest = self.digest(name, version)
        loaded = self._loaded.get(digest)
        if loaded is None:
            return None
        self._touch(digest)
        return loaded.predictor

    @property
    def known(self) -> Mapping[str, Digest]:
        """The endpoints that answer, and which version of each does."""
        return self._current

    def is_loaded_next(self, name: str) -> bool:
        """Whether what an endpoint's pointer shows is in memory already, so that taking it in takes no time."""
        pointer = self._catalog.pointer("endpoint", name)
        return pointer is not None and pointer.digest in self._loaded

    def model_bytes(self) -> int:
        """How much all models in memory take, as they are on disk."""
        return self._bytes()

    def names(self) -> list[str]:
        """The endpoints that answer."""
        return sorted(self._current)

    def versions(self, name: str) -> list[int]:
        """The versions that answer when they are asked: the one in use, and those before it, the newest first."""
        self.digest(name)
        return [int(version) for version, _ in self._versions(name)]

    def loaded(self) -> list[Predictor]:
        """Every predictor in memory."""
        return [each.predictor for each in [*self._loaded.values()]]

    def digest(self, name: str, version: int | None = None) -> Digest:
        """The identity of an endpoint's version. Raises UnknownEndpoint, UnknownVersion."""
        current = self._current.get(name)
        if current is None:
            if name in self._failures:
                raise self._failures[name]
            there = ", ".join(self.names()) or "none"
            raise UnknownEndpoint(f"There is no endpoint {name!r}.", next_step=f"There are: {there}.")
        if version is None:
            return current
        found = dict(self._versions(name)).get(str(version))
        if found is None:
            there = ", ".join(number for number, _ in self._versions(name))
            raise UnknownVersion(f"{name} has no version {version} that answers.", next_step=f"There are: {there}.")
        return found

    def _versions(self, name: str) -> list[tuple[str, Digest]]:
        digests = dict.fromkeys((self._current[name], *self._before[name]))
        entries = [self._catalog.find(Reference(kind="endpoint", name=name, digest=digest)) for digest in digests]
        return [(entry.version, entry.digest) for entry in entries if entry is not None]

    def _put_in_place(self, name: str, pointer: Pointer) -> None:
        with self._turn:
            self._current[name] = pointer.digest
            self._before[name] = pointer.before
            self._failures.pop(name, None)
            self._let_go()

    def _touch(self, digest: Digest) -> None:
        if self._memory_bytes is not None or len(self._loaded) > 2 * len(self._current):
            with self._turn:
                if digest in self._loaded:
                    self._loaded.move_to_end(digest)

    def _note(self, name: str, error: PressroomError) -> None:
        if str(self._failures.get(name)) != str(error):
            _logger.error("The endpoint %s can't be loaded; what served before serves on. %s", name, error)
        self._failures[name] = error

    def _load(self, name: str, digest: Digest) -> Predictor:
        loaded = self._loaded.get(digest)
        if loaded is not None:
            return loaded.predictor
        entry = self._catalog.find(Reference(kind="endpoint", name=name, digest=digest))
        if entry is None:
            raise UnknownEndpoint(f"There is no endpoint {name!r}.", next_step="Push it again.")
        endpoint = from_document(self._blobs.get(entry.document), Endpoint)
        models = {each: self._shared(each) or load_warm(each, self._blobs, self._permits) for each in endpoint.models()}
        online, explainer = self._features.online(endpoint.question), self._explainer
        predictor = Predictor(endpoint, models, online, explainer, self._taken_apart(endpoint, models.values()))
        with self._turn:
            kept = self._loaded.setdefault(digest, _Loaded(predictor=predictor, models=models))
            self._loaded.move_to_end(digest)
            self._let_go()
        return kept.predictor

    def partial_counts(self) -> CacheCounts:
        """What was found again of all that was worked out for one entity, and what it takes."""
        return self._partials.counts()

    def _taken_apart(self, endpoint: Endpoint, models: Iterable[LoadedModel]) -> dict[Digest, PartialModel]:
        """The models in parts by the keys of the endpoint's question; none where it asks nothing of entities."""
        entity_of = {field.name: bound.key for bound in endpoint.question.views for field in bound.results()}
        if not entity_of:
            return {}
        return {model.digest: partial_of(model, self._blobs, entity_of, self._partials) for model in models}

    def _explainer(self, model: LoadedModel) -> Explainer:
        return Explainer(model, self._blobs, self._permits)

    def _shared(self, digest: Digest) -> LoadedModel | None:
        """A model that another predictor has in memory already."""
        return next((each.models[digest] for each in [*self._loaded.values()] if digest in each.models), None)

    def _is_full(self) -> bool:
        return self._memory_bytes is not None and self._bytes() >= self._memory_bytes

    def _bytes(self) -> int:
        models = {digest: model for each in [*self._loaded.values()] for digest, model in each.models.items()}
        return sum(model.package.size_bytes for model in models.values())

    def _let_go(self) -> None:
        """Let the least lately asked go; never the last one."""
        held = {*self._current.values(), *(before[0] for before in self._before.values() if before)}
        spare = [digest for digest in self._loaded if digest not in held]
        for digest in spare[: max(0, len(spare) - _SPARE)]:
            del self._loaded[digest]
        if self._memory_bytes is None:
            return
        while len(self._loaded) > 1 and self._bytes() > self._memory_bytes:
            self._loaded.popitem(last=False)


def load_warm(digest: Digest, blobs: Blobs, permits: Permits = DATA_ONLY) -> LoadedModel:
    """A model that has answered some of its golden rows already. Raises what `load` does."""
    model = load(digest, blobs, permits)
    warm_up(model, blobs, WARM_ROWS)
    return model


def warm_up(model: LoadedModel, blobs: Blobs, sizes: Sequence[int]) -> None:
    """Let a model answer batches of golden rows, so that nobody waits for what is done the first time."""
    inputs, expected = golden_rows(model.package, blobs)
    for size in sizes:
        places = [place % len(expected) for place in range(size)]
        model.runnable.predict({name: column[places] for name, column in inputs.items()})
