"""Rerouting: kinds of routes that nobody speaks of stay as they are, and so do units in their variants."""

from dataclasses import replace

import pytest
from tests.projects import ready, request_row

from pressroom.serving import PushRefused, Rerouting, Rollout, Share, When
from pressroom.serving.reroute import reassigned, rerouted
from pressroom.values import BUCKETS, InvalidInput

PIECES, TRAFFIC, BASELINE = "late.by_pieces", "late.by_traffic", "late.baseline"
BY_SHOP = When(field="channel", among=("shop",))


@pytest.fixture
def shop(tmp_path):
    workspace, definitions = ready(tmp_path)
    workspace.serving.push(definitions.endpoint("risk"), [Share(model=PIECES)])
    return workspace, definitions.endpoint("risk")


def routes(endpoint):
    return [(r.variant, r.model, r.high - r.low, r.when, r.shadow) for r in endpoint.routes]


def halves(**parts):
    models = {"old": PIECES, "new": TRAFFIC}
    return tuple(Share(model=models[name], share=part, variant=name) for name, part in parts.items())


def test_each_kind_of_route_is_set_for_itself(shop):
    workspace, risk = shop
    serving = workspace.serving
    serving.reroute(risk, Rerouting(shares=halves(new=0.2, old=0.8)))
    serving.reroute(risk, Rerouting(rules=(Share(model=BASELINE, when=BY_SHOP, variant="shop"),)))
    now = serving.reroute(risk, Rerouting(shadows=(Share(model=BASELINE, shadow=True, variant="shadow"),))).endpoint
    assert routes(now) == [
        ("shop", BASELINE, 0, BY_SHOP, False),
        ("new", TRAFFIC, BUCKETS // 5, None, False),
        ("old", PIECES, 4 * BUCKETS // 5, None, False),
        ("shadow", BASELINE, 0, None, True),
    ]
    assert (now.unit, now.salt) == ("order", "risk.routes")
    plain = serving.reroute(risk, Rerouting(shares=(Share(model=PIECES),), rules=(), shadows=())).endpoint
    assert (routes(plain), plain.unit) == ([("", PIECES, BUCKETS, None, False)], "")


def test_who_is_meant_by_a_rule_is_answered_by_it(shop):
    workspace, risk = shop
    workspace.serving.reroute(risk, Rerouting(rules=(Share(model=BASELINE, when=BY_SHOP, variant="shop"),)))
    live = workspace.serving.live()
    live.refresh()
    rows = [request_row(number, channel=channel, promised=0) for number, channel in enumerate(("web", "shop", "phone"))]
    answers = live.predictor("risk").predict(rows, workspace.ports.clock.now())
    assert [answer.route.model for answer in answers] == [PIECES, BASELINE, PIECES]


def test_a_share_that_moves_moves_nobody_else(shop):
    workspace, risk = shop
    workspace.serving.reroute(risk, Rerouting(shares=halves(new=0.2, old=0.8), unit="customer"))
    before = workspace.serving.current("risk")
    after = workspace.serving.reroute(risk, Rerouting(shares=halves(new=0.4, old=0.6))).endpoint
    assert (after.unit, after.salt) == (before.unit, before.salt) == ("customer", "risk.routes")
    assert after.routes[0].high == 2 * before.routes[0].high


def test_an_experiment_goes_on_while_its_variants_stay(shop):
    workspace, risk = shop
    workspace.serving.reroute(risk, Rerouting(shares=halves(new=0.2, old=0.8)))
    running = replace(workspace.serving.current("risk"), experiment="trial", salt="trial")
    shadow = Rerouting(shadows=(Share(model=BASELINE, shadow=True),))
    assert reassigned(running, rerouted(running, shadow), shadow, key="order").experiment == "trial"
    others = Rerouting(shares=(*halves(old=0.5), Share(model=BASELINE, share=0.5, variant="third")))
    assert reassigned(running, rerouted(running, others), others, key="order").experiment == ""


def test_models_of_today_stay_at_their_versions(shop):
    workspace, _risk = shop
    digest = workspace.serving.current("risk").routes[0].digest
    (rule, share) = rerouted(workspace.serving.current("risk"), Rerouting(rules=(Share(model=BASELINE, when=BY_SHOP),)))
    assert (rule.digest, share.digest, share.share) == ("", digest, 1.0)


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (Rerouting(shares=()), "Nobody"),
        (Rerouting(shares=halves(new=0.2, old=0.5)), "shares"),
        (Rerouting(shares=(Share(model=PIECES, share=0.5), Share(model=TRAFFIC, share=0.5))), "same name"),
        (Rerouting(unit="country"), "country"),
        (Rerouting(rules=(Share(model=BASELINE, when=When(field="country", among=("NL",))),)), "country"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_moves(shop, wanted, said):
    workspace, risk = shop
    before = workspace.serving.current("risk")
    with pytest.raises(InvalidInput, match=said):
        workspace.serving.reroute(risk, wanted)
    assert workspace.serving.current("risk") == before


def test_a_trial_is_not_ended_by_the_way(shop):
    workspace, risk = shop
    workspace.serving.push(risk, [Share(model=TRAFFIC)], rollout=Rollout(canary=0.1))
    shadow = Rerouting(shadows=(Share(model=BASELINE, shadow=True),))
    with pytest.raises(PushRefused, match="tries a model"):
        workspace.serving.reroute(risk, shadow)
    workspace.serving.reroute(risk, replace(shadow, shares=(Share(model=TRAFFIC),)))
    assert workspace.serving.current("risk").canary == ""
