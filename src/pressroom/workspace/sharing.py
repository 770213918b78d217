"""The counter for sharing: what teams offer each other, and find of each other's."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pressroom.catalog import Catalog, FeatureCard, search
from pressroom.facts import Facts, did_you_mean
from pressroom.features import Features, View, ViewCheck, other_users
from pressroom.ports import Keys
from pressroom.values import snake_case
from pressroom.workspace.demote import Demotion, Wish, demote
from pressroom.workspace.errors import UnknownView
from pressroom.workspace.feature_cards import feature_cards
from pressroom.workspace.promote import Promotion, promote

SAMPLES = 1_000
"""Questions that a check asks of a view."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sharing:
    """The applied views of one workspace as others see them. `scratch` makes keys that nobody else uses."""

    catalog: Catalog
    facts: Facts
    features: Features
    views: Callable[[], list[View]]
    scratch: Callable[[], Keys]

    def check(self, *names: str, samples: int = SAMPLES) -> list[ViewCheck]:
        """Compare offline, online and an oracle on the facts that there are, for some views or all. Raises UnknownView,
        NoOracle, OfflineOnly.
        """
        return [self._check(view, samples) for view in self._named(names)]

    def promote(self, name: str, *, by: str, why: str = "", samples: int = SAMPLES) -> Promotion:
        """Make a view available to every team. Raises UnknownView, NotPromoted."""
        (view,) = self._named([name])
        return promote(
            view,
            by=by,
            why=why,
            now=self.facts.now(),
            catalog=self.catalog,
            check=lambda checked: self._check(checked, samples),
        )

    def demote(self, name: str, *, by: str, why: str, anyway: bool = False) -> Demotion:
        """Take a promotion back; with `anyway`, also while others use the view. Raises UnknownView, NotPromoted,
        StillUsed.
        """
        (view,) = self._named([name])
        wish = Wish(by=by, why=why, anyway=anyway)
        return demote(view, wish, now=self.facts.now(), catalog=self.catalog, users=other_users(view, self.facts))

    def search(self, *words: str, entity: str = "", label: str = "") -> list[FeatureCard]:
        """The features on whose card all words stand, of an entity and with a label."""
        cards = feature_cards(self.views(), facts=self.facts, catalog=self.catalog)
        return search(cards, words=words, entity=snake_case(entity), label=label)

    def _check(self, view: View, samples: int) -> ViewCheck:
        return self.features.check(view, scratch=self.scratch(), samples=samples)

    def _named(self, names: Sequence[str]) -> list[View]:
        views = {view.name: view for view in self.views()}
        wanted = [snake_case(name) for name in names] or list(views)
        for name in wanted:
            if name not in views:
                raise UnknownView(f"There is no applied view {name!r}.", next_step=did_you_mean(name, views))
        return [views[name] for name in wanted]
