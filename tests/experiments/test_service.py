import pytest
from tests.projects import DAY, DEFINITIONS, END, HOUR, declared, mean_by, train

from pressroom.experiments import NoExposures, NoOutcomes
from pressroom.serving import PushRefused, Share
from pressroom.values import BUCKETS, InvalidInput, bucket_of


def delays(numbers, every=3):
    return {number: 20.0 if number % every else 0.0 for number in numbers}


def test_a_ramp_gives_the_treatment_its_share_through_the_checks_of_a_push(trial):
    trial.ramp(0.05)
    running = trial.workspace.serving.current("risk")
    assert [(route.variant, route.low, route.high) for route in running.routes] == [
        ("by_pieces", 0, 500), ("baseline", 500, BUCKETS),
    ]  # fmt: skip
    entry = trial.workspace.catalog.current("experiment", "trial")
    assert entry.version == "5.00%"
    assert [parent.digest for parent in entry.parents] == [running.digest()]


def test_each_ramp_is_told_with_the_endpoint_version_it_made(trial):
    for part in (0.1, 0.5, 0.1):
        trial.ramp(part)
        entry = trial.workspace.catalog.current("experiment", "trial")
        assert entry.version == f"{part:.2%}"
        assert [parent.digest for parent in entry.parents] == [trial.workspace.serving.current("risk").digest()]


def test_a_ramp_that_fails_a_check_changes_nothing(trial, tmp_path):
    trial.ramp(0.5)
    other = declared(tmp_path / "other", DEFINITIONS.replace('window="7d")\n    last', 'window="9d")\n    last'))
    train(trial.workspace, trial.definitions, mean_by("by_pieces", "habit.delay_7d"))
    trial.workspace.apply(other)
    with pytest.raises(PushRefused, match="another definition"):
        trial.workspace.experiments.ramp(other.experiment("trial"), 0.9)
    assert trial.workspace.serving.current("risk").routes[0].high == 5_000
    assert trial.workspace.catalog.current("experiment", "trial").version == "50.00%"
    with pytest.raises(InvalidInput):
        trial.ramp(1.5)


def test_units_keep_their_arm_from_ramp_to_ramp_but_those_the_boundary_passes(trial):
    seen = {}
    for turn, part in enumerate((0.1, 0.5, 0.3)):
        trial.ramp(part)
        trial.expose(range(200), minute=turn)
        for given in trial.given[-200:]:
            assert (given.route.variant == "by_pieces") == (bucket_of("trial", given.unit) < part * BUCKETS)
            seen.setdefault(given.unit, []).append(given.route.variant)
    stable = [arms for unit, arms in seen.items() if not 1_000 <= bucket_of("trial", unit) < 5_000]
    assert stable
    assert all(len(set(arms)) == 1 for arms in stable)


def test_a_readout_joins_what_happened_by_the_endpoint_s_own_key(trial):
    trial.ramp(0.5)
    trial.expose(range(120))
    trial.deliver(delays(range(100)))
    found = trial.read_out()
    assert (found.experiment, found.units) == ("trial", 120)
    assert sum(variant.n for variant in found.variants) == 100
    losses = {"by_pieces": [], "baseline": []}
    for number, given in enumerate(trial.given[:100]):
        losses[given.route.variant].append((given.prediction - (1.0 if number % 3 else 0.0)) ** 2)
    for variant in found.variants:
        assert variant.brier == pytest.approx(sum(losses[variant.name]) / len(losses[variant.name]))
    assert [variant.name for variant in found.variants] == ["by_pieces", "baseline"]


def test_only_the_first_exposure_of_a_unit_counts(trial):
    trial.ramp(0.5)
    trial.expose(range(60), minute=0)
    trial.deliver(delays(range(60)))
    once = trial.read_out()
    trial.expose(range(60), minute=30)
    assert trial.read_out() == once


def test_what_is_not_known_yet_is_not_counted(trial):
    trial.ramp(0.5)
    trial.expose(range(80))
    trial.deliver(delays(range(40)), known=END + 2 * HOUR)
    trial.deliver(delays(range(40, 80)), known=END + 5 * HOUR)
    assert sum(variant.n for variant in trial.read_out(known_at=END + 3 * HOUR).variants) == 40
    assert sum(variant.n for variant in trial.read_out(known_at=END + 5 * HOUR).variants) == 80


def test_after_a_ramp_only_exposures_at_the_new_shares_are_compared(trial):
    """Else the old shares would look like a broken assignment."""
    trial.ramp(0.1)
    trial.expose(range(1_000))
    trial.ramp(0.5)
    with pytest.raises(NoExposures, match="present shares"):
        trial.read_out()
    trial.expose(range(1_000, 1_400))
    trial.deliver(delays(range(1_400)))
    found = trial.read_out()
    assert (found.units, found.trusted) == (400, True)


def test_a_retrained_model_at_the_same_shares_goes_on_with_the_same_exposures(trial):
    trial.ramp(0.5)
    trial.expose(range(100))
    train(trial.workspace, trial.definitions, mean_by("by_pieces", "pieces", prior_weight=99.0))
    trial.ramp(0.5)
    trial.expose(range(100, 200))
    trial.deliver(delays(range(200)))
    assert trial.read_out().units == 200


def test_exposures_of_another_experiment_on_the_endpoint_are_left_out(trial, tmp_path):
    second = declared(
        tmp_path / "second", DEFINITIONS.replace('pr.experiment("trial"', 'pr.experiment("second"')
    ).experiment("second")
    trial.ramp(0.5)
    trial.expose(range(100))
    trial.workspace.experiments.ramp(second, 0.5)
    trial.expose(range(100, 160))
    trial.deliver(delays(range(160)))
    found = trial.read_out()
    assert (found.experiment, found.units) == ("second", 60)


def test_shares_that_went_wrong_are_told(trial):
    trial.ramp(0.5)
    treated = [number for number in range(3_000) if bucket_of("trial", f"u{number}") < 5_000]
    control = [number for number in range(3_000) if bucket_of("trial", f"u{number}") >= 5_000]
    trial.expose([*treated[:600], *control[:400]])
    trial.deliver(delays(range(3_000)))
    found = trial.read_out()
    assert not found.trusted
    assert "not those that were meant" in found.sentence


def test_nobody_exposed_is_refused(trial):
    trial.ramp(0.5)
    with pytest.raises(NoExposures) as caught:
        trial.read_out()
    assert "pressroom ramp" in caught.value.next_step


def test_exposures_without_outcomes_are_refused(trial):
    trial.ramp(0.5)
    trial.expose(range(50))
    with pytest.raises(NoOutcomes, match="0 units of by_pieces"):
        trial.read_out()


def test_an_endpoint_without_an_experiment_is_refused(trial):
    risk = trial.definitions.endpoint("risk")
    trial.workspace.serving.push(risk, [Share(model="late.by_pieces")])
    trial.expose(range(50))
    with pytest.raises(NoExposures):
        trial.read_out()


def test_a_variant_that_nobody_gets_is_refused(trial):
    trial.ramp(0.0)
    trial.expose(range(50))
    trial.deliver(delays(range(50)))
    with pytest.raises(NoOutcomes, match="by_pieces"):
        trial.read_out(known_at=END + DAY)
