"""Sample facts for a new project: a shop that delivers, for sixty days. The same ones every time.

Stores differ, have good and bad days, and suffer from the evening; far and large orders are late more often. So there
is something to learn that the mean of a store does not say.
"""

import json
import math
from dataclasses import dataclass
from random import Random

from pressroom.values import MICROSECONDS, Instant, format_instant, parse_instant

START = "2025-03-01T00:00Z"
END = "2025-04-30T00:00Z"
"""Orders from here on have not been placed yet: they are what the endpoint is asked about."""

_SEED = 20250301
_ORDERS_A_DAY = 80
_ORDERS_ASKED_ABOUT = 400
_CUSTOMERS = 500
_QUARTERS = ("harbour", "mill", "station", "castle", "garden", "bridge", "market", "hill")
_HOURS = (11, 12, 12, 13, 13, 14, 16, 17, 18, 18, 19, 19, 19, 20, 20, 21)
_DAY = 86_400 * MICROSECONDS
_MINUTE = 60 * MICROSECONDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """An order, and when and how late it arrived."""

    number: int
    placed: Instant
    customer: str
    store: str
    amount: float
    items: int
    distance: float
    hour: int
    minutes_late: float

    def arrived(self) -> Instant:
        """When: deliveries are promised within the hour."""
        return self.placed + round((60 + self.minutes_late) * _MINUTE)


def sample_files() -> dict[str, str]:
    """The sample files by name: facts of sixty days, the day after as requests, and how that day turned out."""
    orders = _orders()
    end = parse_instant(END)
    past = [order for order in orders if order.placed < end]
    arrived = sorted(orders, key=Order.arrived)
    asked = [order for order in orders if order.placed >= end]
    return {
        "ordered.csv": _ordered(past),
        "delivered.csv": _delivered([order for order in arrived if order.arrived() < end]),
        "requests.jsonl": "".join(f"{json.dumps(_request(order))}\n" for order in asked),
        "delivered_later.csv": _delivered([order for order in arrived if order.arrived() >= end]),
    }


def _orders() -> list[Order]:
    draw = Random(_SEED)
    distances = [0.4 + 5.6 * draw.random() ** 1.5 for _ in range(_CUSTOMERS)]
    slowness = {quarter: -3.0 + 6.0 * draw.random() for quarter in _QUARTERS}
    trouble = dict.fromkeys(_QUARTERS, 0.0)
    orders: list[Order] = []
    start, end = parse_instant(START), parse_instant(END)
    for day in range(start, end + _DAY, _DAY):
        trouble = {quarter: 0.93 * trouble[quarter] + _normal(draw, 2.5) for quarter in _QUARTERS}
        moments = sorted(_moment(draw, day) for _ in range(_ORDERS_A_DAY if day < end else _ORDERS_ASKED_ABOUT))
        for moment in moments:
            customer = int(_CUSTOMERS * draw.random() ** 1.7)
            quarter = _QUARTERS[customer % len(_QUARTERS)]
            delay = slowness[quarter] + trouble[quarter]
            orders.append(_order(draw, len(orders) + 1, moment, customer, distances[customer], delay))
    return orders


def _order(draw: Random, number: int, placed: Instant, customer: int, distance: float, delay: float) -> Order:
    items = 1 + int(9 * draw.random() ** 2)
    hour = placed % _DAY // (60 * _MINUTE)
    rush = 6.0 if 18 <= hour <= 20 else 0.0
    late = delay + rush + 3.5 * distance + 1.8 * items - 7.0 + _normal(draw, 5.0)
    return Order(
        number=number,
        placed=placed,
        customer=f"c{customer + 1:03}",
        store=_QUARTERS[customer % len(_QUARTERS)],
        amount=round(items * (4.0 + 9.0 * draw.random()), 2),
        items=items,
        distance=round(distance, 1),
        hour=int(hour),
        minutes_late=round(max(late, -40.0), 1),
    )


def _moment(draw: Random, day: Instant) -> Instant:
    hour = _HOURS[int(len(_HOURS) * draw.random())]
    return day + (hour * 3_600 + int(3_600 * draw.random())) * MICROSECONDS


def _normal(draw: Random, spread: float) -> float:
    # By Box and Muller, from `random` alone: of all draws, only those are promised to stay the same in later Pythons.
    return spread * math.sqrt(-2.0 * math.log(1.0 - draw.random())) * math.cos(2.0 * math.pi * draw.random())


def _request(order: Order) -> dict[str, object]:
    return {
        "order": _number(order),
        "customer": order.customer,
        "store": order.store,
        "amount": order.amount,
        "items": order.items,
        "distance": order.distance,
        "hour": order.hour,
    }


def _ordered(orders: list[Order]) -> str:
    lines = [
        f"{format_instant(o.placed)},{_number(o)},{o.customer},{o.store},{o.amount},{o.items},{o.distance},{o.hour}"
        for o in orders
    ]
    return "\n".join(["event,order,customer,store,amount,items,distance,hour", *lines, ""])


def _delivered(orders: list[Order]) -> str:
    lines = [f"{format_instant(o.arrived())},{_number(o)},{o.customer},{o.store},{o.minutes_late}" for o in orders]
    return "\n".join(["event,order,customer,store,minutes_late", *lines, ""])


def _number(order: Order) -> str:
    return f"o{order.number:05}"
