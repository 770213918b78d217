"""Promises: what an endpoint owes those who ask it, and who answers when it can't."""

from dataclasses import dataclass, field
from typing import Literal

from pressroom.values import Digest, InvalidInput

Tier = Literal["high", "normal", "low"]
TIERS: tuple[Tier, ...] = ("high", "normal", "low")
"""From the one that is served first to the one that is shed first."""

FallbackKind = Literal["previous", "baseline", "constant"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fallback:
    """Who answers instead. Of a model, `model`, `version` and `digest` say which; a push settles them."""

    kind: FallbackKind
    value: float = 0.0
    model: str = ""
    version: str = ""
    digest: Digest = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CanaryPromise:
    """What a canary must keep to stay, judged from `least` of its answers on.

    `most_errors` is a share of its answers (errors and fallbacks); `most_slower` is how many times the others' 99th
    percentile its own may be; `most_shift` is how far the mean prediction may be from the others' (None: any);
    `most_worse` is how much larger the mean squared error of its predictions may be than the others', against the
    outcomes that have come in (None: nobody looks).
    """

    least: int = 100
    most_errors: float = 0.01
    most_slower: float = 3.0
    most_shift: float | None = None
    most_worse: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """What an endpoint promises.

    An answer comes within `deadline_ms` (a request may ask for less), from features whose newest fact is at most
    `stale_after_s` old (None: however old), or one of `fallbacks` answers, the first that can. `tier` says who is shed
    first under overload, `most_waiting` how many requests may wait at once, `log_share` which part of the answers is
    written down.
    """

    deadline_ms: int = 1_000
    tier: Tier = "normal"
    most_waiting: int = 256
    fallbacks: tuple[Fallback, ...] = ()
    stale_after_s: float | None = None
    log_share: float = 1.0
    canary: CanaryPromise = field(default_factory=CanaryPromise)

    def __post_init__(self) -> None:
        """Refuse what no server could keep."""
        if not 1 <= self.deadline_ms <= 3_600_000:
            raise InvalidInput(f"A deadline of {self.deadline_ms} ms.", next_step="Give 1 ms to 1 h.")
        if not 0.0 <= self.log_share <= 1.0:
            raise InvalidInput(f"A log share of {self.log_share}.", next_step="Give a share from 0 to 1.")
        if self.most_waiting < 1:
            raise InvalidInput(f"{self.most_waiting} requests may wait.", next_step="Let at least one wait.")
        if self.tier not in TIERS:
            raise InvalidInput(f"{self.tier!r} is no tier.", next_step=f"Choose of {', '.join(TIERS)}.")


def fallback_of(said: str | float) -> Fallback:
    """A fallback as it is declared: "previous", "baseline", or the number to answer."""
    if said == "previous":
        return Fallback(kind="previous")
    if said == "baseline":
        return Fallback(kind="baseline")
    if isinstance(said, int | float) and not isinstance(said, bool):
        return Fallback(kind="constant", value=float(said))
    raise InvalidInput(f"{said!r} is no fallback.", next_step='Write "previous", "baseline" or a number.')
