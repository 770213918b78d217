"""Price books: what a unit of use costs, from when on, under which version."""

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from importlib import resources

from pressroom.costs.device import Device
from pressroom.costs.errors import InvalidPriceBook
from pressroom.costs.formula import Formula, read_formula
from pressroom.costs.usage import Usage
from pressroom.tiers import NOTHING, Share
from pressroom.values import Instant, InvalidInput, parse_instant

_HEAD = ("version", "valid_from", "currency", "doc")
_PRICES = ("usd_per_cpu_s", "usd_per_gib_s", "usd_per_gib_written", "usd_per_gib_read")
_MAY = {"usd_per_gpu_s": 0.0, "usd_per_gib_month": 0.0}
"""Prices that a book may leave out: what they are then."""
_DEVICE = tuple(each.name for each in fields(Device))


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What a usage costs, and its parts: cpu, memory, gpu, written, read. `usd` is their exact sum, rounded once."""

    usd: float
    parts: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceBook:
    """US dollars: per CPU second, per GiB held for a second, per GPU second, per GiB written, per GiB read, and
    per GiB kept on disk for a month of 30 days. `formula` says what of all that was counted is billed.

    `device` is what the price of a CPU second was worked out from, or None if that was given.
    """

    version: str
    valid_from: Instant
    currency: str
    doc: str
    usd_per_cpu_s: float
    usd_per_gib_s: float
    usd_per_gib_written: float
    usd_per_gib_read: float
    device: Device | None = None
    usd_per_gpu_s: float = 0.0
    usd_per_gib_month: float = 0.0
    formula: Formula = field(default_factory=Formula)

    def price(self, usage: Usage, asked: Share = NOTHING) -> Price:
        """What `usage` costs, of work for which `asked` was kept."""
        billed = self.formula.billed(usage, asked)
        parts = (
            ("cpu", billed.cpu_s * self.usd_per_cpu_s),
            ("memory", billed.gib_s * self.usd_per_gib_s),
            ("gpu", billed.gpu_s * self.usd_per_gpu_s),
            ("written", billed.written_gib * self.usd_per_gib_written),
            ("read", billed.read_gib * self.usd_per_gib_read),
        )
        return Price(usd=math.fsum(usd for _, usd in parts), parts=parts)


def read_price_book(text: str) -> PriceBook:
    """A price book from TOML: version, valid_from, currency ("usd"), doc, and the table [prices].

    [prices] has usd_per_cpu_s, usd_per_gib_s, usd_per_gib_written and usd_per_gib_read, and may have usd_per_gpu_s and
    usd_per_gib_month. In place of usd_per_cpu_s there may be a table [device], from which it is worked out: see
    `Device.usd_per_cpu_s`. A table [formula] says what is billed: see `Formula`. Raises InvalidPriceBook for a
    field that is missing, unknown, or no number at least 0, and names it.
    """
    try:
        book = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InvalidPriceBook(f"This price book is no TOML: {error}.", next_step="Correct that line.") from error
    _check_fields(book, (*_HEAD, "prices", *(each for each in ("device", "formula") if each in book)), inside="")
    device = _read_device(book["device"]) if "device" in book else None
    prices = _prices(book["prices"], _PRICES if device is None else _PRICES[1:])
    return PriceBook(
        version=_text(book, "version"),
        valid_from=_instant(book["valid_from"]),
        currency=_dollars(book),
        doc=_text(book, "doc"),
        usd_per_cpu_s=prices["usd_per_cpu_s"] if device is None else device.usd_per_cpu_s(),
        usd_per_gib_s=prices["usd_per_gib_s"],
        usd_per_gib_written=prices["usd_per_gib_written"],
        usd_per_gib_read=prices["usd_per_gib_read"],
        device=device,
        usd_per_gpu_s=prices["usd_per_gpu_s"],
        usd_per_gib_month=prices["usd_per_gib_month"],
        formula=read_formula(book.get("formula", {})),
    )


def default_price_book() -> PriceBook:
    """The book for one's own laptop, `laptop.toml` beside this file."""
    return read_price_book(resources.files("pressroom.costs").joinpath("laptop.toml").read_text(encoding="utf-8"))


def _prices(table: object, wanted: tuple[str, ...]) -> dict[str, float]:
    told = (*wanted, *(name for name in _MAY if isinstance(table, dict) and name in table))
    return {**_MAY, **_numbers(table, told, inside="prices.")}


def _read_device(table: object) -> Device:
    numbers = _numbers(table, _DEVICE, inside="device.")
    for name in ("years", "hours_per_day", "cores"):
        if numbers[name] == 0:
            raise _wrong(f"device.{name}", "more than 0")
    if numbers["cores"] % 1:
        raise _wrong("device.cores", "a whole number")
    return Device(
        device_usd=numbers["device_usd"],
        years=numbers["years"],
        hours_per_day=numbers["hours_per_day"],
        cores=int(numbers["cores"]),
        watts_per_core=numbers["watts_per_core"],
        usd_per_kwh=numbers["usd_per_kwh"],
    )


def _check_fields(table: Mapping[str, object], wanted: tuple[str, ...], *, inside: str) -> None:
    for name in wanted:
        if name not in table:
            raise InvalidPriceBook(f"The price book lacks {inside}{name}.", next_step="Add it.")
    for name in table:
        if name not in wanted:
            raise InvalidPriceBook(
                f"The price book has an unknown field, {inside}{name}.",
                next_step=f"Known here: {', '.join(wanted)}.",
            )


def _numbers(table: object, wanted: tuple[str, ...], *, inside: str) -> dict[str, float]:
    if not isinstance(table, dict):
        raise _wrong(inside[:-1], "a table")
    _check_fields(table, wanted, inside=inside)
    numbers: dict[str, float] = {}
    for name in wanted:
        value = table[name]
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < math.inf:
            raise _wrong(f"{inside}{name}", "a number, at least 0")
        numbers[name] = float(value)
    return numbers


def _text(book: Mapping[str, object], name: str) -> str:
    value = book[name]
    if not isinstance(value, str) or not value.strip():
        raise _wrong(name, "a text")
    return value


def _dollars(book: Mapping[str, object]) -> str:
    currency = _text(book, "currency")
    if currency != "usd":
        raise _wrong("currency", '"usd"')
    return currency


def _instant(value: object) -> Instant:
    text = value.isoformat() if isinstance(value, datetime) else str(value)
    try:
        return parse_instant(text)
    except InvalidInput as error:
        raise _wrong("valid_from", "an instant with a zone, like 2025-01-01T00:00:00Z") from error


def _wrong(name: str, expected: str) -> InvalidPriceBook:
    return InvalidPriceBook(f"{name} in the price book is not {expected}.", next_step=f"Write {expected} there.")
