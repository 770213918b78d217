"""Promoting: a view becomes available to other teams, once they can rely on it."""

from collections.abc import Callable
from dataclasses import dataclass

from pressroom.catalog import Catalog, StageChange
from pressroom.features import View, ViewCheck, reference_to
from pressroom.values import Instant, PressroomError
from pressroom.workspace.errors import NotPromoted


@dataclass(frozen=True, slots=True, kw_only=True)
class Promotion:
    """A view that is shared: who promoted it, when and why, and what its check found."""

    view: View
    change: StageChange


def promote(
    view: View, *, by: str, why: str, now: Instant, catalog: Catalog, check: Callable[[View], ViewCheck]
) -> Promotion:
    """Move a view to the stage `shared`, and write down who did it and why (the view's intent, if nothing is said).

    Refuses with NotPromoted, naming all that is missing at once: documentation, an owner, an intent, the two promises,
    a passing check. A view that is shared already stays as it is.
    """
    reference = reference_to(view)
    life = catalog.stages.life(reference)
    if life.stage() == "shared":
        return Promotion(view=view, change=life.changes[-1])
    if not by.strip():
        raise NotPromoted(f"Nobody promotes {view.name}.", next_step="Say who: --by WHO.")
    found, proof = _checked(view, check)
    wrong = [*missing(view), *found]
    if wrong:
        raise NotPromoted(
            f"{view.name} stays private. {' '.join(wrong)}", next_step=_next_step(view, checked=not found)
        )
    change = StageChange(stage="shared", by=by.strip(), at=now, why=why.strip() or view.intent, proof=proof)
    catalog.stages.move(reference, change)
    return Promotion(view=view, change=change)


def missing(view: View) -> list[str]:
    """What a view lacks that others must be able to rely on, one sentence each."""
    lacks = {
        "It has no documentation.": not view.doc.strip(),
        "It has no owner.": not view.owner.strip(),
        "It has no intent: what it may be relied on for.": not view.intent,
        "It promises no freshness.": view.freshness_us is None,
        "It promises no availability.": view.availability is None,
    }
    return [sentence for sentence, lacking in lacks.items() if lacking]


def refuse_broken_promises(view: View, *, catalog: Catalog) -> None:
    """Raise NotPromoted where a view that is shared would lose what it was promoted with."""
    lost = missing(view)
    if lost and catalog.stages.of(reference_to(view)) == "shared":
        raise NotPromoted(
            f"{view.name} is shared, and others rely on what it would lose. {' '.join(lost)}",
            next_step="Say it again in the definition of the view.",
        )


def _checked(view: View, check: Callable[[View], ViewCheck]) -> tuple[list[str], str]:
    """What stands against the view on the data that there are, and what the check found."""
    try:
        found = check(view)
    except PressroomError as error:
        return [f"Its check could not be made: {error.message}"], ""
    if not found.checked:
        return ["Its check had no facts to go by."], found.words()
    if found.unequal:
        return [f"Its check failed: {found.words()}."], found.words()
    return [], found.words()


def _next_step(view: View, *, checked: bool) -> str:
    said = (
        'Say it in the definition (a docstring, owner="...", intent="...", freshness="2h", availability=0.999), '
        "and apply."
    )
    looked = f"Look at the check: pressroom features-check {view.name}."
    return " ".join([*([said] if missing(view) else []), *([] if checked else [looked])])
