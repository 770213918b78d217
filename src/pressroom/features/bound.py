"""Bound views: a view in a question, the way from the asking rows to its entity, and what its features are called."""

from dataclasses import dataclass, replace

from msgspec import UNSET, UnsetType

from pressroom.features.link import Link
from pressroom.features.view import Feature, View
from pressroom.values import FactSchema, FieldSchema

Whom = tuple[str, tuple[Link, ...]]
"""A key of the asking rows, and the links from there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundFeatures:
    """A view, and the column of the asking rows that holds its entity, or the columns, joined with "+".

    With `links`, the column holds another entity, from which they lead to the view's, the first one first.
    """

    view: View
    key: str
    links: tuple[Link, ...] | UnsetType = UNSET
    """Unset, it is no part of the document, so that questions without links have the digests that they always had."""
    alias: str | UnsetType = UNSET
    """What its features are called by in the place of the view's name."""

    def name(self) -> str:
        """How the names of its features start."""
        return self.view.name if self.alias is UNSET else self.alias

    def whom(self) -> Whom:
        """Whom it is asked of: what the asking rows name, and the links from there."""
        return self.key, self.path()

    def path(self) -> tuple[Link, ...]:
        """The links from the asking rows to the view's entity; none where these name it themselves."""
        return () if self.links is UNSET else self.links

    def results(self) -> tuple[FieldSchema, ...]:
        """What comes out: one field a feature, with the labels of all that was looked at on the way to it."""
        return tuple(self._result(field) for field in self.view.results())

    def kept(self) -> tuple[View, ...]:
        """What has to be kept online: each link as a view of its own, and the view."""
        return (*map(link_as_view, self.path()), self.view)

    def facts(self) -> tuple[FactSchema, ...]:
        """The fact types that it is made from."""
        return (*self.view.facts(), *(link.fact for link in self.path()))

    def identity(self) -> tuple[object, ...]:
        """What tells it from others in a question's digest."""
        plain = (self.view.name, self.view.digest(), self.key)
        links = [link_as_view(link).digest() for link in self.path()]
        return (*plain, links, self.name()) if links or self.alias is not UNSET else plain

    def _result(self, field: FieldSchema) -> FieldSchema:
        links = self.path()
        read = {label for link in links for found in link_as_view(link).results() for label in found.labels}
        return replace(
            field,
            name=self.name() + field.name.removeprefix(self.view.name),
            doc=", ".join([field.doc, *(link.words() for link in reversed(links))]),
            labels=tuple(sorted({*field.labels, *read})),
        )


def link_as_view(link: Link) -> View:
    """A link as a view: what it looks up are its features. It belongs to nobody."""
    return View(
        name=link.name(),
        entity=link.entity(),
        owner="",
        doc=f"Which {link.leads_to()} a {link.entity()} has, for features that are asked through {link.fact.name}.",
        features=tuple(Feature(name=name, aggregate=aggregate) for name, aggregate in link.lookups()),
    )
