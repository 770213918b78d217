"""Demoting: a promotion is taken back. The view is its owner's alone again."""

from dataclasses import dataclass

from pressroom.catalog import Catalog, StageChange
from pressroom.features import View, ViewUser, reference_to
from pressroom.values import Instant
from pressroom.workspace.errors import NotPromoted, StillUsed


@dataclass(frozen=True, slots=True, kw_only=True)
class Demotion:
    """A view that is private again: who took it back, when and why, and who used it until then."""

    view: View
    change: StageChange
    users: tuple[ViewUser, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Who wants a view to be private again, and why; `anyway`: also while others use it."""

    by: str
    why: str
    anyway: bool = False


def demote(view: View, wish: Wish, *, now: Instant, catalog: Catalog, users: tuple[ViewUser, ...]) -> Demotion:
    """Move a view back to the stage `private`, and write down who did it and why.

    What uses it goes on running as it is; it can't be trained or pushed again by others. Raises NotPromoted for a view
    that is not shared, and StillUsed, naming everybody, while others (`users`) use it.
    """
    reference = reference_to(view)
    if catalog.stages.of(reference) != "shared":
        raise NotPromoted(f"{view.name} is not shared.", next_step="There is nothing to take back.")
    by, why = wish.by.strip(), " ".join(wish.why.split())
    if not by or not why:
        raise NotPromoted(f"Nobody says who demotes {view.name}, or why.", next_step="Say both: --by WHO --why WHY.")
    if users and not wish.anyway:
        raise StillUsed(
            f"{view.name} is used by {' and by '.join(user.words() for user in users)}.",
            next_step="Agree with them first; --anyway takes it from them: what runs goes on, but is not trained or "
            "pushed again.",
        )
    proof = f"used by {', '.join(user.owner for user in users)}" if users else "used by nobody else"
    change = StageChange(stage="private", by=by, at=now, why=why, proof=proof)
    catalog.stages.move(reference, change)
    return Demotion(view=view, change=change, users=users)
