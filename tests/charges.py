"""Charges for tests of bills: made by hand, and of any kind."""

from dataclasses import replace

from hypothesis import strategies as st

from pressroom.costs import KINDS, Charge, Usage, default_price_book
from pressroom.tiers import Share
from pressroom.values import MICROSECONDS

DAY = 86_400 * MICROSECONDS
BOOK = replace(default_price_book(), usd_per_cpu_s=1.0, usd_per_gib_s=0.5, usd_per_gpu_s=2.0, valid_from=0, version="1")

USAGES = st.builds(Usage, cpu_s=st.floats(0, 1e5), wall_s=st.floats(0, 1e5), peak_bytes=st.integers(0, 10**11))
CHARGES = st.builds(
    Charge, at=st.integers(0, 10 * DAY), run=st.sampled_from("rs"), step=st.sampled_from("ab"),
    team=st.sampled_from(["", "ads", "maps"]), flow=st.sampled_from("fg"), tier=st.sampled_from(["batch", "backfill"]),
    model=st.sampled_from(["", "m"]), kind=st.sampled_from(KINDS), usage=USAGES,
    asked=st.builds(Share, cpu=st.sampled_from([0.0, 1.0, 2.5]), memory_bytes=st.sampled_from([0, 1 << 30])),
)  # fmt: skip


def charge(at=0, *, cpu_s=1.0, wall_s=1.0, asked=0.0, kind="useful", team="ads"):
    return Charge(at=at, run="r", step="s", team=team, flow="f", tier="batch", model="", kind=kind,
                  usage=Usage(cpu_s=cpu_s, wall_s=wall_s), asked=Share(cpu=asked))  # fmt: skip
