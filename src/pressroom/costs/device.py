"""What a second of a machine that one owns costs."""

from dataclasses import dataclass

_S_AN_HOUR = 3600
_DAYS_A_YEAR = 365


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A machine bought once, used for some years, some hours a day, and fed with power.

    `watts_per_core` is what one busy core adds to the idle machine.
    """

    device_usd: float
    years: float
    hours_per_day: float
    cores: int
    watts_per_core: float
    usd_per_kwh: float

    def usd_per_cpu_s(self) -> float:
        """The price of one busy core for one second: power plus the second's share of the machine.

        watts_per_core / 1000 * usd_per_kwh / 3600 + device_usd / (years * 365 * hours_per_day * 3600 * cores)
        """
        power = self.watts_per_core / 1000 * self.usd_per_kwh / _S_AN_HOUR
        core_seconds = self.years * _DAYS_A_YEAR * self.hours_per_day * _S_AN_HOUR * self.cores
        return power + self.device_usd / core_seconds
