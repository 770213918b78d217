"""The whole floor on real flights, once around: facts, features, models, an endpoint, an experiment, facts again."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from pressroom.costs import bill, usages_of
from pressroom.demo.definitions import boosting_against_baseline, late, late_arrival
from pressroom.demo.flights import FlightFacts, flight_facts
from pressroom.demo.folder import make_folder
from pressroom.demo.history import future, history
from pressroom.demo.replay import Replayed, Script, moments, replay
from pressroom.demo.result import DemoResult, FactsAppended, Found
from pressroom.demo.server import ServerProcess, running_server
from pressroom.flows import Run
from pressroom.serving import trace_prediction
from pressroom.training import Trained, gradient_boosting, logistic
from pressroom.values import parse_instant
from pressroom.workspace import Workspace, open_workspace

LIVE_FROM = parse_instant("2013-10-01T00:00-04:00")
REQUESTS = 20_000
Told = Callable[[str, int, int], None]


def run_demo(folder: Path, *, told: Told, source: Path | None = None, requests: int = REQUESTS) -> DemoResult:
    """Run the demo in `folder`, which stays. `told` hears of (stage, done, of how many)."""
    started = time.perf_counter()
    with open_workspace(make_folder(folder)) as workspace:
        run = workspace.start_run("demo")
        facts, appended = _load(workspace, run, source, told)
        trained, rebuilt = _train(workspace, run, told)
        told("push", 0, 1)
        with run.step("push"):
            workspace.experiments.ramp(boosting_against_baseline, 0.5)
        with running_server(workspace.settings.folder) as server:
            told("push", 1, 1)
            replayed = _replay(workspace, run, server, facts, requests, told)
        found = _read_out(workspace, run, replayed, told)
        live = {f"{name} (live)": count for name, count in replayed.by_fact.items()}
        return DemoResult(
            folder=folder,
            facts=replace(appended, by_fact={**appended.by_fact, **live, "prediction": found.parity.checked}),
            trained=trained,
            rebuilt_digest=rebuilt,
            replayed=replayed,
            found=found,
            wall_s=time.perf_counter() - started,
        )


def _load(workspace: Workspace, run: Run, source: Path | None, told: Told) -> tuple[FlightFacts, FactsAppended]:
    told("facts", 0, 4)
    with run.step("facts.read"):
        facts = flight_facts(source)
    told("facts", 1, 4)
    with run.step("facts.append"):
        workspace.apply(workspace.definitions())
        began = time.perf_counter()
        receipts = workspace.facts.append(*history(facts, LIVE_FROM))
        took = time.perf_counter() - began
    told("facts", 2, 4)
    with run.step("features.materialize"):
        workspace.follow()
    told("facts", 3, 4)
    with run.step("facts.settle"):
        workspace.settle()
    told("facts", 4, 4)
    by_fact = {receipt.fact: receipt.appended for receipt in receipts}
    return facts, FactsAppended(by_fact=by_fact, per_second_history=sum(by_fact.values()) / took, unfit=facts.set_aside)


def _train(workspace: Workspace, run: Run, told: Told) -> tuple[Trained, str]:
    candidates = (logistic(), gradient_boosting())
    steps = iter(range(len(candidates) + 3))
    trained = workspace.training.train(
        late_arrival,
        candidates,
        run=run,
        known_at=LIVE_FROM,
        told=lambda step: told(f"train: {step}", next(steps), len(candidates) + 3),
    )
    told("train: the same set again", len(candidates) + 2, len(candidates) + 3)
    with run.step("training_set.again"):
        again, _ = workspace.training.build(late_arrival, known_at=LIVE_FROM)
    told("train", len(candidates) + 3, len(candidates) + 3)
    return trained, again.digest


def _replay(
    workspace: Workspace, run: Run, server: ServerProcess, facts: FlightFacts, requests: int, told: Told
) -> Replayed:
    script = Script(
        after=LIVE_FROM,
        arrivals=future(facts, LIVE_FROM),
        endpoint=late.name,
        asked=moments(facts.scheduled, LIVE_FROM, at_least=requests),
    )
    with run.step("replay"):
        return replay(workspace, server, script, told=lambda done, total: told("replay", done, total))


def _read_out(workspace: Workspace, run: Run, replayed: Replayed, told: Told) -> Found:
    told("readout", 0, 3)
    endpoint = workspace.serving.current(late.name)
    with run.step("readout"):
        readout = workspace.experiments.read_out(late.name, known_at=workspace.ports.clock.now())
    told("readout", 1, 3)
    with run.step("parity"):
        parity = workspace.parity(late.name)
    told("readout", 2, 3)
    with run.step("facts.settle"):
        workspace.settle()
    lineage = trace_prediction(
        workspace.catalog,
        endpoint,
        prediction_id=replayed.last_prediction,
        model_digest=replayed.last_model,
    )
    told("readout", 3, 3)
    return Found(
        readout=readout, parity=parity, bill=bill(usages_of(workspace.facts), workspace.prices), lineage=lineage
    )
