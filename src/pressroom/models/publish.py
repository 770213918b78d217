"""Publishing a packed model: its version worked out against the one in use, and an entry in the catalog."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from pressroom.catalog import Catalog, Entry, Reference
from pressroom.models.errors import FrameworkMissing, NotIsolated, NotTrusted
from pressroom.models.load import golden_rows, load
from pressroom.models.package import Packed
from pressroom.models.permits import DATA_ONLY, Permits
from pressroom.models.signature import Inputs
from pressroom.models.version import Behaviour, VersionReport, version_report
from pressroom.ports import Blobs, Clock
from pressroom.values import Version

Meanings = Callable[[Entry], Mapping[str, str]]


def _no_meanings(_: Entry) -> Mapping[str, str]:
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What is said about a model beside what it is. `pins` are the models that it asks for itself (ensembles)."""

    owner: str = ""
    doc: str = ""
    parents: tuple[Reference, ...] = ()
    purposes: tuple[str, ...] = ()
    summary: tuple[tuple[str, str], ...] = ()
    pins: tuple[str, ...] = ()
    meanings: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A model under its version, why it has that, and which consumers in use it leaves behind, in words."""

    entry: Entry
    report: VersionReport
    breaks: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Publisher:
    """What publishing works on. `meanings` looks up how an older model's inputs were defined."""

    catalog: Catalog
    blobs: Blobs
    clock: Clock
    permits: Permits = DATA_ONLY
    meanings: Meanings = _no_meanings


def publish(packed: Packed, words: Words, on: Publisher) -> Published:
    """Work out the version, keep an entry, and put it in use under its name."""
    report = plan_version(packed, words.meanings, on)
    package = packed.package
    served = f"{package.form}: {package.why}" if package.why else package.form
    entry = Entry(
        kind="model",
        name=package.name,
        digest=packed.digest,
        version=str(report.version),
        created=on.clock.now(),
        owner=words.owner,
        doc=words.doc or f"{package.kind} model. {report.words()}",
        document=packed.digest,
        labels=package.origin.labels,
        purposes=words.purposes,
        parents=words.parents,
        summary=(("kind", package.kind), ("serves", served), *words.summary),
        pins=words.pins,
    )
    # Before the pointer moves: consumers are asked about the change that is about to happen.
    breaks = left_behind(package.name, report, on.catalog)
    on.catalog.point(on.catalog.publish(entry))
    return Published(entry=entry, report=report, breaks=breaks)


def plan_version(packed: Packed, meanings: Mapping[str, str], on: Publisher) -> VersionReport:
    """The version that a change from the model in use makes of the highest there is; the same model keeps its own."""
    package = packed.package
    catalog = on.catalog
    inputs, answers = golden_rows(package, on.blobs)
    after = Behaviour(signature=package.signature, predictions=answers, meanings=meanings, space=package.space)
    if catalog.pointer("model", package.name) is None:
        return version_report(None, None, after)
    known = catalog.find(Reference(kind="model", name=package.name, digest=packed.digest))
    if known is not None:
        return VersionReport(
            version=Version.parse(known.version), rule="behaviour", reason="The same model as before.", most=0.0
        )
    highest = max(Version.parse(entry.version) for entry in catalog.entries("model", package.name))
    return version_report(highest, _before(catalog.current("model", package.name), inputs, on), after)


def _before(entry: Entry, inputs: Inputs, on: Publisher) -> Behaviour | None:
    try:
        old = load(entry.digest, on.blobs, on.permits)
    except (FrameworkMissing, NotTrusted, NotIsolated):
        return None
    package = old.package
    fits = set(package.signature.names()) <= set(inputs)
    return Behaviour(
        signature=package.signature,
        predictions=old.runnable.predict(inputs) if fits else None,
        meanings=on.meanings(entry),
        space=package.space,
    )


def left_behind(name: str, report: VersionReport, catalog: Catalog) -> tuple[str, ...]:
    """Consumers in use whose pins do not reach the new version, or who pin nothing and would get a major change."""
    said: list[str] = []
    for entry, wanted in catalog.consumers("model", name):
        who = f"{entry.kind} {entry.name}"
        if wanted.is_range() and not wanted.allows(str(report.version)):
            said.append(f"{who} pins {wanted} and stays where it is")
        elif not wanted.pin and report.rule in ("signature", "meaning", "space") and report.version.minor == 0:
            said.append(f"{who} pins nothing: its next push would take {report.version}, a major change")
    return tuple(said)
