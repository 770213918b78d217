from dataclasses import replace

import pytest
from tests.projects import (
    DEFINITIONS,
    append,
    batch_of,
    declared,
    delivered_rows,
    in_memory,
    mean_by,
    placed_rows,
    train,
)

from pressroom.catalog import Entry, Reference, UnknownEntry
from pressroom.features import NotOnline
from pressroom.models import MeanBy, Origin, Signature, pack
from pressroom.policy import Rule
from pressroom.serving import Assignment, PushRefused, Share
from pressroom.workspace import Workspace

PIECES, TRAFFIC = [Share(model="late.by_pieces")], [Share(model="late.by_traffic")]


@pytest.fixture
def served(floor):
    """What answers is the model by pieces."""
    workspace, definitions = floor
    workspace.serving.push(definitions.endpoint("risk"), PIECES)
    return workspace, definitions.endpoint("risk")


def answering(workspace):
    endpoint = workspace.serving.current("risk")
    return endpoint.version, [route.model for route in endpoint.routes]


def publish(workspace, model, signature, rows, *, parents=()):
    """A model in the catalog that no training made."""
    name, blobs = "late.lonely", workspace.ports.blobs
    packed = pack(model, name=name, signature=signature, golden=rows, origin=Origin(), blobs=blobs)
    entry = Entry(kind="model", name=name, digest=packed.digest, version="1.0.0", created=0, parents=parents)
    workspace.catalog.point(workspace.catalog.publish(entry))


def fitted(workspace, definitions):
    """A right model of its own, with the rows that it was made from."""
    frozen, reference = workspace.training.build(definitions.training_set("late"), known_at=2**60)
    candidate = mean_by("lonely", "pieces")
    signature = Signature(inputs=candidate.choose(frozen.inputs), output=replace(frozen.label, unit="probability"))
    labels = frozen.table.column("label").to_numpy()
    model = candidate.fit({"pieces": frozen.table.column("pieces").to_numpy().astype(float)}, labels, signature)
    return model, signature, frozen.table, reference


def test_a_push_tells_what_it_checked_and_what_serves(floor):
    workspace, definitions = floor
    pushed = workspace.serving.push(definitions.endpoint("risk"), PIECES)
    assert {
        "policy", "signature", "definitions", "golden rows", "baseline", "online features", "prediction log",
    } <= {verdict.check for verdict in pushed.verdicts}  # fmt: skip
    assert all(verdict.found for verdict in pushed.verdicts)
    assert pushed.endpoint == workspace.serving.current("risk")
    assert (pushed.endpoint.version, pushed.reference.digest) == (1, pushed.endpoint.digest())
    entry = workspace.catalog.current("endpoint", "risk")
    assert [parent.name for parent in entry.parents] == ["late.by_pieces"]
    assert entry.purposes == ("operations",)


def test_every_push_is_a_version_of_its_own(served):
    workspace, risk = served
    for version, shares in ((2, TRAFFIC), (3, PIECES), (4, PIECES)):
        assert workspace.serving.push(risk, shares).endpoint.version == version
    assert [endpoint.version for endpoint in workspace.serving.versions("risk")] == [1, 2, 3, 4]


def test_an_unknown_model_is_refused(served):
    workspace, risk = served
    with pytest.raises(UnknownEntry, match=r"'late\.nobody'") as caught:
        workspace.serving.push(risk, [Share(model="late.nobody")])
    assert "late.by_pieces" in caught.value.next_step
    assert answering(workspace) == (1, ["late.by_pieces"])


def test_a_model_without_a_baseline_measured_beside_it_is_refused(floor):
    workspace, definitions = floor
    workspace.serving.push(definitions.endpoint("risk"), PIECES)
    model, signature, rows, _ = fitted(workspace, definitions)
    publish(workspace, model, signature, rows)
    with pytest.raises(PushRefused, match=r"late\.lonely 1\.0\.0 has no baseline") as caught:
        workspace.serving.push(definitions.endpoint("risk"), [Share(model="late.lonely")])
    assert "pressroom train late" in caught.value.next_step
    assert answering(workspace) == (1, ["late.by_pieces"])


@pytest.mark.parametrize(
    ("changed", "named"),
    [({"name": "weight"}, "weight"), ({"unit": "box"}, "pieces"), ({"type": "float"}, "pieces")],
)
def test_a_model_that_wants_what_the_question_does_not_give_is_refused(floor, changed, named):
    workspace, definitions = floor
    workspace.serving.push(definitions.endpoint("risk"), PIECES)
    _, signature, rows, reference = fitted(workspace, definitions)
    signature = replace(signature, inputs=(replace(signature.inputs[0], **changed),))
    name = signature.inputs[0].name
    values = rows.column("pieces").to_numpy().astype(float)
    model = MeanBy(keys=(name,)).fit({name: values}, rows.column("label").to_numpy())
    rows = rows.rename_columns([name if column == "pieces" else column for column in rows.column_names])
    publish(workspace, model, signature, rows, parents=(reference,))
    with pytest.raises(PushRefused, match=f"wants {named}"):
        workspace.serving.push(definitions.endpoint("risk"), [Share(model="late.lonely")])
    assert answering(workspace) == (1, ["late.by_pieces"])


def test_a_feature_that_was_defined_otherwise_in_training_is_refused(floor, tmp_path):
    workspace, definitions = floor
    workspace.serving.push(definitions.endpoint("risk"), TRAFFIC)
    changed = declared(tmp_path, DEFINITIONS.replace('Delivered.count(window="12h")', 'Delivered.count(window="24h")'))
    workspace.apply(changed)
    with pytest.raises(PushRefused, match=r"another definition of traffic\.deliveries_12h"):
        workspace.serving.push(changed.endpoint("risk"), TRAFFIC)
    assert answering(workspace) == (1, ["late.by_traffic"])
    assert workspace.serving.push(changed.endpoint("risk"), PIECES).endpoint.version == 2, "it takes no part of that"
    train(workspace, changed, mean_by("by_traffic", "traffic.deliveries_12h", "pieces"))
    assert workspace.serving.push(changed.endpoint("risk"), TRAFFIC).endpoint.version == 3


def test_words_about_a_feature_may_change(floor, tmp_path):
    workspace, _ = floor
    changed = declared(tmp_path, DEFINITIONS.replace("actual minus promised", "how late"))
    workspace.apply(changed)
    assert workspace.serving.push(changed.endpoint("risk"), TRAFFIC).endpoint.version == 1


def test_a_purpose_that_a_model_was_not_made_for_is_refused(served):
    workspace, risk = served
    with pytest.raises(PushRefused, match=r"'advertising': a source allows only operations"):
        workspace.serving.push(replace(risk, purpose="advertising"), TRAFFIC)
    assert answering(workspace) == (1, ["late.by_pieces"])


def test_a_rule_stands_against_a_label_that_came_from_a_fact(tmp_path):
    labelled = declared(
        tmp_path, DEFINITIONS.replace("pieces: pr.Int", 'pieces: pr.Int = pr.field(labels=("secret",))')
    )
    workspace = in_memory()
    workspace.apply(labelled)
    append(workspace, labelled.facts["placed"], placed_rows())
    append(workspace, labelled.facts["delivered"], delivered_rows(placed_rows()))
    train(workspace, labelled, mean_by("by_pieces", "pieces"))
    strict = replace(workspace.settings, rules=(Rule(label="secret", purposes=("audit",)),))
    stricter = Workspace(settings=strict, ports=workspace.ports)
    with pytest.raises(PushRefused, match=r"late\.by_pieces.*'operations'.*'secret'.*only for audit"):
        stricter.serving.push(labelled.endpoint("risk"), PIECES)
    assert stricter.serving.push(labelled.endpoint("risk"), [Share(model="late.baseline")]).endpoint.version == 1


def test_a_view_that_was_never_materialised_is_refused(tmp_path, floor):
    workspace, definitions = floor
    fresh = replace(workspace.ports, keys=in_memory().ports.keys)
    with pytest.raises(NotOnline, match="habit, traffic"):
        Workspace(settings=workspace.settings, ports=fresh).serving.push(definitions.endpoint("risk"), PIECES)
    with pytest.raises(UnknownEntry):
        workspace.serving.current("risk")


def test_online_features_are_brought_up_to_date_before_anybody_is_answered(floor):
    workspace, definitions = floor
    row = {"event": workspace.facts.now(), "order": "x", "customer": None, "quarter": "q9", "delay": 1.0}
    workspace.facts.append(batch_of(definitions.facts["delivered"], [row]))
    workspace.serving.push(definitions.endpoint("risk"), TRAFFIC)
    online = workspace.features.online(definitions.endpoint("risk").question)
    question = definitions.endpoint("risk").question
    nothing = dict.fromkeys(field.name for field in (*question.keys, *question.request))
    assert (
        online.answer([{**nothing, "quarter": "q9"}], [workspace.facts.now() + 1])[0].values["traffic.deliveries_12h"]
        == 1
    )


@pytest.mark.parametrize("taken", ["model", "version", "unit", "prediction", "prediction_id"])
def test_a_request_field_that_predictions_have_already_is_refused(tmp_path, taken):
    """Else every answer would be given, and none could be written down."""
    clash = declared(tmp_path, DEFINITIONS.replace("channel", taken))
    workspace = in_memory()
    workspace.apply(clash)
    placed = [{taken if name == "channel" else name: value for name, value in row.items()} for row in placed_rows()]
    append(workspace, clash.facts["placed"], placed)
    append(workspace, clash.facts["delivered"], delivered_rows(placed))
    train(workspace, clash, mean_by("by_pieces", "pieces"))
    with pytest.raises(PushRefused, match=f"called {taken}"):
        workspace.serving.push(clash.endpoint("risk"), PIECES)
    with pytest.raises(UnknownEntry):
        workspace.serving.current("risk")


def test_a_model_that_answers_its_golden_rows_otherwise_here_is_refused(served, monkeypatch):
    workspace, risk = served
    monkeypatch.setattr("pressroom.serving.check_push.verify_golden", lambda model, blobs: 0.25)
    with pytest.raises(PushRefused, match=r"by 0\.25"):
        workspace.serving.push(risk, TRAFFIC)
    monkeypatch.setattr("pressroom.serving.check_push.verify_golden", lambda model, blobs: float("nan"))
    with pytest.raises(PushRefused, match="golden"):
        workspace.serving.push(risk, TRAFFIC)
    assert answering(workspace) == (1, ["late.by_pieces"])


def test_shares_become_routes_of_the_models_in_use(floor):
    workspace, definitions = floor
    shares = [
        Share(model="late.by_pieces", share=0.25, variant="new"),
        Share(model="late.baseline", share=0.75, variant="old"),
    ]
    assignment = Assignment(experiment="trial", unit="customer", salt="trial")
    endpoint = workspace.serving.push(definitions.endpoint("risk"), shares, assignment=assignment).endpoint
    assert [(route.variant, route.low, route.high) for route in endpoint.routes] == [
        ("new", 0, 2_500), ("old", 2_500, 10_000),
    ]  # fmt: skip
    assert (endpoint.experiment, endpoint.unit, endpoint.salt) == ("trial", "customer", "trial")
    for route in endpoint.routes:
        current = workspace.catalog.current("model", route.model)
        assert (route.digest, route.version) == (current.digest, current.version)
    summary = dict(workspace.catalog.current("endpoint", "risk").summary)
    assert summary == {"new": "late.by_pieces 25%", "old": "late.baseline 75%"}


def test_lineage_reaches_from_the_endpoint_to_the_facts(served):
    workspace, _ = served
    entry = workspace.catalog.current("endpoint", "risk")
    node = workspace.catalog.lineage(entry.reference())
    kinds = {(node.reference.kind, node.reference.name)}
    waiting = [node]
    while waiting:
        for parent in waiting.pop().parents:
            kinds.add((parent.reference.kind, parent.reference.name))
            waiting.append(parent)
    assert {("endpoint", "risk"), ("model", "late.by_pieces"), ("training_set", "late")} <= kinds
    assert {("fact_table", "placed"), ("fact_table", "delivered"), ("view", "habit")} <= kinds
    assert Reference(kind="endpoint", name="risk", digest=entry.digest) == entry.reference()
