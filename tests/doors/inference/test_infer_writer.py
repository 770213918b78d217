"""What the usual answers are written with says the same as what all others are written with."""

import json
from types import SimpleNamespace

import pytest

from pressroom.doors.inference import oip
from pressroom.doors.inference.infer_writer import InferWriter
from pressroom.serving import Piece, Route

ENDPOINT = SimpleNamespace(name='r"isk', version=7, output=SimpleNamespace(name="chance,ü"))
PREDICTIONS = [0.1, 1e-300, 3.0, -0.25]


def piece_of(start, stop, fallbacks=None):
    answers = SimpleNamespace(
        endpoint=ENDPOINT,
        predictions=PREDICTIONS,
        fallbacks=fallbacks or {},
        ids=[f"{place:032x}" for place in range(len(PREDICTIONS))],
        routes=[Route(variant="", model="m", version="1.0.0", digest="d")] * len(PREDICTIONS),
    )
    return Piece(answers, start, stop)


@pytest.mark.parametrize("span", [(0, 1), (1, 4), (0, 4)])
@pytest.mark.parametrize("name", ["", "42"])
@pytest.mark.parametrize("fallbacks", [{}, {0: "stale: x"}])
@pytest.mark.parametrize(
    "wanted", [[(ENDPOINT.output.name, False)], [(ENDPOINT.output.name, True)], [("model", False)]]
)
def test_answers_are_the_same_both_ways(span, name, fallbacks, wanted):
    asked, piece = oip.InferHead(id=name), piece_of(*span, fallbacks)
    found, meant = InferWriter(ENDPOINT).answer(piece, asked, wanted), oip.answer(piece, asked, wanted)
    assert (found.status, found.all_headers()) == (meant.status, meant.all_headers())
    if wanted[0][1]:
        assert found.body == meant.body
    else:
        assert json.loads(found.body) == json.loads(meant.body)
