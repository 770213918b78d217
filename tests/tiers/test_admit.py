"""Laws of admission, on machines, queues and clocks of any kind."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressroom.tiers import RANK, TIERS, Machine, Queue, Quota, Rules, Share, Waiting, Working, admit
from pressroom.values import InvalidInput

CPUS = st.sampled_from([0.5, 1.0, 2.0, 3.0])
TEAMS = st.sampled_from(["ads", "search", "maps"])


@st.composite
def situations(draw):
    """A machine that is partly taken, a queue, and rules; all of it possible."""
    capacity = Share(cpu=8.0, memory_bytes=64)
    sure = {team: draw(st.integers(0, 6)) for team in ("ads", "search")}
    quotas = {
        team: Quota(
            sure=Share(cpu=float(cpu), memory_bytes=8 * cpu),
            most=draw(st.none() | st.builds(lambda cpu: Share(cpu=float(cpu), memory_bytes=64), st.integers(6, 8))),
        )
        for team, cpu in sure.items()
    }
    rules = Rules(capacity=capacity, quotas=quotas, least_patience_s=draw(st.sampled_from([50.0, 1e9])), min_run_s=10.0)
    now_s = 1_000.0
    working, free = [], capacity
    for number in range(draw(st.integers(0, 8))):
        ask = Share(cpu=draw(CPUS), memory_bytes=draw(st.sampled_from([0, 8])))
        team = draw(TEAMS)
        held = sum((each.ask for each in working if each.team == team), Share())
        if ask.fits(free) and (held + ask).fits(rules.most(team)):
            began = draw(st.integers(0, 1_000))
            work = Working(
                name=f"w{number}", tier=draw(st.sampled_from(TIERS)), team=team, ask=ask, started_s=began,
                safe_s=draw(st.integers(began, 1_000)), expected_s=draw(st.sampled_from([0.0, 500.0])),
                entitled=draw(st.booleans()), stopping=draw(st.booleans()),
            )  # fmt: skip
            working.append(work)
            free -= ask
    waiting = [
        Waiting(
            name=f"q{number}", tier=draw(st.sampled_from(TIERS)), team=draw(TEAMS),
            ask=Share(cpu=draw(CPUS), memory_bytes=draw(st.sampled_from([0, 8]))),
            since_s=draw(st.integers(900, 1_000)), attained_s=draw(st.sampled_from([0.0, 5.0])),
        )
        for number in range(draw(st.integers(0, 10)))
    ]  # fmt: skip
    return rules, working, waiting, now_s


def decide(situation):
    rules, working, waiting, now_s = situation
    return admit(Machine(rules, working), Queue(rules, waiting), now_s)


@given(situations())
def test_never_more_starts_than_is_free(situation):
    rules, working, _, _ = situation
    decided = decide(situation)
    both = [*working, *decided.start]
    for part in ("cpu", "memory_bytes"):
        held = sum(getattr(each.ask, part) for each in both)
        assert held <= getattr(rules.capacity, part) + 1e-6


@given(situations())
def test_no_team_holds_more_than_it_may(situation):
    rules, working, _, _ = situation
    decided = decide(situation)
    for team in {work.team for work in decided.start}:
        held = sum(each.ask.cpu for each in [*working, *decided.start] if each.team == team)
        assert held <= rules.most(team).cpu + 1e-6


@given(situations())
def test_only_lower_tiers_and_what_is_lent_make_room_and_only_after_their_time(situation):
    rules, working, _, now_s = situation
    for victim, work in decide(situation).stop:
        ran = now_s - victim.started_s
        assert ran >= rules.min_run_s
        assert not victim.stopping
        assert not victim.entitled or work.tier == "serving"
        assert not 0.9 * victim.expected_s <= ran < victim.expected_s
        if victim.tier == work.tier:
            held = sum(
                w.ask.cpu for w in working
                if w.team == victim.team and RANK[w.tier] <= RANK[victim.tier] and not w.stopping
            )  # fmt: skip
            memory = sum(
                w.ask.memory_bytes for w in working
                if w.team == victim.team and RANK[w.tier] <= RANK[victim.tier] and not w.stopping
            )  # fmt: skip
            sure = rules.sure(victim.team)
            assert victim.team != work.team
            assert held > sure.cpu or memory > sure.memory_bytes
        else:
            assert RANK[victim.tier] > RANK[work.tier]


@given(situations())
def test_room_is_made_only_for_what_its_team_is_sure_of(situation):
    rules, working, _, _ = situation
    promised = [work for _, work in decide(situation).stop]
    for work in promised:
        higher = [w for w in working if w.team == work.team and RANK[w.tier] <= RANK[work.tier]]
        above = sum(w.ask.cpu for w in higher)
        assert above + work.ask.cpu <= rules.sure(work.team).cpu + 1e-6


@given(situations())
def test_what_makes_room_is_needed_and_of_the_tiers_least_lost(situation):
    rules, working, _, now_s = situation
    stops = decide(situation).stop
    alike = [work for work in working if work.ask == Share(cpu=1.0)]
    for victim, work in stops:
        if victim.tier == work.tier:
            continue
        for other in alike:
            spared = other.name not in {each.name for each, _ in stops} and not other.stopping and not other.entitled
            ran = now_s - other.started_s
            may = ran >= rules.min_run_s and not 0.9 * other.expected_s <= ran < other.expected_s
            own = other.team == victim.team
            if spared and may and own and other.tier == victim.tier and other.ask == victim.ask:
                assert victim.lost(now_s) <= other.lost(now_s)


@given(situations())
def test_nobody_makes_room_who_could_be_left_out(situation):
    rules, working, waiting, now_s = situation
    for work in waiting[:1]:
        decided = admit(Machine(rules, working), Queue(rules, [work]), now_s)
        victims = [victim for victim, _ in decided.stop]
        for spared in victims:
            going = {victim.name for victim in victims if victim != spared}
            left = [w for w in working if not w.stopping and w.name not in going]
            own = [w for w in left if w.team == work.team]
            most = rules.most(work.team)
            room = all(
                sum(getattr(w.ask, part) for w in left) + getattr(work.ask, part) <= getattr(rules.capacity, part)
                and sum(getattr(w.ask, part) for w in own) + getattr(work.ask, part) <= getattr(most, part)
                for part in ("cpu", "memory_bytes")
            )
            assert not room


@given(situations())
def test_nothing_waits_for_what_lower_tiers_are_given(situation):
    """Monotone in priority: nothing starts while a higher tier's work that would fit in its place does not."""
    rules, _, waiting, _ = situation
    if rules.least_patience_s < 1e9:
        return
    decided = decide(situation)
    starts = {work.name for work in decided.start}
    for work in decided.start:
        for other in waiting:
            higher = RANK[other.tier] < RANK[work.tier] and other.name not in starts
            if higher and other.ask == work.ask and other.team == work.team:
                raise AssertionError(f"{work.name} starts before {other.name}")


@given(situations())
def test_raising_a_tier_never_delays(situation):
    rules, working, waiting, now_s = situation
    starts = {work.name for work in decide(situation).start}
    for number, work in enumerate(waiting):
        if work.name in starts and RANK[work.tier] > 0 and len(waiting) < 6 and rules.least_patience_s == 1e9:
            raised = [*waiting]
            raised[number] = replace(work, tier=TIERS[RANK[work.tier] - 1])
            now = admit(Machine(rules, working), Queue(rules, raised), now_s)
            assert work.name in {each.name for each in now.start}


def one(name, tier, *, cpu=1.0, team="ads", since_s=0.0, expected_s=0.0):
    return Waiting(name=name, tier=tier, team=team, ask=Share(cpu=cpu), since_s=since_s, expected_s=expected_s)


def busy(name, tier, *, cpu=1.0, team="ads", safe_s=0.0):
    return Working(name=name, tier=tier, team=team, ask=Share(cpu=cpu), started_s=0.0, safe_s=safe_s)


RULES = Rules(capacity=Share(cpu=4.0), min_run_s=10.0, least_patience_s=600.0)


def test_the_lowest_tier_makes_room_and_in_it_who_loses_least():
    machine = Machine(RULES, [
        busy("a", "batch"), busy("b", "backfill"), busy("c", "backfill", safe_s=90.0), busy("d", "production")
    ])  # fmt: skip
    decided = admit(machine, Queue(RULES, [one("p", "production")]), 100.0)
    assert [victim.name for victim, _ in decided.stop] == ["c"]
    assert decided.start == ()


def test_what_was_told_to_stop_is_waited_for_and_kept_from_others():
    machine = Machine(RULES, [busy(name, "batch") for name in "abc"])
    machine.add(busy("d", "batch").stopped())
    queue = Queue(RULES, [one("p", "production"), one("q", "batch")])
    assert admit(machine, queue, 100.0).stop == ()
    machine.remove("d")
    assert [work.name for work in admit(machine, queue, 100.0).start] == ["p"]


def test_lower_tiers_do_not_slip_past_what_may_not_make_room_yet():
    machine = Machine(RULES, [busy(name, "batch") for name in "ab"])
    queue = Queue(RULES, [one("p", "production", cpu=4.0), one("q", "backfill")])
    decided = admit(machine, queue, 5.0)
    assert (decided.start, decided.stop) == ((), ())


def test_small_work_slips_past_large_work_of_its_own_tier_until_that_has_waited_too_long():
    machine = Machine(RULES, [busy("a", "serving", cpu=3.0)])
    queue = Queue(RULES, [one("large", "batch", cpu=2.0), one("small", "batch", since_s=1.0)])
    assert [work.name for work in admit(machine, queue, 10.0).start] == ["small"]
    assert admit(machine, queue, 601.0).start == ()


def test_what_waited_too_long_goes_before_production_as_far_as_the_floor_goes():
    rules = replace(RULES, floor=0.25)
    queue = Queue(
        rules, [one("old1", "backfill"), one("old2", "backfill"), *(one(f"p{i}", "production") for i in range(4))]
    )
    decided = admit(Machine(rules), queue, 700.0)
    assert [work.name for work in decided.start] == ["old1", "p0", "p1", "p2"]
    assert decided.start[0].entitled


def test_a_team_gets_back_what_it_lent():
    rules = replace(RULES, quotas={"ads": Quota(sure=Share(cpu=2.0)), "maps": Quota(sure=Share(cpu=2.0))})
    machine = Machine(rules, [busy(name, "batch") for name in "abcd"])
    queue = Queue(rules, [one(f"m{number}", "batch", team="maps") for number in range(3)])
    decided = admit(machine, queue, 100.0)
    assert [victim.name for victim, _ in decided.stop] == ["a", "b"]


def test_work_that_was_stopped_comes_after_work_that_ran_less():
    queue = Queue(
        RULES, [replace(one("again", "batch", cpu=4.0), attained_s=9.0), one("new", "batch", cpu=4.0, since_s=5.0)]
    )
    assert [work.name for work in admit(Machine(RULES), queue, 6.0).start] == ["new"]


@given(st.lists(st.tuples(st.sampled_from(["add", "remove"]), st.integers(0, 9), st.sampled_from(TIERS)), max_size=40))
def test_a_queue_holds_what_was_added_and_not_taken_out(changes):
    queue, held = Queue(RULES), {}
    for what, number, tier in changes:
        if what == "add":
            work = one(f"n{number}", tier, since_s=float(number % 3))
            queue.add(work)
            held[work.name] = work
        else:
            assert queue.remove(f"n{number}") == held.pop(f"n{number}", None)
    assert sorted(work.name for work in queue) == sorted(held)
    assert {work.name for work in queue.due(1e9)} == set(held)
    assert len(queue) == len(held)


def test_rules_that_would_starve_somebody_are_refused():
    with pytest.raises(InvalidInput, match="floor"):
        Rules(capacity=Share(cpu=1.0), floor=0.0)
