"""Plans: what applying definitions would change, before anything is changed. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

from msgspec import UnsetType

from pressroom.values import Change, FactSchema, FieldSchema, digest_document
from pressroom.workspace.broken import Broken, Lost
from pressroom.workspace.definitions import Definitions

Action = Literal["create", "change", "keep"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing and what would become of it. `breaks`: consumers of the old one can't go on unchanged."""

    kind: Literal["fact", "view"]
    name: str
    action: Action
    why: str
    breaks: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Every fact and view of a project, what would become of it, and which consumers in use that would break."""

    steps: tuple[Step, ...]
    broken: tuple[Broken, ...] = ()

    def changes(self) -> tuple[Step, ...]:
        """The steps that do something."""
        return tuple(step for step in self.steps if step.action != "keep")


def plan(
    definitions: Definitions,
    *,
    facts: Mapping[str, FactSchema],
    views: Mapping[str, str],
    reworded: Collection[str] = (),
    lost: Lost | None = None,
) -> Plan:
    """Compare definitions with what is applied: `facts` by name, and the digests of `views` by name. Views that are
    `reworded` answer as before, but something else is said about them. `lost` are the features that do not stay as they
    are, where that is known; a view that only gets more of them breaks nobody.
    """
    steps = [_fact_step(fact, facts.get(fact.name)) for fact in definitions.facts.values()]
    for view in definitions.views.values():
        applied = views.get(view.name)
        if applied is None:
            step = Step(kind="view", name=view.name, action="create", why="new; filled from all facts there are")
        elif applied != view.digest():
            step = _view_step(view.name, lost)
        elif view.name in reworded:
            step = Step(kind="view", name=view.name, action="change", why="its owner, words or promises changed")
        else:
            step = Step(kind="view", name=view.name, action="keep", why="unchanged")
        steps.append(step)
    return Plan(steps=tuple(steps))


def _view_step(name: str, lost: Lost | None) -> Step:
    anew = "filled anew beside the old one"
    if lost is None:
        return Step(kind="view", name=name, action="change", why=f"its features changed; {anew}", breaks=True)
    said = [f"{feature} {what}" for feature, what in lost.items() if feature.startswith(f"{name}.")]
    why = f"{'; '.join(said) or 'no feature that was there changed'}; {anew}"
    return Step(kind="view", name=name, action="change", why=why, breaks=bool(said))


def _fact_step(fact: FactSchema, applied: FactSchema | None) -> Step:
    if applied is None:
        return Step(kind="fact", name=fact.name, action="create", why="new")
    if digest_document(applied) == digest_document(fact):
        return Step(kind="fact", name=fact.name, action="keep", why="unchanged")
    change, why = evolution(applied, fact)
    return Step(kind="fact", name=fact.name, action="change", why=why, breaks=change is Change.MAJOR)


def evolution(old: FactSchema, new: FactSchema) -> tuple[Change, str]:
    """How a fact type changed: a new optional field is compatible, words are a patch, anything else breaks."""
    before = {field.name: field for field in old.fields}
    after = {field.name: field for field in new.fields}
    broken = [f"{name} is gone" for name in before if name not in after]
    broken += [f"{name} is new and required" for name, f in after.items() if name not in before and not f.optional]
    broken += [f"{name} changed" for name in before if name in after and _means(before[name]) != _means(after[name])]
    broken += [
        f"{name} {why}" for name in before if name in after and (why := _other_values(before[name], after[name]))
    ]
    if broken:
        return Change.MAJOR, "; ".join(broken)
    added = [name for name in after if name not in before]
    if added:
        return Change.MINOR, f"new optional: {', '.join(added)}"
    return Change.PATCH, "words, labels, purposes or checks changed"


def _means(field: FieldSchema) -> tuple[str, str, bool, str | None, int]:
    length = 0 if isinstance(field.length, UnsetType) else field.length
    return field.type, field.unit, field.optional, field.entity, length


def _other_values(old: FieldSchema, new: FieldSchema) -> str:
    """How the texts changed that a field may hold. A value more breaks, too: who knew all there were meets another."""
    before, after = ((None if isinstance(f.values, UnsetType) else set(f.values)) for f in (old, new))
    if before is None or after is None:
        return "" if before is after else "may be any text now" if after is None else "is one of few texts now"
    gone, fresh = sorted(before - after), sorted(after - before)
    return " and ".join(
        [*([f"may be {', '.join(fresh)} now"] if fresh else []), *([f"is never {', '.join(gone)} now"] if gone else [])]
    )
