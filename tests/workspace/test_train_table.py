import pyarrow as pa
import pytest
from tests.projects import declared, fill, in_memory
from tests.training.tables_given import customers

from pressroom.policy import PolicyRefused, Rule
from pressroom.serving import PushRefused, Rollout, Share
from pressroom.values import FactSchema, InvalidInput, NotFound
from pressroom.workspace import Settings

pytest.importorskip("sklearn")
QUICK = {"learners": ("linear",)}


def pushed(workspace, name="churn", **rollout):
    kept = workspace.tables.endpoint(name)
    return workspace.serving.push(kept.definition, [Share(model=kept.model)], rollout=Rollout(**rollout))


def test_with_an_entity_outcomes_are_a_fact_and_a_share_can_be_tried():
    workspace = in_memory()
    workspace.train_table(customers(500), target="churned", name="churn", entity="customer_id", **QUICK)
    outcome = workspace.fact("churn.outcome")
    assert [(field.name, field.entity) for field in outcome.fields] == [
        ("customer_id", "customer_id"),
        ("churned", None),
    ]
    endpoint = pushed(workspace).endpoint
    assert endpoint.label_key == "customer_id"
    assert [field.name for field in endpoint.question.keys] == ["customer_id"]
    assert pushed(workspace, canary=0.1).endpoint.canary


def test_without_an_entity_a_canary_is_refused_and_a_shadow_is_not():
    workspace = in_memory()
    workspace.train_table(customers(500), target="churned", name="churn", **QUICK)
    pushed(workspace)
    with pytest.raises(PushRefused, match="about nobody in particular"):
        pushed(workspace, canary=0.1)
    assert pushed(workspace, shadow=True).endpoint.version == 2


def test_training_again_gives_a_new_version_under_the_same_name():
    workspace = in_memory()
    workspace.train_table(customers(500), target="churned", name="churn", **QUICK)
    first = pushed(workspace)
    again = workspace.train_table(customers(600, seed=5), target="churned", name="churn", **QUICK)
    assert again.winner().version != "1.0.0"
    second = pushed(workspace)
    assert (first.endpoint.version, second.endpoint.version) == (1, 2)
    assert second.endpoint.routes[0].digest == again.winner().digest


def test_the_name_of_several_classes_names_their_endpoints():
    workspace = in_memory()
    trained = workspace.train_table(customers(500, target="next_plan"), target="next_plan", name="plan", **QUICK)
    with pytest.raises(NotFound) as refused:
        workspace.tables.endpoint("plan")
    assert "plan.is_basic" in refused.value.next_step
    endpoint = pushed(workspace, trained.endpoints[0]).endpoint
    assert endpoint.output.doc == "chance that next_plan is basic"
    assert workspace.tables.endpoint("nothing") is None


def test_policy_travels_from_facts_into_the_models(tmp_path):
    rules = (Rule(label="private", purposes=("fraud",)),)
    workspace = in_memory(settings=Settings(folder=tmp_path, rules=rules))
    definitions = declared(tmp_path)
    fill(workspace, definitions)
    trained = workspace.train_table("placed", target="gift", name="gift", **QUICK)
    assert workspace.catalog.current("model", trained.winner().full_name).purposes == ("operations",)
    assert (
        workspace.catalog.current("training_set", "gift") if workspace.catalog.pointer("training_set", "gift") else True
    )
    private = workspace.fact("placed")
    fields = tuple(
        type(field)(name=field.name, type=field.type, entity=field.entity, optional=field.optional,
                    labels=("private",) if field.name == "distance" else ())
        for field in private.fields
    )  # fmt: skip
    workspace.applied.enter_fact(FactSchema(name="placed", doc=private.doc, fields=fields))
    with pytest.raises(PolicyRefused, match="private"):
        workspace.train_table("placed", target="gift", name="gift", **QUICK)
    allowed = workspace.train_table("placed", target="gift", name="gift", purpose="fraud", **QUICK)
    assert workspace.catalog.current("model", allowed.winner().full_name).labels == ("private",)


def test_a_subject_can_be_looked_for_in_the_frozen_rows():
    workspace = in_memory()
    rows = customers(500)
    workspace.train_table(rows, target="churned", name="churn", entity="customer_id", **QUICK)
    (entry,) = workspace.catalog.entries("training_set", "churn")
    mentions = workspace.forgetting.mentions
    subject = rows.column("customer_id")[3].as_py()
    assert mentions.holds(entry, {}, [], entity="customer_id", subject=subject)
    assert not mentions.holds(entry, {}, [], entity="customer_id", subject="somebody else")


def test_data_frames_are_tables_and_what_is_none_is_refused():
    rows = customers(400)
    pandas = pytest.importorskip("pandas")
    frame = rows.to_pandas()
    assert isinstance(frame, pandas.DataFrame)
    trained = in_memory().train_table(frame, target="churned", **QUICK)
    assert trained.name == "churned"
    with pytest.raises(InvalidInput, match="have no names"):
        in_memory().train_table([[1, 2]], target="churned")
    with pytest.raises(NotFound, match="is no file"):
        in_memory().train_table("nobody", target="churned")
    assert pa.table(frame).num_rows == 400
