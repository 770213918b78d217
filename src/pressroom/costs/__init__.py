"""What was used, and what that cost: usage, the meter that counts it, price books, bills, the price of quality.

Usage is counted where it arises and priced later, by a price book that has a version: an old bill can be written again.
Usage is kept as facts. Who may spend how much is decided elsewhere.
"""

from pressroom.costs.bill import Bill, Line, bill
from pressroom.costs.cost_of_quality import cost_of_a_point
from pressroom.costs.device import Device
from pressroom.costs.errors import InvalidPriceBook, NoSuchProcess, NotMeasuring
from pressroom.costs.meter import Meter, usage_of_process
from pressroom.costs.price_book import Price, PriceBook, default_price_book, read_price_book
from pressroom.costs.usage import GIB, Usage
from pressroom.costs.usage_fact import USAGE, usage_row, usages_of

__all__ = [
    "GIB",
    "USAGE",
    "Bill",
    "Device",
    "InvalidPriceBook",
    "Line",
    "Meter",
    "NoSuchProcess",
    "NotMeasuring",
    "Price",
    "PriceBook",
    "Usage",
    "bill",
    "cost_of_a_point",
    "default_price_book",
    "read_price_book",
    "usage_of_process",
    "usage_row",
    "usages_of",
]
