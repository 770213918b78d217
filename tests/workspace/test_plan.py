import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.projects import DEFINITIONS, declared

from pressroom.values import Change, FactSchema, FieldSchema
from pressroom.workspace import evolution, plan

DELAY = FieldSchema(name="delay", type="float", unit="min")
ORDER = FieldSchema(name="order", type="string", entity="order")
FACT = FactSchema(name="delivered", doc="Handed over.", fields=(ORDER, DELAY))


def changed(field, **changes):
    fields = tuple(dataclasses.replace(f, **changes) if f.name == field else f for f in FACT.fields)
    return dataclasses.replace(FACT, fields=fields)


def with_field(**about):
    return dataclasses.replace(FACT, fields=(*FACT.fields, FieldSchema(name="tip", type="float", **about)))


@pytest.mark.parametrize(
    ("new", "change", "why"),
    [
        (with_field(optional=True), Change.MINOR, "new optional: tip"),
        (with_field(), Change.MAJOR, "tip is new and required"),
        (dataclasses.replace(FACT, fields=(ORDER,)), Change.MAJOR, "delay is gone"),
        (changed("delay", type="int"), Change.MAJOR, "delay changed"),
        (changed("delay", unit="s"), Change.MAJOR, "delay changed"),
        (changed("delay", optional=True), Change.MAJOR, "delay changed"),
        (changed("order", entity="parcel"), Change.MAJOR, "order changed"),
        (changed("delay", name="lag"), Change.MAJOR, "delay is gone; lag is new and required"),
        (changed("delay", doc="how late"), Change.PATCH, "words"),
        (changed("delay", labels=("pii",)), Change.PATCH, "labels"),
        (dataclasses.replace(FACT, purposes=("fraud",)), Change.PATCH, "purposes"),
    ],
)
def test_a_new_optional_field_is_compatible_words_are_a_patch_and_all_else_breaks(new, change, why):
    found, reason = evolution(FACT, new)
    assert found is change
    assert why in reason


FIELDS = st.lists(
    st.builds(
        FieldSchema,
        name=st.sampled_from("abcd"),
        type=st.sampled_from(["int", "float"]),
        optional=st.booleans(),
        unit=st.sampled_from(["", "s"]),
    ),
    unique_by=lambda field: field.name,
)


@given(FIELDS, FIELDS)
def test_whoever_reads_the_old_fields_can_go_on_unless_it_breaks(old, new):
    change, _ = evolution(*(FactSchema(name="f", doc="", fields=tuple(fields)) for fields in (old, new)))
    before, after = {field.name: field for field in old}, {field.name: field for field in new}
    kept = all(after.get(name) == field for name, field in before.items())
    safe = all(field.optional for name, field in after.items() if name not in before)
    assert (change is Change.MAJOR) == (not (kept and safe))
    assert (change is Change.MINOR) == (kept and safe and len(after) > len(before))


def steps(definitions, *, facts, views):
    return {
        (step.kind, step.name): (step.action, step.breaks) for step in plan(definitions, facts=facts, views=views).steps
    }


def test_everything_is_new_in_an_empty_workspace(tmp_path):
    found = steps(declared(tmp_path), facts={}, views={})
    assert set(found.values()) == {("create", False)}
    assert set(found) == {("fact", "placed"), ("fact", "delivered"), ("view", "habit"), ("view", "traffic")}


def test_what_is_applied_is_kept(tmp_path):
    definitions = declared(tmp_path)
    applied = plan(
        definitions, facts=definitions.facts, views={name: view.digest() for name, view in definitions.views.items()}
    )
    assert applied.changes() == ()
    assert {step.action for step in applied.steps} == {"keep"}


def test_a_view_with_another_feature_breaks_who_uses_it(tmp_path):
    before = declared(tmp_path / "before")
    after = declared(tmp_path / "after", DEFINITIONS.replace('window="7d"', 'window="8d"'))
    views = {name: view.digest() for name, view in before.views.items()}
    found = steps(after, facts=before.facts, views=views)
    assert found["view", "habit"] == ("change", True)
    assert found["view", "traffic"] == ("keep", False)


def test_an_owner_or_a_word_about_a_view_changes_nothing(tmp_path):
    before = declared(tmp_path / "before")
    after = declared(tmp_path / "after", DEFINITIONS.replace('owner="shop"', 'owner="us"').replace("orders went", "x"))
    views = {name: view.digest() for name, view in before.views.items()}
    assert set(steps(after, facts=before.facts, views=views).values()) == {("keep", False)}
