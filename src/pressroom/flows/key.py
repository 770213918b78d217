"""Keys: what decides a step's result. Equal keys, equal results; this is the one rule of cache, retry and resume."""

from collections.abc import Mapping
from dataclasses import dataclass

from pressroom.flows.code.reach import Reach
from pressroom.values import Digest, digest_document

_RULE = 1
"""Counted up when what is in a key changes its meaning."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """The parts of a key, each by name: digests of code, of what globals and closures hold and of arguments, and the
    versions of the environment. `unknown` says, in words, what has no digest: then there is no key to go by.
    """

    step: str
    code: Mapping[str, Digest]
    values: Mapping[str, Digest]
    arguments: Mapping[str, Digest]
    environment: Mapping[str, str]
    unknown: tuple[str, ...] = ()
    rule: int = _RULE

    def digest(self) -> Digest:
        """Its identity."""
        return digest_document(self)


def key_of(step: str, reached: Reach, arguments: Mapping[str, Digest], *, image: str = "") -> Key:
    """The key of a call of a step whose code was looked at. Where it runs has no part in it, but for its image."""
    return Key(
        step=step,
        code=reached.pieces,
        values=reached.values,
        arguments=arguments,
        environment={**reached.environment, "the image": image} if image else reached.environment,
        unknown=reached.unknown,
    )


def difference(new: Key, old: Key) -> str:
    """What of a key is new, as a phrase: "the code of flow.clean changed; numpy is 2.4.6, was 2.3.0"."""
    said = [
        *_changes(new.code, old.code, "the code of {}"),
        *_changes(new.values, old.values, "what {} holds"),
        *_changes(new.arguments, old.arguments, "the argument {}"),
        *(
            f"{name} is {new.environment.get(name, 'not needed')}, was {old.environment.get(name, 'not needed')}"
            for name in sorted({*new.environment, *old.environment})
            if new.environment.get(name) != old.environment.get(name)
        ),
    ]
    if new.rule != old.rule:
        said.append("the rule of keys itself changed")
    return "; ".join(said)


def closeness(new: Key, old: Key) -> int:
    """How many parts two keys have in common: an older call with the most of them is the one to compare with."""
    pairs = ((new.code, old.code), (new.values, old.values), (new.arguments, old.arguments))
    return sum(len(one.items() & other.items()) for one, other in pairs)


def _changes(new: Mapping[str, Digest], old: Mapping[str, Digest], words: str) -> list[str]:
    verbs = {(True, True): "changed", (True, False): "is new", (False, True): "is gone"}
    return [
        f"{words.format(name)} {verbs[name in new, name in old]}"
        for name in sorted({*new, *old})
        if new.get(name) != old.get(name)
    ]
