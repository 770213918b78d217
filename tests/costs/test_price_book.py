"""Price books are read strictly and price by hand-checkable sums."""

import math

import pytest

from pressroom.costs import GIB, InvalidPriceBook, Usage, default_price_book, read_price_book
from pressroom.values import parse_instant

HEAD = """
version = "v1"
valid_from = 2025-01-01T00:00:00Z
currency = "usd"
doc = "A test."
"""
PRICES = """
[prices]
usd_per_cpu_s = 0.25
usd_per_gib_s = 0.5
usd_per_gib_written = 2
usd_per_gib_read = 1.0
"""
DEVICE = """
[device]
device_usd = 1000
years = 1
hours_per_day = 24
cores = 1
watts_per_core = 1000.0
usd_per_kwh = 36.0
"""


def test_each_kind_of_use_has_its_part_in_the_price():
    usage = Usage(cpu_s=4.0, wall_s=2.0, peak_bytes=3 * GIB, read_bytes=5 * GIB, written_bytes=GIB // 2)
    price = read_price_book(HEAD + PRICES).price(usage)
    assert price.parts == (("cpu", 1.0), ("memory", 3.0), ("gpu", 0.0), ("written", 1.0), ("read", 5.0))
    assert price.usd == 10.0


def test_nothing_used_costs_nothing():
    assert read_price_book(HEAD + PRICES).price(Usage()).usd == 0.0


def test_a_device_gives_the_price_of_its_processor_seconds():
    book = read_price_book(HEAD + PRICES.replace("usd_per_cpu_s = 0.25\n", "") + DEVICE)
    assert book.usd_per_cpu_s == pytest.approx(0.01 + 1000 / 31_536_000)


def test_the_laptop_book_charges_power_and_wear():
    book = default_price_book()
    assert book.usd_per_cpu_s == pytest.approx(0.3 * 0.008 / 3600 + 1600 / (4 * 365 * 8 * 3600 * 8))
    assert book.valid_from == parse_instant("2025-01-01T00:00Z")
    assert math.isclose(book.usd_per_cpu_s, 5.42e-6, rel_tol=1e-3)


def test_the_start_may_be_written_as_text():
    book = read_price_book(HEAD.replace("2025-01-01T00:00:00Z", '"2025-01-01T01:00+01:00"') + PRICES)
    assert book.valid_from == parse_instant("2025-01-01T00:00Z")


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (HEAD.replace('version = "v1"\n', "") + PRICES, "version"),
        (HEAD.replace('"v1"', "1") + PRICES, "version"),
        (HEAD.replace('"usd"', '"eur"') + PRICES, "currency"),
        (HEAD.replace("00:00:00Z", "00:00:00") + PRICES, "valid_from"),
        (HEAD.replace("2025-01-01T00:00:00Z", "3") + PRICES, "valid_from"),
        (HEAD + "colour = 1\n" + PRICES, "colour"),
        (HEAD, "prices"),
        (HEAD + "prices = 3\n", "prices"),
        (HEAD + PRICES.replace("usd_per_gib_read = 1.0\n", ""), "prices.usd_per_gib_read"),
        (HEAD + PRICES + "usd_per_smile = 1\n", "prices.usd_per_smile"),
        (HEAD + PRICES.replace("0.25", "-0.25"), "prices.usd_per_cpu_s"),
        (HEAD + PRICES.replace("0.25", "nan"), "prices.usd_per_cpu_s"),
        (HEAD + PRICES.replace("0.25", "true"), "prices.usd_per_cpu_s"),
        (HEAD + PRICES + DEVICE, "prices.usd_per_cpu_s"),
        (
            HEAD + PRICES.replace("usd_per_cpu_s = 0.25\n", "") + DEVICE.replace("years = 1", "years = 0"),
            "device.years",
        ),
        (
            HEAD + PRICES.replace("usd_per_cpu_s = 0.25\n", "") + DEVICE.replace("cores = 1", "cores = 1.5"),
            "device.cores",
        ),
        (HEAD + PRICES.replace("usd_per_cpu_s = 0.25\n", "") + DEVICE.replace("years = 1\n", ""), "device.years"),
        ("version = ", "TOML"),
    ],
)
def test_a_wrong_book_is_refused_and_the_field_named(text, named):
    with pytest.raises(InvalidPriceBook, match=named):
        read_price_book(text)
