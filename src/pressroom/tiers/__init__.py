"""Who may work now: tiers, quotas, the decision who starts and who makes room, and a simulator of just that.

Pure decisions on values: nothing here starts or stops anything, or knows what the work is. It stands beside `stats`,
below the ports, so that the runs of one machine, the simulator, and a backend that hands work to a cluster's own queue
all speak of the same tiers.
"""

from pressroom.tiers.admit import LOOK, Decisions, admit
from pressroom.tiers.machine import Machine
from pressroom.tiers.queue import Queue
from pressroom.tiers.reason import Wait, impossible, reason_for, waits
from pressroom.tiers.rules import Quota, Rules
from pressroom.tiers.share import NOTHING, Share
from pressroom.tiers.simulate import Done, Replay, Traced, replay
from pressroom.tiers.tier import RANK, TIERS, Tier, tier_named
from pressroom.tiers.trace import KINDS, Kind, synthetic_trace
from pressroom.tiers.work import Waiting, Working, is_lower, started

__all__ = [
    "KINDS",
    "LOOK",
    "NOTHING",
    "RANK",
    "TIERS",
    "Decisions",
    "Done",
    "Kind",
    "Machine",
    "Queue",
    "Quota",
    "Replay",
    "Rules",
    "Share",
    "Tier",
    "Traced",
    "Wait",
    "Waiting",
    "Working",
    "admit",
    "impossible",
    "is_lower",
    "reason_for",
    "replay",
    "started",
    "synthetic_trace",
    "tier_named",
    "waits",
]
