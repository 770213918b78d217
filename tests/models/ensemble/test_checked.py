"""What does not fit together is refused when it is declared, with the nodes' names."""

import pytest

from pressroom.models import Signature
from pressroom.models.ensemble.checked import Member, check
from pressroom.models.ensemble.declaration import Ensemble
from pressroom.models.ensemble.errors import BadEnsemble
from pressroom.models.ensemble.nodes import (
    argmax,
    cascade,
    concat,
    cosine,
    dot,
    fallback,
    logit,
    model,
    pick,
    sigmoid,
    total,
    weighted_mean,
)
from pressroom.values import FieldSchema


def member(*inputs, unit="", length=0, space=""):
    output = (
        FieldSchema(name="y", type="vector", length=length)
        if length
        else FieldSchema(name="y", type="float", unit=unit)
    )
    return Member(
        reference="m@^1", digest="d", signature=Signature(inputs=inputs, output=output), runnable=None, structure=None,
        space=space,
    )  # fmt: skip


def number(name, kind="float", unit="", *, optional=False):
    return FieldSchema(name=name, type=kind, unit=unit, optional=optional)


MEMBERS = {
    "p": member(number("hour", "int"), number("wind", unit="km/h"), unit="probability"),
    "q": member(number("hour"), unit="probability"),
    "z": member(number("hour"), unit="log-odds"),
    "minutes": member(number("hour"), unit="min"),
    "knots": member(number("wind", unit="kn"), unit="probability"),
    "text": member(number("hour", "string"), unit="probability"),
    "fed": member(number("p", unit="probability"), number("x", "int"), unit="probability"),
    "u": member(number("hour"), length=3, space="things@1"),
    "v": member(number("hour"), length=3, space="things@2"),
    "short": member(number("hour"), length=2, space="things@1"),
    "lost": member(number("hour"), length=3),
}


def checked(*nodes, inputs=(), output=""):
    names = [name for name in MEMBERS if any(name in node.of or name in (node.feeds or {}) for node in nodes)] or ["p"]
    have = {node.name for node in nodes}
    declared = [model(name, f"{name}@^1") for name in names if name not in have]
    ensemble = Ensemble(name="e", nodes=(*declared, *nodes), output=output or nodes[-1].name, inputs=inputs)
    return check(ensemble, MEMBERS)


@pytest.mark.parametrize(
    ("node", "says"),
    [
        (weighted_mean("s", ["p", "minutes"]), "s takes p in probability, and minutes has it in min"),
        (total("s", ["p", "u"]), "p is a number .probability., u is a vector of 3"),
        (cascade("s", "u", "u", unsure=(0, 1)), "s is of numbers, and u is a vector"),
        (fallback("s", "p", "minutes"), "minutes has it in min"),
        (sigmoid("s", "p"), "p is a probability already"),
        (logit("s", "minutes"), "minutes is in min, no probability"),
        (argmax("s", "p"), "one number to choose from"),
        (argmax("s", "p", "u"), "s is of numbers"),
        (pick("s", "u", 3), "picks number 3"),
        (pick("s", "p", 0), "picks number 0"),
        (dot("s", "u", "v"), "u lies in things@1, v in things@2"),
        (cosine("s", "u", "v"), "u lies in things@1, v in things@2"),
        (concat("s", "u", "v"), "u lies in things@1, v in things@2"),
        (concat("s", "u", "p"), "no vector of a known embedding space"),
        (dot("s", "u", "lost"), "lost is a vector of 3, no vector of a known embedding space"),
        (dot("s", "u", "short"), "compares a vector of 3 .things@1. with a vector of 2"),
        (total("s", ["u", "v"]), "u is a vector of 3 .things@1., v is a vector of 3 .things@2."),
    ],
)
def test_parts_that_do_not_fit_are_refused_with_their_names(node, says):
    with pytest.raises(BadEnsemble, match=says) as refused:
        checked(node)
    assert refused.value.next_step


@pytest.mark.parametrize(
    ("nodes", "says"),
    [
        ((model("p", "p@^1"), model("knots", "k@^1"), weighted_mean("s", ["p", "knots"])), "knots takes wind in kn"),
        ((model("p", "p@^1"), model("text", "t@^1"), weighted_mean("s", ["p", "text"])), "hour is string for text"),
        ((model("p", "p@^1"), model("q", "q@^1", feeds={"day": "p"})), "q feeds day, which q@.1 does not take"),
        ((model("u", "u@^1"), model("q", "q@^1", feeds={"hour": "u"})), "u gives a vector of 3"),
        ((model("p", "p@^1"), model("fed", "f@^1", feeds={"x": "p"})), "takes x .int., and p gives a number"),
        ((model("minutes", "m@^1"), model("fed", "f@^1", feeds={"p": "minutes"})), "takes p in probability"),
        ((model("u", "u@^1", default=0.5),), "gives vectors and has one number for default"),
        ((model("other", "o@^1"),), "No model is given for other"),
    ],
)
def test_models_that_do_not_fit_are_refused_with_their_names(nodes, says):
    with pytest.raises(BadEnsemble, match=says):
        check(Ensemble(name="e", nodes=nodes, output=nodes[-1].name), MEMBERS)


def test_casts_are_made_where_types_may_be_widened_and_are_shown():
    made = check(
        Ensemble(name="e", nodes=(model("p", "p@^1"), model("q", "q@^1"), weighted_mean("s", ["p", "q"])), output="s"),
        MEMBERS,
    )
    assert [str(cast) for cast in made.casts] == ["hour -> q: int to float"]
    assert made.signature.inputs[0] == number("hour", "int")
    assert made.signature.output == FieldSchema(name="s", type="float", unit="probability")


def test_an_input_is_optional_where_all_that_take_it_can_do_without():
    nodes = (model("p", "p@^1", default=0.1), model("q", "q@^1"), weighted_mean("s", ["p", "q"]))
    made = check(Ensemble(name="e", nodes=nodes, output="s"), MEMBERS)
    assert {field.name: field.optional for field in made.signature.inputs} == {"hour": False, "wind": True}


def test_an_expression_takes_inputs_of_the_ensemble():
    made = checked(total("s", {"p": 1.0, "boost": 0.5}), inputs=(number("boost", "bool"),))
    assert "boost" in made.signature.names()
    assert [str(cast) for cast in made.casts] == ["boost -> expressions: bool to float"]
    with pytest.raises(BadEnsemble, match="boost is string"):
        checked(total("s", {"p": 1.0, "boost": 0.5}), inputs=(number("boost", "string"),))


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: Ensemble(name="e", nodes=(sigmoid("s", "x"),), output="s"), "made of 'x', which is no node before"),
        (lambda: Ensemble(name="e", nodes=(), output="s"), "no model"),
        (lambda: Ensemble(name="e", nodes=(model("p", "p@^1"),), output="s"), "'s' is no node"),
        (lambda: Ensemble(name="e", nodes=(model("p", "p@^1"), model("p", "q@^1")), output="p"), "Two parts of e"),
        (lambda: Ensemble(name="e", nodes=(model("p", ""),), output="p"), "names no model"),
        (lambda: Ensemble(name="e", nodes=(model("p", "p"),), output="p", inputs=(number("p"),)), "Two parts of e"),
        (lambda: model("p", "p@^1", within_ms=5), "a deadline and no default"),
        (lambda: weighted_mean("s", {"p": 0.0}), "add up to 0"),
        (
            lambda: Ensemble(
                name="e", nodes=(model("p", "p@^1"), cascade("s", "p", "p", unsure=(1, 0))), output="s"
            ),
            "never unsure",
        ),
        (
            lambda: Ensemble(name="e", nodes=(model("p", "p@^1", default=float("nan")),), output="p"),
            "infinite, none, or no time",
        ),
        (lambda: Ensemble(name="e", nodes=(model("p", "p@^1"), fallback("f", "p")), output="f"), "made of 1 parts"),
    ],
)  # fmt: skip
def test_a_declaration_that_means_nothing_is_refused(make, says):
    with pytest.raises(BadEnsemble, match=says):
        make()
