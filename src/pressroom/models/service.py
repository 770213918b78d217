"""The counter of the room: publish, resolve, load, sign, name, explain."""

from collections.abc import Mapping
from dataclasses import dataclass

from pressroom.catalog import Catalog, Entry, Trust, parse_wanted
from pressroom.models.ensemble.declaration import Ensemble
from pressroom.models.ensemble.member import resolve_members
from pressroom.models.ensemble.plan import EnsemblePlan, plan_of
from pressroom.models.ensemble.runnable import RunnableEnsemble, assemble
from pressroom.models.explain import WITHIN_S, Explanation, explain
from pressroom.models.load import LoadedModel, load, load_native, read_package
from pressroom.models.package import Package, Packed
from pressroom.models.partial.cache import PartialCache
from pressroom.models.partial.partial_model import PartialModel, partial_of
from pressroom.models.permits import DATA_ONLY, Permits
from pressroom.models.publish import Published, Publisher, Words, publish
from pressroom.models.signature import Inputs
from pressroom.ports import Blobs, Clock
from pressroom.values import Digest, InvalidInput


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelVersion:
    """One version of a model: its entry and manifest, its aliases, who signed for it, and whether it is in use."""

    entry: Entry
    package: Package
    aliases: tuple[str, ...]
    trust: Trust | None
    in_use: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Models:
    """Models of one workspace. Everywhere `text` is `name`, `name@^2`, `name@production` or `name@DIGEST`."""

    catalog: Catalog
    blobs: Blobs
    clock: Clock
    permits: Permits = DATA_ONLY

    def publish(self, packed: Packed, words: Words) -> Published:
        """Put a packed model in use under its name, at the version that it earns."""
        on = Publisher(catalog=self.catalog, blobs=self.blobs, clock=self.clock, permits=self.permits)
        return publish(packed, words, on)

    def load(self, text: str) -> LoadedModel:
        """A model that answers. Raises UnknownEntry, NotTrusted, and what `models.load` raises."""
        return load(self.catalog.resolve("model", text).digest, self.blobs, self.permits)

    def sign(self, text: str, *, by: str, why: str = "") -> tuple[Entry, Trust]:
        """Let the owner sign for one package's code. `text` must name a digest: whoever signs has read exactly that.
        Raises NotTheOwner, InvalidInput.
        """
        if not parse_wanted(text).digest_prefix():
            entry = self.catalog.resolve("model", text)
            raise InvalidInput(
                f"{text} may mean another package tomorrow, and a signature is for one.",
                next_step=f"Write the digest: {entry.name}@{entry.digest[:12]}.",
            )
        entry = self.catalog.resolve("model", text)
        trust = Trust(by=by, at=self.clock.now(), why=why)
        return entry, self.catalog.trusts.sign(entry, trust)

    def name(self, alias: str, text: str) -> Entry:
        """Let an alias mean a version from now on."""
        entry = self.catalog.resolve("model", text)
        self.catalog.aliases.put(alias, entry.reference())
        return entry

    def assemble(self, ensemble: Ensemble) -> RunnableEnsemble:
        """An ensemble over the models that its nodes mean now. Raises BadEnsemble, UnknownEntry, NotTrusted."""
        members = resolve_members(ensemble, self._digest, self.blobs, self.permits)
        return assemble(ensemble, members)

    def plan(self, text: str) -> EnsemblePlan:
        """Where each node of an ensemble runs, why, and what a row costs here. Refuses a model that is none."""
        loaded = self.load(text)
        if loaded.package.kind != "ensemble":
            raise InvalidInput(
                f"{text} is a model of {loaded.package.kind}, and no ensemble.",
                next_step="See how it serves: pressroom models NAME.",
            )
        runnable = load_native(loaded.digest, loaded.package, self.blobs, self.permits)
        assert isinstance(runnable, RunnableEnsemble)
        return plan_of(runnable)

    def in_parts(self, text: str, entity_of: Mapping[str, str], cache: PartialCache) -> PartialModel:
        """A model that computes what depends on one entity once: see `partial_of`. Refuses names of which none is an
        input of the model.
        """
        loaded = self.load(text)
        names = loaded.package.signature.names()
        if entity_of and not set(entity_of) & set(names):
            raise InvalidInput(
                f"{text} has none of the inputs {', '.join(sorted(entity_of))}.",
                next_step=f"Name entities for inputs of it: {', '.join(names)}.",
            )
        return partial_of(loaded, self.blobs, entity_of, cache)

    def _digest(self, text: str) -> Digest:
        return self.catalog.resolve("model", text).digest

    def explain(self, text: str, inputs: Inputs, *, within_s: float = WITHIN_S) -> Explanation:
        """Why a model answers rows as it does."""
        return self.explain_loaded(self.load(text), inputs, within_s=within_s)

    def explain_loaded(self, loaded: LoadedModel, inputs: Inputs, *, within_s: float = WITHIN_S) -> Explanation:
        """The same, of a model that is loaded already."""
        return explain(loaded, inputs, self.blobs, within_s=within_s, permits=self.permits)

    def versions(self, name: str = "") -> list[ModelVersion]:
        """Every version of a model, or of all, the oldest first. Packages that are gone are left out."""
        found: list[ModelVersion] = []
        for entry in self.catalog.entries("model", name):
            if not self.blobs.exists(entry.document):
                continue
            pointer = self.catalog.pointer("model", entry.name)
            named = self.catalog.aliases.of("model", entry.name)
            found.append(
                ModelVersion(
                    entry=entry,
                    package=read_package(entry.document, self.blobs),
                    aliases=tuple(alias for alias, digest in named.items() if digest == entry.digest),
                    trust=self.catalog.trusts.of(entry.reference()),
                    in_use=pointer is not None and pointer.digest == entry.digest,
                )
            )
        return found
