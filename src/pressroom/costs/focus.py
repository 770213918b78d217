"""FOCUS: charges as rows of the FinOps Open Cost and Usage Specification, 1.2, for whoever reads bills of many makers.

A charge becomes a row for each thing that it is billed for: cores, memory, GPUs, bytes written and read. What kept
results saved is nobody's cost, and is left out. Our own columns begin with `x_`.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from pressroom.costs.charge import Charge
from pressroom.costs.price_book import PriceBook
from pressroom.costs.statement import BookOf
from pressroom.values import MICROSECONDS, Instant

FOCUS_COLUMNS: tuple[str, ...] = (
    "BilledCost", "BillingAccountId", "BillingAccountName", "BillingCurrency", "BillingPeriodStart",
    "BillingPeriodEnd", "ChargeCategory", "ChargeClass", "ChargeDescription", "ChargeFrequency", "ChargePeriodStart",
    "ChargePeriodEnd", "ConsumedQuantity", "ConsumedUnit", "ContractedCost", "ContractedUnitPrice", "EffectiveCost",
    "InvoiceIssuerName", "ListCost", "ListUnitPrice", "PricingCategory", "PricingQuantity", "PricingUnit",
    "ProviderName", "PublisherName", "ResourceId", "ResourceName", "ResourceType", "ServiceCategory", "ServiceName",
    "SkuId", "SubAccountId", "SubAccountName", "Tags", "x_book", "x_flow", "x_kind", "x_model", "x_run", "x_step",
    "x_team", "x_tier",
)  # fmt: skip
_UNITS = {"cpu": "Core-Seconds", "memory": "GiB-Seconds", "gpu": "GPU-Seconds", "written": "GiB", "read": "GiB"}
_CATEGORY = {"cpu": "Compute", "memory": "Compute", "gpu": "Compute", "written": "Storage", "read": "Storage"}
_WHO = "Pressroom"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """One thing that a charge is billed for."""

    name: str
    quantity: float
    unit_usd: float
    usd: float


def focus_rows(charges: Iterable[Charge], book_of: BookOf, *, account: str) -> Iterator[dict[str, str]]:
    """The rows, each with all columns as text; null is "". Costs are in US dollars, times in UTC, whole seconds."""
    for charge in charges:
        if charge.kind == "cached":
            continue
        book = book_of(charge.at)
        for part in _parts(charge, book):
            yield _row(charge, part, book, account)


def _parts(charge: Charge, book: PriceBook) -> Iterator[_Part]:
    billed = book.formula.billed(charge.usage, charge.asked)
    prices = {
        "cpu": (billed.cpu_s, book.usd_per_cpu_s),
        "memory": (billed.gib_s, book.usd_per_gib_s),
        "gpu": (billed.gpu_s, book.usd_per_gpu_s),
        "written": (billed.written_gib, book.usd_per_gib_written),
        "read": (billed.read_gib, book.usd_per_gib_read),
    }
    for name, usd in book.price(charge.usage, charge.asked).parts:
        quantity, unit_usd = prices[name]
        if quantity > 0:
            yield _Part(name=name, quantity=quantity, unit_usd=unit_usd, usd=usd)


def _row(charge: Charge, part: _Part, book: PriceBook, account: str) -> dict[str, str]:
    begun = int(charge.at - charge.usage.wall_s * MICROSECONDS) // MICROSECONDS
    # The end is exclusive, and seconds are whole: a charge of no time has one.
    end = max(begun + 1, -(-charge.at // MICROSECONDS))
    first, next_first = _month(begun)
    cost, price = repr(part.usd), repr(part.unit_usd)
    tags = {"flow": charge.flow, "model": charge.model, "step": charge.step, "team": charge.team, "tier": charge.tier}
    sku = f"{part.name}-second" if part.name in ("cpu", "memory", "gpu") else f"gib-{part.name}"
    return {
        "BilledCost": cost,
        "BillingAccountId": account,
        "BillingAccountName": account,
        "BillingCurrency": book.currency.upper(),
        "BillingPeriodStart": _text(first),
        "BillingPeriodEnd": _text(next_first),
        "ChargeCategory": "Usage",
        "ChargeClass": "",
        "ChargeDescription": f"{part.name} of {charge.step} in {charge.run}",
        "ChargeFrequency": "Usage-Based",
        "ChargePeriodStart": _text(begun),
        "ChargePeriodEnd": _text(end),
        "ConsumedQuantity": repr(part.quantity),
        "ConsumedUnit": _UNITS[part.name],
        "ContractedCost": cost,
        "ContractedUnitPrice": price,
        "EffectiveCost": cost,
        "InvoiceIssuerName": _WHO,
        "ListCost": cost,
        "ListUnitPrice": price,
        "PricingCategory": "Standard",
        "PricingQuantity": repr(part.quantity),
        "PricingUnit": _UNITS[part.name],
        "ProviderName": _WHO,
        "PublisherName": _WHO,
        "ResourceId": f"{charge.run}/{charge.step}",
        "ResourceName": charge.step,
        "ResourceType": "Step",
        "ServiceCategory": _CATEGORY[part.name],
        "ServiceName": _WHO,
        "SkuId": sku,
        "SubAccountId": charge.team,
        "SubAccountName": charge.team,
        "Tags": json.dumps({name: value for name, value in tags.items() if value}, sort_keys=True),
        "x_book": book.version,
        "x_flow": charge.flow,
        "x_kind": charge.kind,
        "x_model": charge.model,
        "x_run": charge.run,
        "x_step": charge.step,
        "x_team": charge.team,
        "x_tier": charge.tier,
    }


def _month(second: int) -> tuple[int, int]:
    """The month in which a second lies: its first second, and the first one after it."""
    at = datetime.fromtimestamp(second, tz=UTC)
    first = datetime(at.year, at.month, 1, tzinfo=UTC)
    after = datetime(at.year + at.month // 12, at.month % 12 + 1, 1, tzinfo=UTC)
    return int(first.timestamp()), int(after.timestamp())


def _text(second: Instant) -> str:
    return datetime.fromtimestamp(second, tz=UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
