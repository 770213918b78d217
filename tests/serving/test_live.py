import logging

import pytest
from tests.projects import DEFINITIONS, declared, fill, in_memory, mean_by, train

from pressroom.ports import Damaged
from pressroom.serving import Share, UnknownEndpoint, UnknownVersion

OTHER = DEFINITIONS + '\nabsurd = pr.endpoint("absurd", answers=late)\n'


@pytest.fixture
def two(tmp_path):
    """Two endpoints of one training set, both answered by the baseline."""
    definitions = declared(tmp_path, OTHER)
    workspace = in_memory()
    fill(workspace, definitions)
    train(workspace, definitions, mean_by("by_pieces", "pieces"))
    for name in ("absurd", "risk"):
        push(workspace, definitions, name, "late.baseline")
    return workspace, definitions


def push(workspace, definitions, name, model):
    return workspace.serving.push(definitions.endpoint(name), [Share(model=model)]).endpoint


def damage(workspace, model):
    """What storage may do to a model's file."""
    blobs = workspace.ports.blobs
    digest = workspace.catalog.current("model", model).digest
    blobs._kept[digest] = blobs._kept[digest][:-1] + b"\x00"


def test_nothing_serves_before_it_is_looked_for(two):
    live = two[0].serving.live()
    assert live.names() == []
    with pytest.raises(UnknownEndpoint, match="'risk'") as caught:
        live.predictor("risk")
    assert caught.value.next_step == "There are: none."
    assert live.refresh() == ["absurd", "risk"]
    with pytest.raises(UnknownEndpoint) as caught:
        live.predictor("rusk")
    assert caught.value.next_step == "There are: absurd, risk."


def test_only_what_moved_is_loaded_again(two):
    workspace, definitions = two
    live = workspace.serving.live()
    live.refresh()
    before = live.predictor("absurd"), live.predictor("risk")
    assert live.refresh() == []
    after = push(workspace, definitions, "risk", "late.by_pieces")
    assert live.predictor("risk") is before[1]
    assert live.refresh() == ["risk"]
    assert live.predictor("risk").endpoint == after
    assert live.predictor("absurd") is before[0]


def test_a_rollback_is_seen_like_a_push(two):
    workspace, definitions = two
    push(workspace, definitions, "risk", "late.by_pieces")
    live = workspace.serving.live()
    live.refresh()
    workspace.serving.roll_back("risk")
    assert live.refresh() == ["risk"]
    assert live.predictor("risk").endpoint.version == 1


def test_an_endpoint_that_cannot_be_loaded_leaves_what_served_before_and_stands_in_no_other_s_way(two, caplog):
    workspace, definitions = two
    live = workspace.serving.live()
    live.refresh()
    for name in ("absurd", "risk"):
        push(workspace, definitions, name, "late.by_pieces" if name == "absurd" else "late.baseline")
    damage(workspace, "late.by_pieces")
    with caplog.at_level(logging.ERROR):
        assert [live.refresh() for _ in range(3)] == [["risk"], [], []]
    assert [live.predictor(name).endpoint.version for name in ("absurd", "risk")] == [1, 2]
    assert len([record for record in caplog.records if "absurd" in record.getMessage()]) == 1, "told once"
    workspace.serving.roll_back("absurd")
    assert live.refresh() == []
    assert live.predictor("absurd").endpoint.version == 1


def test_a_server_that_starts_with_a_damaged_model_answers_for_the_others_and_says_why_not_for_this(two):
    workspace, definitions = two
    push(workspace, definitions, "absurd", "late.by_pieces")
    damage(workspace, "late.by_pieces")
    live = workspace.serving.live()
    assert live.refresh() == ["risk"]
    with pytest.raises(Damaged, match="not what was put"):
        live.predictor("absurd")


def test_versions_that_answered_before_answer_when_they_are_asked(two):
    workspace, definitions = two
    push(workspace, definitions, "risk", "late.by_pieces")
    live = workspace.serving.live()
    live.refresh()
    assert live.versions("risk") == [2, 1]
    assert live.predictor("risk", 1).endpoint.version == 1
    with pytest.raises(UnknownVersion, match="no version 3") as caught:
        live.predictor("risk", 3)
    assert caught.value.next_step == "There are: 2, 1."


def test_a_rollback_finds_the_version_before_in_memory(two):
    workspace, definitions = two
    live = workspace.serving.live()
    live.refresh()
    before = live.predictor("risk")
    push(workspace, definitions, "risk", "late.by_pieces")
    live.refresh()
    workspace.serving.roll_back("risk")
    assert live.is_loaded_next("risk")
    live.refresh()
    assert live.predictor("risk") is before


def test_models_that_are_not_asked_give_way_and_come_back(two):
    workspace, definitions = two
    push(workspace, definitions, "risk", "late.by_pieces")
    everything = workspace.serving.live()
    everything.refresh()
    live = workspace.serving.live(memory_bytes=everything.model_bytes() - 1)
    assert live.refresh() == ["absurd", "risk"]
    assert live.names() == ["absurd", "risk"]
    assert len(live.loaded()) == 1
    assert live.model_bytes() < everything.model_bytes()
    for name in ("absurd", "risk", "absurd"):
        assert live.predictor(name).endpoint.name == name
        assert live.ready(name) is not None
        assert len(live.loaded()) == 1


def test_many_pushes_leave_no_pile_of_versions_in_memory(two):
    workspace, definitions = two
    live = workspace.serving.live()
    for number in range(15):
        push(workspace, definitions, "risk", f"late.{('baseline', 'by_pieces')[number % 2]}")
        live.refresh()
    assert len(live.loaded()) <= 2 * 2 + 4


def test_a_model_is_in_memory_once_though_two_endpoints_ask_it(two):
    live = two[0].serving.live()
    live.refresh()
    first, second = (live.predictor(name) for name in ("absurd", "risk"))
    digest = first.endpoint.routes[0].digest
    assert first._models[digest] is second._models[digest]
