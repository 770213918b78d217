import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.projects import declared

from pressroom.facts import BadDefinition
from pressroom.values import InvalidInput
from pressroom.workspace import experiment


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return declared(tmp_path_factory.mktemp("project"))


@given(st.floats(0.0, 1.0))
def test_the_treatment_gets_its_share_and_the_control_the_rest(project, part):
    treatment, control = project.experiment("trial").shares(part)
    assert (treatment.model, treatment.variant, treatment.share) == ("late.by_pieces", "by_pieces", part)
    assert (control.model, control.variant) == ("late.baseline", "baseline")
    assert treatment.share + control.share == pytest.approx(1.0)


@pytest.mark.parametrize("part", [-0.01, 1.01, float("nan"), float("inf")])
def test_what_is_no_share_is_refused(project, part):
    with pytest.raises(InvalidInput, match="no share"):
        project.experiment("trial").shares(part)


def test_units_are_assigned_by_the_experiment_s_own_name(project):
    assignment = project.experiment("trial").assignment()
    assert (assignment.experiment, assignment.unit, assignment.salt) == ("trial", "customer", "trial")


def test_a_unit_that_requests_do_not_bring_is_refused(project, tmp_path):
    other = declared(tmp_path)
    reference = type("Reference", (), {"schema": other.facts["placed"].field("channel")})()
    with pytest.raises(BadDefinition, match="goes by channel") as caught:
        experiment("second", on=project.endpoint("risk"), unit=reference, treatment="by_pieces")
    assert "customer" in caught.value.next_step
