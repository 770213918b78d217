"""Recording: what a derived feature's function may do, and what is said where it does something else."""

# ruff: noqa: N805  (parameters of derived features are features)

import math

import numpy as np
import pytest

import pressroom as pr
from pressroom.features import BadView


class Carrier(pr.Entity):
    """An airline."""


class Aircraft(pr.Entity):
    """An airframe."""


class Scheduled(pr.Fact):
    """A flight was put on sale."""

    tail: pr.Key[Aircraft] = pr.field(optional=True)
    other: pr.Key[Aircraft] = pr.field(optional=True)
    carrier: pr.Key[Carrier]
    departs: pr.Timestamp
    distance: pr.Float = pr.field(unit="mi", labels=("geo",))
    channel: pr.String
    seats: pr.Int


class Landing(pr.Fact):
    """An aircraft reached its gate."""

    tail: pr.Key[Aircraft]
    carrier: pr.Key[Carrier]
    delay: pr.Float = pr.field(unit="min", labels=("ops",))
    gate: pr.String


class Punctuality(pr.FeatureView, entity=Aircraft, owner="ops"):
    """How late an aircraft is."""

    landings = Landing.count(window="24h")
    delay = Landing.delay.sum(window="24h")
    gate = Landing.gate.last()
    carrier = Landing.carrier.last()

    @pr.derived(unit="min")
    def mean_delay(delay, landings):
        """Minutes late for each landing."""
        return delay / np.maximum(landings, 1)

    @pr.derived
    def is_late(late=mean_delay, gates=gate):
        return (late > 15) & (gates != "A1")


INPUTS = {
    "distance": Scheduled.distance, "channel": Scheduled.channel, "departs": Scheduled.departs,
    "seats": Scheduled.seats, "landings": Punctuality.landings, "carrier": Scheduled.carrier,
}  # fmt: skip


def recorded(body):
    """The body as a derived feature, its parameters set to the inputs of their names."""
    names = body.__code__.co_varnames[: body.__code__.co_argcount]
    body.__defaults__ = tuple(INPUTS[name] for name in names)
    body.__name__ = "it"
    return pr.derived(body)


REFUSED = {
    "if": (lambda distance: 1 if distance > 3 else 0, "neither true nor false", "pr.where(condition, a, b)"),
    "and": (lambda distance: (distance > 3) and (distance < 5), "neither true nor false", "& | ~"),
    "chain": (lambda distance: 1 < distance < 5, "neither true nor false", "(a < x) & (x < b)"),
    "min": (lambda distance, seats: min(distance, seats), "neither true nor false", "np.minimum"),
    "in": (lambda channel: channel in ["web"], "neither true nor false", "pr.isin"),
    "set": (lambda channel: channel in {"web"}, "can't be looked up", "pr.isin"),
    "float": (lambda distance: float(distance), "no single value", "numbers need no float(x)"),
    "math": (lambda distance: math.sqrt(distance), "no single value", "np.sqrt(x) for math.sqrt(x)"),
    "int": (lambda distance: int(distance), "no single value", "np.floor(x) for int(x)"),
    "text": (lambda channel: f"{channel}!", "no single value", ""),
    "str": (lambda channel: str(channel), "no single value", ""),
    "len": (lambda channel: len(channel), "can't be counted", "one row at a time"),
    "index": (lambda distance: distance[0], "can't be counted, indexed", "aggregate facts in a view"),
    "loop": (lambda distance: [x for x in distance], "looped over", "one row at a time"),  # noqa: C416
    "array": (lambda distance: np.asarray(distance), "turned into an array", "one row at a time"),
    "method": (lambda distance: distance.mean(), "has no 'mean'", "aggregate facts in a view"),
    "sum": (lambda distance: np.sum(distance), "np.sum is not elementwise", "one row at a time"),
    "sort": (lambda distance: np.sort(distance), "np.sort is not elementwise", "one row at a time"),
    "reduce": (lambda distance: np.add.reduce(distance), "np.add.reduce needs other rows", "one row at a time"),
    "accumulate": (lambda distance: np.add.accumulate(distance), "np.add.accumulate needs other rows", ""),
    "ufunc": (lambda distance: np.arctan(distance), "np.arctan is not among", "There are absolute, add"),
    "log10": (lambda distance: np.log10(distance), "np.log10 is not among", "np.log(x) / np.log(10)"),
    "out": (lambda distance: np.add(distance, 1, dtype=int), "np.add with dtype", "Leave the options away"),
    "power": (lambda distance: distance**0.5, "powers are known for constant whole exponents", "np.sqrt(x)"),
    "base": (lambda distance: 2**distance, "powers are known for constant whole exponents", "np.exp(b * np.log(a))"),
    "digits": (lambda distance: round(distance, 1), "rounding is known to whole numbers", "np.rint(x * 100) / 100"),
    "none": (lambda distance: distance == None, "None is no value", "pr.is_null(x)"),  # noqa: E711
    "list": (
        lambda distance: np.add(distance, (1.0,)),
        "(1.0,) is neither a column nor a constant",
        "int, float, bool and str",
    ),
    "big": (lambda seats: seats == 2**70, "does not fit in 64 bits", "Write it as a float"),
    "constant": (lambda distance: 3.0, "it gives 3.0, which is the same for every row", "worked out from the columns"),
    "nothing": (lambda distance: None, "it gives None", "Return what is worked out"),
    "types": (
        lambda distance, channel: distance + channel,
        "distance (float) and channel (string)",
        "Text and instants",
    ),
    "order": (lambda channel: channel > "a", "greater takes numbers or instants, found channel (string) and 'a'", ""),
    "mixed": (lambda distance, channel: pr.where(distance > 1, channel, 0), "where takes values of one type", ""),
    "equal": (lambda departs, seats: departs == seats, "equal takes values of one type", "like with like"),
    "bits": (lambda distance, seats: distance & seats, "and takes truths", "brackets"),
    "invert": (lambda distance: ~distance, "not takes truths", "~(a > 1)"),
    "condition": (lambda distance, seats: pr.where(distance, seats, 0), "where takes a truth first", "pr.where(x > 0"),
    "instant": (lambda departs: departs + 3600, "add takes numbers, found departs (timestamp)", "subtracted"),
    "hour": (lambda seats: pr.hour_of(seats), "hour_of takes an instant, found seats (int)", "declared Timestamp"),
    "nulls": (lambda distance: pr.where(distance > 1, None, None), "nothing but None", "at least one value"),
    "coalesce": (lambda distance: pr.coalesce(0.0, distance), "goes on after a constant", "Put the constant last"),
    "isin": (lambda channel: pr.isin(channel, "web"), "a list of at least one constant", "pr.isin(x, ["),
    "half": (lambda distance: np.where(distance > 1), "np.where in this form", ""),
    "names": (
        lambda carrier: pr.where(carrier == "UA", carrier, "other"),
        "hands on carrier, which names a carrier",
        "",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_can_not_be_recorded_is_refused_with_what_to_write_instead(case):
    body, wrong, instead = REFUSED[case]
    with pytest.raises(BadView) as refused:
        recorded(body)
    assert refused.value.message.startswith("it: ")
    assert wrong in refused.value.message
    assert instead in refused.value.next_step
    assert refused.value.next_step


def test_what_is_compared_may_name_things():
    assert recorded(lambda carrier: carrier == "UA").derivation().formula.type() == "bool"
    with pytest.raises(BadView, match=r"hands on punctuality\.carrier"):
        pr.derived(lambda_named(lambda c=Punctuality.carrier: pr.coalesce(c, "none")))


def lambda_named(body):
    body.__name__ = "it"
    return body


def test_a_column_of_another_function_is_refused():
    kept = []

    @pr.derived
    def first(distance=Scheduled.distance):
        kept.append(distance)
        return distance + 1

    with pytest.raises(BadView, match=r"a column of first is no column of it|a column of second"):

        @pr.derived
        def second(distance=Scheduled.distance):
            return distance + kept[0]

    with pytest.raises(BadView, match=r"it gives a column of another function"):

        @pr.derived
        def third(distance=Scheduled.distance):
            return kept[0]


def test_functions_of_ours_are_for_columns():
    with pytest.raises(BadView, match=r"is_null was given no column"):
        pr.is_null(3.0)


@pytest.mark.parametrize("default", ["punctuality.landings", 3.0, Punctuality, object()])
def test_a_parameter_is_set_to_a_feature_or_a_field(default):
    def it(x=default):
        return x + 1

    with pytest.raises(BadView, match=r"^it: x is set to .*, which is no feature and no field"):
        pr.derived(it)


def test_parameters_have_names_and_there_is_at_least_one():
    with pytest.raises(BadView, match=r"takes \*x"):
        pr.derived(lambda_named(lambda *x: 1))
    with pytest.raises(BadView, match=r"made from nothing"):
        pr.derived(lambda_named(lambda: 1))


def test_a_feature_that_a_view_does_not_have_is_no_attribute():
    with pytest.raises(AttributeError, match=r"punctuality has no feature 'landing': landings, delay, gate, carrier"):
        Punctuality.on(Scheduled.tail).landing  # noqa: B018
    assert repr(Punctuality.on(Scheduled.tail).landings) == "punctuality.landings@tail"


# In a view -----------------------------------------------------------------------------------------------------------


def test_a_view_derives_from_its_own_features_by_name_or_by_what_they_are_set_to():
    assert Punctuality.view.names() == ["landings", "delay", "gate", "carrier", "mean_delay", "is_late"]
    mean, late = Punctuality.view.derivations()
    assert (mean.unit, mean.words(), mean.labels) == ("min", "Minutes late for each landing.", ("ops",))
    assert late.words() == "((delay / maximum(landings, 1)) > 15.0) & (gate != 'A1')"
    result = Punctuality.view.results()[-1]
    assert (result.name, result.type, result.optional, result.labels) == ("punctuality.is_late", "bool", True, ("ops",))
    assert [each.name for each in Punctuality.view.behind("is_late")] == ["landings", "delay", "gate"]


def test_a_derived_feature_can_be_tried_on_values():
    assert Punctuality.mean_delay(delay=[30.0, None, 5.0], landings=[2, 3, 0]) == [15.0, None, 5.0]
    trial = pr.derived(lambda_named(lambda as_of, far=Scheduled.distance: pr.where(pr.hour_of(as_of) < 6, far, 0)))
    assert trial(as_of=[0, 7 * 3_600_000_000], far=[2.0, 2.0]) == [2.0, 0.0]
    with pytest.raises(BadView, match=r"mean_delay is worked out from delay, landings"):
        Punctuality.mean_delay(delay=[1.0], landings=[1, 2])
    with pytest.raises(BadView, match=r"punctuality\.landings is asked of facts"):
        Punctuality.landings(x=[1])


def test_a_static_method_is_a_function_too():
    class View(pr.FeatureView, entity=Aircraft):
        landings = Landing.count(window="1h")

        @pr.derived
        @staticmethod
        def more(landings):
            return landings + 1

    assert View.more(landings=[1]) == [2.0]


def test_inside_a_view_other_things_are_refused():
    with pytest.raises(BadView, match=r"view\.it is worked out from late, which there is not above it") as refused:

        class View(pr.FeatureView, entity=Aircraft):
            landings = Landing.count(window="1h")

            @pr.derived
            def it(late):
                return late + 1

    assert refused.value.next_step.startswith("Inside a view there are its own features, landings;")
    with pytest.raises(BadView, match=r"worked out from far, set to what is not of this view"):

        class Other(pr.FeatureView, entity=Aircraft):
            landings = Landing.count(window="1h")

            @pr.derived
            def it(landings, far=Scheduled.distance):
                return landings + far

    with pytest.raises(BadView, match=r"third\.other is a function called it"):

        class Third(pr.FeatureView, entity=Aircraft):
            landings = Landing.count(window="1h")

            @pr.derived
            def it(landings):
                return landings + 1

            other = it


def test_bare_names_mean_nothing_outside_a_view():
    @pr.derived
    def lonely(landings):
        return landings + 1

    with pytest.raises(BadView, match=r"lonely: what is landings\?"):
        lonely.made()


def test_one_view_may_take_over_a_feature_of_another():
    class Again(pr.FeatureView, entity=Aircraft):
        landings = Punctuality.landings

    assert Again.view.features[0].aggregate == Punctuality.view.features[0].aggregate
