"""What came of each use: useful, repeated, lost, preempted, saved."""

from pressroom.costs import Usage, charges_in

BLANK = {
    "read_bytes": 0, "written_bytes": 0, "peak_bytes": 0, "memory_byte_s": None, "gpu_s": None, "asked_cpu": None,
    "asked_bytes": None, "asked_gpu": None, "team": None, "flow": None, "tier": None, "model": None, "key": None,
}  # fmt: skip


def row(outcome, *, cpu_s=1.0, **more):
    return {**BLANK, "run": "nightly-0a", "step": "fit", "outcome": outcome, "cpu_s": cpu_s, "wall_s": 2.0, **more}


def kinds(*rows):
    return [charge.kind for charge in charges_in(enumerate(rows))]


def test_each_use_has_a_kind():
    assert kinds(row("done"), row("user code"), row("cancelled"), row("preempted"), row("budget")) == [
        "useful", "lost", "lost", "preempted", "lost",
    ]  # fmt: skip


def test_what_makes_the_same_again_is_repeated_and_what_is_answered_from_it_is_saved():
    rows = [
        row("kept", key="k"),
        row("done", key="k", cpu_s=5.0),
        row("done", key="k"),
        row("kept", key="k", cpu_s=0.0),
    ]
    found = list(charges_in(enumerate(rows)))
    assert [charge.kind for charge in found] == ["useful", "repeated", "cached"]
    assert found[-1].usage == Usage(cpu_s=5.0, wall_s=2.0, read_bytes=0, written_bytes=0)


def test_what_has_no_key_is_never_a_repetition():
    assert kinds(row("done"), row("done")) == ["useful", "useful"]


def test_rows_that_are_older_than_their_columns_are_read():
    (charge,) = charges_in([(7, row("done"))])
    assert (charge.at, charge.flow, charge.team, charge.of("team"), charge.asked.cpu) == (7, "nightly", "", "-", 0.0)
