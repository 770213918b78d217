"""What the demo declares: the facts of a day at three airports, features of them, and the question a passenger asks."""

import pressroom as pr


class Flight(pr.Entity):
    """One flight on one day: carrier, number, local date and origin."""


class Aircraft(pr.Entity):
    """An airframe, known by its tail number."""


class Airport(pr.Entity):
    """An airport, known by its FAA code."""


class Carrier(pr.Entity):
    """An airline, known by its two letters."""


class Scheduled(pr.Fact):
    """A flight was put on sale for an instant."""

    flight: pr.Key[Flight]
    tail: pr.Key[Aircraft] = pr.field(optional=True, doc="the aircraft that shall fly it, if it is said")
    origin: pr.Key[Airport]
    dest: pr.Key[Airport]
    carrier: pr.Key[Carrier]
    departs: pr.Timestamp = pr.field(doc="scheduled departure")
    distance: pr.Float = pr.field(unit="mi", doc="between the airports")
    hour: pr.Int = pr.field(unit="h", doc="of scheduled departure, local")
    month: pr.Int = pr.field(doc="of scheduled departure, local")


class Departure(pr.Fact):
    """An aircraft left its gate."""

    flight: pr.Key[Flight]
    tail: pr.Key[Aircraft] = pr.field(optional=True)
    origin: pr.Key[Airport]
    dest: pr.Key[Airport]
    carrier: pr.Key[Carrier]
    delay: pr.Float = pr.field(unit="min", doc="actual minus scheduled departure")


class Landing(pr.Fact):
    """An aircraft reached its gate."""

    flight: pr.Key[Flight]
    tail: pr.Key[Aircraft] = pr.field(optional=True)
    origin: pr.Key[Airport]
    dest: pr.Key[Airport]
    carrier: pr.Key[Carrier]
    delay: pr.Float = pr.field(unit="min", doc="actual minus scheduled arrival")


class WeatherObserved(pr.Fact):
    """The weather at an airport over an hour."""

    origin: pr.Key[Airport]
    temp: pr.Float = pr.field(unit="F", optional=True)
    dewp: pr.Float = pr.field(unit="F", optional=True, doc="dew point")
    humid: pr.Float = pr.field(unit="%", optional=True, doc="relative humidity")
    wind_dir: pr.Float = pr.field(unit="deg", optional=True)
    wind_speed: pr.Float = pr.field(unit="mph", optional=True)
    wind_gust: pr.Float = pr.field(unit="mph", optional=True)
    precip: pr.Float = pr.field(unit="in", optional=True)
    pressure: pr.Float = pr.field(unit="mbar", optional=True)
    visib: pr.Float = pr.field(unit="mi", optional=True)


class AircraftPunctuality(pr.FeatureView, entity=Aircraft, owner="ops-ml"):
    """How much and how late this aircraft has been flying."""

    landings_24h = Landing.count(window="24h")
    landings_7d = Landing.count(window="7d")
    delay_24h = Landing.delay.mean(window="24h")
    delay_7d = Landing.delay.mean(window="7d")
    last_delay = Landing.delay.last()


class OriginTraffic(pr.FeatureView, entity=Airport, owner="ops-ml"):
    """How late flights have been leaving an airport."""

    delay_3h = Departure.delay.mean(window="3h", by=Departure.origin)


class CarrierPunctuality(pr.FeatureView, entity=Carrier, owner="ops-ml"):
    """How late a carrier has been running."""

    delay_24h = Landing.delay.mean(window="24h")


class OriginWeather(pr.FeatureView, entity=Airport, owner="ops-ml"):
    """The latest weather known at an airport, and how old it is."""

    temp = WeatherObserved.temp.last(ttl="6h")
    wind_speed = WeatherObserved.wind_speed.last(ttl="6h")
    precip = WeatherObserved.precip.last(ttl="6h")
    visib = WeatherObserved.visib.last(ttl="6h")
    pressure = WeatherObserved.pressure.last(ttl="6h")
    age = WeatherObserved.age(ttl="6h")


late_arrival = pr.training_set(
    "late_arrival",
    spine=Scheduled.at(Scheduled.departs, before="1h"),
    features=[
        AircraftPunctuality,
        OriginTraffic.on(Scheduled.origin),
        CarrierPunctuality,
        OriginWeather.on(Scheduled.origin),
        pr.request(Scheduled.distance, Scheduled.hour, Scheduled.month, Scheduled.carrier),
    ],
    label=Landing.delay.next(within="48h", by=Landing.flight) > 15,
    split=pr.split_by_time(train_until="2013-09-01T00:00-04:00", validate_until="2013-10-01T00:00-04:00"),
    baseline=[Scheduled.carrier, Scheduled.hour],
    purpose="operations",
    owner="ops-ml",
)

late = pr.endpoint("late_arrival", answers=late_arrival)

boosting_against_baseline = pr.experiment(
    "boosting_against_baseline", on=late, unit=Scheduled.flight, treatment="gradient_boosting"
)
