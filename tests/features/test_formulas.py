"""Formulas: what is recorded says the same on many rows, on one, on Arrow columns, and in plain Python."""

import math
import struct
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import pressroom as pr
from pressroom.facts import ARROW, FieldReference
from pressroom.features import BadView
from pressroom.features.formulas.column import Column
from pressroom.features.formulas.columns import _AT_ONCE, work_out_columns, work_out_rows
from pressroom.features.formulas.formula import Formula, Step, formula_of
from pressroom.features.formulas.interpret import ROUNDED, interpret
from pressroom.features.formulas.operations import OPERATIONS
from pressroom.features.formulas.program import Program
from pressroom.features.formulas.rules import RULES
from pressroom.features.formulas.trace import Trace
from pressroom.values import FieldSchema, digest_document, from_document, to_document

INPUTS = {
    "a": "float", "b": "float", "i": "int", "j": "int", "p": "bool", "q": "bool", "s": "string", "t": "string",
    "u": "timestamp", "v": "timestamp",
}  # fmt: skip
FLOATS = [math.nan, math.inf, -math.inf, 0.0, -0.0, 5e-324, -5e-324, 1e308, -1e308, 0.5, -0.5, 1.5, 2.5, 1.0, -1.0, 3.0]
INTS = [0, 1, -1, 2, 7, 2**53 + 1, 2**63 - 1, -(2**63)]
TEXTS = ["", "web", "phone", "wéb", "0", "\0"]
INSTANTS = [0, -1, 1_357_000_000_000_000, 1_709_164_800_000_000, -86_400_000_001, 253_402_300_799_999_999]
VALUES = {
    "float": st.one_of(st.sampled_from(FLOATS), st.floats(), st.floats(-1e3, 1e3)),
    "int": st.one_of(st.sampled_from(INTS), st.integers(-9, 9)),
    "bool": st.booleans(),
    "string": st.sampled_from(TEXTS),
    "timestamp": st.one_of(st.sampled_from(INSTANTS), st.integers(-(2**55), 2**57)),
}
TAKES = {
    **dict.fromkeys(["isnan", "isfinite", "isinf"], ("number",)),
    **dict.fromkeys(["less", "less_equal", "greater", "greater_equal", "minimum", "maximum"], ("ordered", "ordered")),
    **dict.fromkeys(["equal", "not_equal"], ("any", "any")),
    **dict.fromkeys(["add", "multiply", "divide", "floor_divide", "remainder"], ("number", "number")),
    **dict.fromkeys(["and", "or", "xor"], ("bool", "bool")),
    **dict.fromkeys(["hour_of", "day_of_week", "month_of"], ("timestamp",)),
    "subtract": ("ordered", "ordered"),
    "not": ("bool",),
    "where": ("bool", "any", "any"),
    "coalesce": ("any", "any"),
    "is_null": ("each",),
    "isin": ("any", "any", "any"),
}
KINDS = {"number": ["float", "int", "bool"], "ordered": ["float", "int", "timestamp"], "any": list(VALUES)}


@st.composite
def formulas(draw, most=12):
    """A formula of up to twelve functions of whatever is there, and constants."""
    trace = Trace("random")
    pool = [trace.input(name, kind) for name, kind in INPUTS.items()]
    for _ in range(draw(st.integers(1, most))):
        do = draw(st.sampled_from(sorted(RULES)))
        takes = TAKES.get(do, ("number",))
        family = draw(st.sampled_from(["number", "string", "timestamp", "bool"]))
        places = []
        for wanted in takes:
            kinds = {
                "any": KINDS["number"] if family == "number" else [family],
                "ordered": KINDS["number"] if family in ("number", "string", "bool") else [family],
                "number": KINDS["number"],
                "each": list(VALUES),
            }.get(wanted, [wanted])
            there = [place for place in pool if trace.type_of(place) in kinds]
            constants = [kind for kind in kinds if kind != "timestamp"]
            if do == "isin" and places and not constants:
                continue
            if places and constants and do != "coalesce" and (do == "isin" or draw(st.booleans())):
                places.append(trace.constant(draw(VALUES[draw(st.sampled_from(constants))])))
            else:
                places.append(draw(st.sampled_from(there[::-1])))
        if do == "isin" and len(places) == 1:
            do = "is_null"
        pool.append(RULES[do](trace, places))
    return formula_of(trace.steps, pool[-1])


def rows_of(formula, most=6):
    kinds = formula.inputs()
    row = st.fixed_dictionaries({name: st.one_of(st.none(), VALUES[kind]) for name, kind in kinds.items()})
    return st.lists(row, min_size=1, max_size=most)


def spelled(value):
    """So that equal spelling means the same type and the same bits; NaN is NaN."""
    if isinstance(value, float):
        return "nan" if math.isnan(value) else struct.pack("<d", value)
    return type(value).__name__, value


def online(program, rows):
    (found,) = work_out_rows(program, [[row[name] for row in rows] for name in program.inputs])
    return found


def arrow(rows, kinds):
    columns = {}
    for name, kind in kinds.items():
        values = [row[name] for row in rows]
        columns[name] = pa.array(values, pa.int64() if kind == "timestamp" else ARROW[kind]).cast(ARROW[kind])
    return columns


def offline(program, rows):
    found = work_out_columns(program, arrow(rows, program.inputs), len(rows))["it"]
    assert found.type == ARROW[program.outputs["it"]]
    return (found.cast(pa.int64()) if pa.types.is_timestamp(found.type) else found).to_pylist()


@settings(max_examples=600)
@given(formula=formulas(), data=st.data())
def test_many_rows_one_row_and_columns_are_the_same_to_the_last_bit_and_plain_python_agrees(formula, data):
    rows = data.draw(rows_of(formula))
    program = Program({"it": formula})
    many = online(program, rows)
    assert [spelled(value) for value in offline(program, rows)] == list(map(spelled, many))
    assert [spelled(online(program, [row])[0]) for row in rows] == list(map(spelled, many))
    wanted = [interpret(formula, row) for row in rows]
    if not any(step.do in ROUNDED for step in formula.steps):
        assert [spelled_near_zero(value) for value in many] == list(map(spelled_near_zero, wanted))
    assert [type(value) for value in many] == [type(value) for value in wanted]


def spelled_near_zero(value):
    """NaN is NaN, and the sign of zero is left to whoever works it out."""
    return spelled(value + 0.0 if isinstance(value, float) else value)


@pytest.mark.parametrize("do", sorted(ROUNDED))
@given(numbers=st.lists(VALUES["float"], min_size=1, max_size=40))
def test_elementary_functions_are_those_of_the_mathematics(do, numbers):
    trace = Trace("it")
    formula = formula_of(trace.steps, RULES[do](trace, [trace.input("x", "float")]))
    found = online(Program({"it": formula}), [{"x": number} for number in numbers])
    for number, value in zip(numbers, found, strict=True):
        assert value == pytest.approx(interpret(formula, {"x": number}), rel=1e-15, abs=1e-20, nan_ok=True)


@given(formula=formulas())
def test_a_formula_is_the_same_after_it_was_stored(formula):
    again = from_document(to_document(formula), Formula)
    assert again == formula
    assert digest_document(again) == digest_document(formula)


def test_every_function_has_a_meaning_on_columns_and_in_plain_python():
    known = {step.do for step in [*recorded(everything).steps]}
    assert known >= set(OPERATIONS) - {"is_null"}
    assert {do for do in RULES if do not in ("positive",)} <= set(OPERATIONS)


def everything(a, b, i, p, q, s, u, v):
    """Uses every function at least once."""
    total = a + b - a * b / a // b % a + np.negative(a) + abs(b) + np.sqrt(a) + np.floor(a) + np.ceil(a) + np.trunc(a)
    total = total + np.rint(a) + np.sign(a) + np.exp(a) + np.log(a) + np.log1p(a) + np.sin(a) + np.cos(a) + i
    truths = (np.isnan(a) | np.isfinite(a)) & np.isinf(a) ^ (a == b) | (a != b) & (a < b) & ~(a <= b) | (a > b)
    truths = truths | (a >= b) | p & q | (u > v) | pr.isin(s, ["x"]) | pr.is_null(a)
    total = total + np.minimum(a, b) + np.maximum(a, b) + (u - v) + pr.hour_of(u) + pr.day_of_week(u) + pr.month_of(u)
    return pr.coalesce(pr.where(truths, total, p), a) + np.minimum(p, q)


def recorded(function):
    """A function of the inputs that its parameters name."""
    names = function.__code__.co_varnames[: function.__code__.co_argcount]
    trace = Trace(function.__name__)
    columns = {name: Column(trace, trace.input(name, INPUTS[name])) for name in names}
    return formula_of(trace.steps, function(**columns).place)


def worked_out(function, **columns):
    names = function.__code__.co_varnames[: function.__code__.co_argcount]
    rows = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    assert set(names) == set(columns)
    return online(Program({"it": recorded(function)}), rows)


# Meaning ------------------------------------------------------------------------------------------------------------


def test_null_gives_null_and_nan_is_a_value():
    assert worked_out(lambda a, b: a + b, a=[1.0, None, math.nan], b=[2.0, 3.0, None]) == [3.0, None, None]
    assert worked_out(lambda a: pr.is_null(a), a=[None, math.nan]) == [True, False]
    assert worked_out(lambda a: np.isnan(a), a=[None, math.nan]) == [None, True]
    assert worked_out(lambda a: pr.coalesce(a, 0.0), a=[None, 2.0]) == [0.0, 2.0]


def test_where_is_null_for_a_null_condition_and_none_is_a_null_to_choose():
    assert worked_out(lambda p, a: pr.where(p, a, -1.0), p=[True, False, None], a=[1.0, 2.0, 3.0]) == [1.0, -1.0, None]
    assert worked_out(lambda a: pr.where(a > 0, 1 / a, None), a=[2.0, 0.0]) == [0.5, None]
    assert worked_out(lambda a: np.where(a > 0, "up", "down"), a=[2.0, 0.0, None]) == ["up", "down", None]


def test_and_and_or_are_decided_by_one_side_alone_where_it_can():
    sides = {"p": [True, True, True, False, False, None], "q": [True, False, None, False, None, None]}
    assert worked_out(lambda p, q: p & q, **sides) == [True, False, None, False, False, None]
    assert worked_out(lambda p, q: p | q, **sides) == [True, True, True, False, None, None]
    assert worked_out(lambda p, q: p ^ q, **sides) == [False, True, None, False, None, None]


def test_numbers_are_reckoned_as_floats_and_picked_as_they_are():
    big = 2**53 + 1
    assert worked_out(lambda i: i + 0, i=[big]) == [float(2**53)]
    assert worked_out(lambda i: np.maximum(i, 0), i=[big]) == [big]
    assert worked_out(lambda i, j: i == j, i=[big], j=[2**53]) == [False]
    assert worked_out(lambda i: i == 2.0**53, i=[big]) == [True]
    assert worked_out(lambda i: pr.where(i > 0, i, 0.5), i=[3, -3]) == [3.0, 0.5]
    assert worked_out(lambda p: p * 2, p=[True, False]) == [2.0, 0.0]
    assert worked_out(lambda i, j: i // j, i=[7, -7, 1], j=[2, 2, 0]) == [3.0, -4.0, math.inf]


def test_dividing_by_zero_is_silent():
    found = worked_out(lambda a, b: a / b, a=[1.0, -1.0, 0.0], b=[0.0, 0.0, 0.0])
    assert [spelled(value) for value in found] == [spelled(value) for value in (math.inf, -math.inf, math.nan)]
    assert worked_out(lambda a: np.log(a), a=[0.0]) == [-math.inf]


def test_powers_clips_and_rounds_are_written_with_what_there_is():
    assert worked_out(lambda a: a**3 + np.square(a) + a**2.0, a=[2.0]) == [16.0]
    assert worked_out(lambda a: np.clip(a, 0, 1), a=[-1.0, 0.5, 2.0]) == [0.0, 0.5, 1.0]
    assert worked_out(lambda i: np.clip(i, 1, None), i=[-1, 5]) == [1, 5]
    assert worked_out(lambda a: round(a) + np.round(a), a=[0.5, 1.5]) == [0.0, 4.0]
    assert worked_out(lambda a: +a - math.floor(a), a=[1.25]) == [0.25]
    assert worked_out(lambda a: np.float64(2) * a + 1 - (3 - a) + 6 / a - 7 // a - 7 % a, a=[2.0]) == [3.0]


def test_of_two_equal_numbers_the_first_is_taken_and_nan_wins():
    zeros = worked_out(lambda a, b: np.maximum(a, b), a=[0.0, -0.0, math.nan, 1.0], b=[-0.0, 0.0, 1.0, math.nan])
    assert [spelled(value) for value in zeros] == [spelled(value) for value in (0.0, -0.0, math.nan, math.nan)]


def test_text_is_compared_and_chosen():
    assert worked_out(lambda s, t: s == t, s=["a", "a", None], t=["a", "b", "b"]) == [True, False, None]
    assert worked_out(lambda s: pr.isin(s, {"web", "phone"}), s=["web", "shop", None]) == [True, False, None]
    assert worked_out(lambda s: np.isin(s, ["web"]), s=["web", "shop"]) == [True, False]
    assert worked_out(lambda s, t: pr.coalesce(s, t, "none"), s=[None, None, "x"], t=["y", None, "z"]) == [
        "y",
        "none",
        "x",
    ]


def test_instants_are_subtracted_compared_and_taken_apart_in_utc():
    new_year, day = 1_356_998_400_000_000, 86_400_000_000
    assert worked_out(lambda u, v: u - v, u=[new_year], v=[new_year - day]) == [86_400.0]
    assert worked_out(lambda u, v: u > v, u=[new_year], v=[new_year - day]) == [True]
    assert worked_out(lambda u: pr.hour_of(u), u=[new_year - 1, new_year]) == [23, 0]
    assert worked_out(lambda u: pr.day_of_week(u), u=[new_year, new_year - 2 * day]) == [1, 6]
    assert worked_out(lambda u: pr.month_of(u), u=[new_year - 1, new_year]) == [12, 1]
    assert worked_out(lambda u, v: u - v, u=[2**63 - 1], v=[-(2**63)]) == [2.0**64 / 1e6]


# Form ---------------------------------------------------------------------------------------------------------------


def test_the_same_work_is_done_once_in_and_between_formulas():
    one = recorded(lambda a, b: (a + b) * (a + b))
    assert [step.do for step in one.steps] == ["input", "input", "add", "multiply"]
    other = recorded(lambda b, a: (a + b) - 1)
    assert len(Program({"one": one, "other": other})._work) == 3


def test_two_functions_that_do_the_same_give_equal_formulas():
    def plain(a, b):
        return a / np.maximum(b, 1.0)

    def roundabout(b, a):
        idle = a * 77
        below = np.maximum(b, 1.0)
        return a / below if idle is not None else below

    assert recorded(plain) == recorded(roundabout)


def test_a_formula_of_ten_thousand_steps_is_no_deeper_than_another():
    def tall(a):
        for _ in range(10_000):
            a = a + 1.0
        return a

    formula = recorded(tall)
    assert from_document(to_document(formula), Formula) == formula
    assert online(Program({"it": formula}), [{"a": 1.0}]) == [10_001.0]
    assert interpret(formula, {"a": 1.0}) == 10_001.0


def test_more_than_twenty_thousand_steps_are_refused():
    def taller(a):
        for _ in range(20_001):
            a = a * 1.5
        return a

    with pytest.raises(BadView, match=r"more than 20,000 steps"):
        recorded(taller)


def test_doubling_two_hundred_times_is_two_hundred_steps_and_no_long_story():
    def doubled(a):
        for _ in range(200):
            a = a + a
        return a

    formula = recorded(doubled)
    assert len(formula.steps) == 201
    assert online(Program({"it": formula}), [{"a": 1.0}]) == [2.0**200]


def test_columns_longer_than_a_piece_are_worked_out_whole():
    program = Program({"it": recorded(lambda a, s: pr.where(s == "k1", a * 2, None))})
    rows = 2 * _AT_ONCE + 3
    columns = {
        "a": pa.chunked_array([pa.array(np.arange(rows - 5.0)), pa.array([1.0, None, 2.0, 3.0, 4.0])]),
        "s": pa.array([f"k{place % 3}" for place in range(rows)]),
    }
    found = work_out_columns(program, columns, rows)["it"].to_pylist()
    numbers = columns["a"].to_pylist()
    assert found == [None if place % 3 != 1 or numbers[place] is None else numbers[place] * 2 for place in range(rows)]
    assert work_out_columns(program, {name: column[:0] for name, column in columns.items()}, 0)["it"].to_pylist() == []


def test_a_function_of_a_later_version_is_refused():
    later = Formula(steps=(Step(do="input", type="float", text="a"), Step(do="dream", type="float", of=(0,))))
    with pytest.raises(BadView, match=r"no function 'dream'"):
        Program({"it": later})


def test_little_is_held_at_once():
    def chain(a):
        for _ in range(100):
            a = np.sqrt(a)
        return a

    assert len(Program({"it": recorded(chain)})._start) == 3


def test_answers_do_not_depend_on_which_other_formulas_are_worked_out():
    names = ["one", "two", "three"]
    found = [recorded(f) for f in (lambda a, b: a - b, lambda a, b: np.exp(a - b), lambda b, a: (a - b) * b)]
    together = Program(dict(zip(names, found, strict=True)))
    columns = {"a": [3.0, 1.0], "b": [0.1, 0.7]}
    answers = work_out_rows(together, [columns[name] for name in together.inputs])
    for formula, answer in zip(found, answers, strict=True):
        alone = Program({"it": formula})
        assert work_out_rows(alone, [columns[name] for name in alone.inputs]) == [answer]
    assert all(one != other for one, other in pairwise(answers))


def test_fields_are_never_mistaken_for_columns():
    assert not isinstance(FieldReference(None, FieldSchema(name="x", type="int")), Column)
