"""Rows that share an entity are answered like rows that come alone: features, ages, answers, and what is written."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.projects import DAY, END, append, ready, request_row, train

from pressroom.models import Explainer
from pressroom.serving import Columns, Rows, Share, check_rows
from pressroom.serving.asked_by_entity import AskedByEntity
from pressroom.serving.predict import Ask, Predictor
from pressroom.serving.request import check_columns
from pressroom.training import gradient_boosting, logistic

MODELS = ("late.logistic", "late.gradient_boosting", "late.by_traffic")


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """A workspace in memory, and for each model a predictor that asks it in parts and one that never does."""
    workspace, definitions = ready(tmp_path_factory.mktemp("shop"))
    train(workspace, definitions, logistic(), gradient_boosting())
    found = {}
    for model in MODELS:
        workspace.serving.push(definitions.endpoint("risk"), [Share(model=model)])
        live = workspace.serving.live()
        live.refresh()
        parts = live.predictor("risk")
        whole = Predictor(parts.endpoint, parts._models, parts._online)
        found[model] = (parts, whole, live)
    return workspace, definitions, found


def ask(predictor, rows, as_of=END, *, by_column=False):
    checked = check_rows(predictor.fields, rows)
    given = Rows(checked)
    if by_column:
        columns = {name: [row[name] for row in checked] for name in predictor.fields}
        given = Columns(check_columns(predictor.fields, columns, len(rows)), len(rows))
    (piece,) = predictor.answer([Ask(given, as_of, 0)])
    return piece.answers


customers = st.sampled_from([*(f"c{number}" for number in range(6)), "c-unknown", None])
quarters = st.sampled_from(["q0", "q1", "q2", "q3", "q-unknown"])


@pytest.mark.parametrize("model", MODELS)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_answers_in_parts_are_those_of_each_row_alone(shop, model, data):
    parts, whole, _ = shop[2][model]
    whom = data.draw(st.lists(customers, min_size=1, max_size=3))
    count = data.draw(st.integers(16, 40))
    rows = [
        request_row(
            number,
            customer=data.draw(st.sampled_from(whom)),
            quarter=data.draw(quarters),
            pieces=data.draw(st.integers(0, 6)),
            distance=data.draw(st.floats(0, 9)),
            voucher=data.draw(st.sampled_from([None, "v1"])),
        )
        for number in range(count)
    ]
    as_of = END + data.draw(st.integers(0, 3)) * DAY // 8
    together = ask(parts, rows, as_of, by_column=data.draw(st.booleans()))
    assert isinstance(together.asked, AskedByEntity)
    for place, row in enumerate(rows):
        alone = ask(whole, [row], as_of)
        assert together.predictions[place] == pytest.approx(alone.predictions[0], abs=1e-6)
        one, other = together.asked.answered(place), alone.asked.answered(0)
        assert {name: one.values[name] for name in other.values} == other.values
        assert one.ages_s == other.ages_s
        for name in other.values:
            said, wanted = together.asked.column(name)[place], alone.asked.column(name)[0]
            assert said == wanted or (said is None and wanted is None)


def test_one_entity_with_many_candidates_is_worked_out_once(shop):
    parts, _, live = shop[2]["late.gradient_boosting"]
    rows = [request_row(number, customer="c1", quarter=f"q{number % 4}", distance=number / 10) for number in range(64)]
    piece_of = parts.answer([Ask(Rows(check_rows(parts.fields, rows)), END, 0)])[0]
    (words,) = parts.once(piece_of)
    assert "once for each of 1 customer" in words
    before = live.partial_counts()
    ask(parts, rows)
    after = live.partial_counts()
    assert after.misses == before.misses
    assert after.hits > before.hits


def test_another_feature_value_or_model_is_never_answered_from_what_is_remembered(shop):
    workspace, definitions, found = shop
    parts, whole, _ = found["late.gradient_boosting"]
    rows = [request_row(number, customer="c2", quarter=f"q{number % 4}") for number in range(32)]
    ask(parts, rows)
    late = {"event": END, "known": END, "order": "o1", "customer": "c2", "quarter": "q1", "delay": 500.0}
    append(workspace, definitions.facts["delivered"], [late], name="surprise")
    workspace.follow()
    together, alone = ask(parts, rows, END + DAY // 24), [ask(whole, [row], END + DAY // 24) for row in rows]
    np.testing.assert_allclose(together.predictions, [one.predictions[0] for one in alone], atol=1e-6)
    other, _, _ = found["late.logistic"]
    assert ask(other, rows).predictions != ask(parts, rows).predictions


def test_a_cache_of_no_bytes_changes_no_answer(shop):
    workspace = shop[0]
    rows = [request_row(number, customer="c3", quarter=f"q{number % 4}") for number in range(48)]
    live = workspace.serving.live(partial_bytes=0)
    live.refresh()
    remembering = workspace.serving.live()
    remembering.refresh()
    wanted = ask(remembering.predictor("risk"), rows).predictions
    assert ask(live.predictor("risk"), rows).predictions == wanted
    assert live.partial_counts().held_bytes == 0


def test_rows_that_are_older_than_promised_are_named_like_rows_alone(shop):
    parts, whole, _ = shop[2]["late.logistic"]
    rows = [request_row(number, customer=f"c{number % 3}", quarter=f"q{number % 4}") for number in range(24)]
    together = ask(parts, rows).asked
    limit = sorted(age for age in together.ages_s(0).values() if age is not None)[0]
    alone = [[name for _, name in ask(whole, [row]).asked.stale(limit)] for row in rows]
    assert dict(together.stale(limit)) == {place: names[0] for place, names in enumerate(alone) if names}


def test_explanations_work_on_rows_that_share_an_entity(shop):
    workspace = shop[0]
    parts, _, _ = shop[2]["late.logistic"]
    rows = [request_row(number, customer="c1") for number in range(20)]
    piece = parts.answer([Ask(Rows(check_rows(parts.fields, rows)), END, 0)])[0]
    told = parts.explain(piece)
    assert len(told) == 20
    for place, one in enumerate(told):
        assert one.base + sum(one.values.values()) == pytest.approx(one.score)
        alone = Explainer(next(iter(parts._models.values())), workspace.ports.blobs)
        found = alone.explain(piece.answers.asked.inputs(alone.signature, [place]))
        assert found.contributions.scores()[0] == pytest.approx(one.score)
