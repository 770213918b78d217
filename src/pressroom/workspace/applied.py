"""What is applied: fact types and views as they are in force, and how they are entered in the catalogue."""

from collections.abc import Iterable

from pressroom.catalog import Catalog, Entry, Reference
from pressroom.facts import UnknownFact, did_you_mean
from pressroom.features import View
from pressroom.ports import Blobs, Clock
from pressroom.serving import Serving
from pressroom.values import Digest, FactSchema, digest_document, from_document, to_document


class Applied:
    """Reads each definition once: what has a digest never changes."""

    def __init__(self, *, catalog: Catalog, blobs: Blobs, clock: Clock) -> None:
        """Of one workspace."""
        self._catalog = catalog
        self._blobs = blobs
        self._clock = clock
        self._facts: dict[Digest, FactSchema] = {}
        self._views: dict[Digest, View] = {}
        self._asked: dict[Digest, dict[Digest, View]] = {}

    def fact(self, name: str) -> FactSchema:
        """A fact type by its name. Raises UnknownFact with the nearest name."""
        pointer = self._catalog.pointer("fact", name)
        if pointer is None:
            names = self._catalog.names("fact")
            raise UnknownFact(f"There is no fact {name!r} here.", next_step=did_you_mean(name, names))
        if pointer.digest not in self._facts:
            document = self._catalog.current("fact", name).document
            fact = from_document(self._blobs.get(document), FactSchema)
            self._facts[digest_document(fact)] = fact
            return fact
        return self._facts[pointer.digest]

    def views(self) -> list[View]:
        """The views, which are kept online, with the words and promises that are in force."""
        entries = [self._catalog.current("view", name) for name in self._catalog.names("view")]
        return [from_document(self._blobs.get(entry.document), View) for entry in entries]

    def followed(self, serving: Serving) -> list[View]:
        """The views, and older ones that an endpoint in use still asks, so that it answers right meanwhile."""
        found = {digest: self._view(name, digest) for name, digest in self._catalog.in_use("view").items()}
        for name, digest in self._catalog.in_use("endpoint").items():
            if digest not in self._asked:
                kept = serving.current(name).question.kept()
                self._asked[digest] = {view.digest(): view for view in kept}
            found |= self._asked[digest]
        return [*found.values()]

    def enter_fact(self, fact: FactSchema) -> None:
        """Put a fact type in force."""
        entry = Entry(
            kind="fact",
            name=fact.name,
            digest=digest_document(fact),
            version=digest_document(fact)[:12],
            created=self._clock.now(),
            doc=fact.doc,
            document=self._blobs.put(to_document(fact)),
            labels=_labels(field.labels for field in fact.fields),
            purposes=fact.purposes,
            summary=(("fields", str(len(fact.fields))),),
        )
        self._catalog.point(self._catalog.publish(entry))

    def enter_view(self, view: View) -> None:
        """Put a view in force, with its words."""
        entry = Entry(
            kind="view",
            name=view.name,
            digest=view.digest(),
            version=view.digest()[:12],
            created=self._clock.now(),
            owner=view.owner,
            doc=view.doc,
            document=self._blobs.put(to_document(view)),
            labels=_labels(result.labels for result in view.results()),
            parents=tuple(
                Reference(kind="fact", name=fact.name, digest=digest_document(fact)) for fact in view.facts()
            ),
            summary=(("features", str(len(view.names()))),),
        )
        self._catalog.point(self._catalog.publish(entry))
        self._catalog.reword(entry)

    def _view(self, name: str, digest: Digest) -> View:
        if digest not in self._views:
            entry = self._catalog.current("view", name)
            self._views[digest] = from_document(self._blobs.get(entry.document), View)
        return self._views[digest]


def _labels(of: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(sorted({label for labels in of for label in labels}))
