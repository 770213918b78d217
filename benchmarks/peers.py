"""Peers that serve the same logistic regression, where an interpreter that has them is named in the environment.

Nothing of theirs is installed here. Each serves a scikit-learn pipeline of ten numbers in one worker, and is asked for
one row, in turn with ours. Each checks its input as ours does, by the means that its own documentation shows: ten
finite numbers and a text, by name. LitServe is measured as its documentation begins, and as it recommends for
throughput (the fast queue, and batches of what waits). Only ours writes each prediction down.
"""

import contextlib
import json
import os
import signal
import socket
import statistics
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.case import Case
from benchmarks.load import send

_MODEL = """
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
names = [f"x{number}" for number in range(10)]
x = np.random.default_rng(1).normal(size=(2000, 10))
model = make_pipeline(StandardScaler(), LogisticRegression()).fit(x, x[:, 0] > 0)
"""
_MLFLOW = (
    _MODEL
    + """
import subprocess, sys, mlflow.pyfunc, mlflow.sklearn, pandas
from mlflow.models import ModelSignature
from mlflow.types import ColSpec, Schema
from sklearn.compose import make_column_transformer
frame = pandas.DataFrame(x, columns=names).assign(payment="p")
chosen = make_column_transformer(("passthrough", names))
model = make_pipeline(chosen, StandardScaler(), LogisticRegression()).fit(frame, x[:, 0] > 0)
columns = [*(ColSpec("double", name) for name in names), ColSpec("string", "payment")]
mlflow.sklearn.save_model(model, sys.argv[1] + "/mlflow-model", signature=ModelSignature(inputs=Schema(columns)),
                          pyfunc_predict_fn="predict_proba")
subprocess.run([sys.executable, "-m", "mlflow", "models", "serve", "-m", sys.argv[1] + "/mlflow-model",
                "--env-manager", "local", "--port", sys.argv[2], "--workers", "1"], check=True)
"""
)
_LITSERVE = (
    _MODEL
    + """
import sys, litserve
from pydantic import FiniteFloat, create_model
Row = create_model("Row", payment=(str, ...), **{name: (FiniteFloat, ...) for name in names})
most = int(sys.argv[3])
class Api(litserve.LitAPI):
    def setup(self, device): self.model = model
    def decode_request(self, request: Row): return [getattr(request, name) for name in names]
    def batch(self, inputs): return np.array(inputs)
    def predict(self, rows): return self.model.predict_proba(np.array(rows).reshape(-1, 10))[:, 1]
    def unbatch(self, output): return [[each] for each in output]
    def encode_response(self, output): return {"output": float(output[0])}
if __name__ == "__main__":
    api = Api(max_batch_size=most, batch_timeout=0.001) if most > 1 else Api()
    server = litserve.LitServer(api, accelerator="cpu", workers_per_device=1, fast_queue=most > 1)
    server.run(port=int(sys.argv[2]), generate_client_file=False, num_api_servers=1, log_level="warning")
"""
)
_VALUES = [0.05 * number for number in range(10)]
_ROW = json.dumps({**{f"x{number}": value for number, value in enumerate(_VALUES)}, "payment": "p1"}).encode()
_FRAME = json.dumps(
    {"dataframe_split": {"columns": [*(f"x{number}" for number in range(10)), "payment"], "data": [[*_VALUES, "p1"]]}}
).encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Peer:
    """`variable` names the environment's variable that holds the path of its Python."""

    name: str
    variable: str
    script: str
    path: str
    body: bytes
    more: tuple[str, ...] = ()


_PEERS = (
    _Peer(name="MLflow", variable="PRESSROOM_BENCH_MLFLOW", script=_MLFLOW, path="/invocations", body=_FRAME),
    _Peer(
        name="LitServe", variable="PRESSROOM_BENCH_LITSERVE", script=_LITSERVE, path="/predict", body=_ROW, more=("1",)
    ),
    _Peer(
        name="LitServe, fast queue and batches", variable="PRESSROOM_BENCH_LITSERVE", script=_LITSERVE,
        path="/predict", body=_ROW, more=("32",),
    ),
)  # fmt: skip
_PATIENCE_S = 90.0
_SECONDS = 3.0
_TENTH = 0.1


def peer_cases(folder: Path, ours: Callable[[], float], *, runs: int) -> list[Case]:
    """One case for each peer that is there: our time a request over theirs, one row, 32 connections, `runs` times in
    turn. `ours` measures our requests a second.
    """
    cases: list[Case] = []
    for peer in _PEERS:
        python = os.environ.get(peer.variable)
        if python:
            mine, theirs = _rates(python, peer, folder, ours, runs)
            name = f"LR, 1 row: ours over {peer.name}"
            cases.append(Case(name=name, unit="us", ours=1e6 / mine, limit=1e6 / theirs, target=_TENTH))
    return cases


def _rates(python: str, peer: _Peer, folder: Path, ours: Callable[[], float], runs: int) -> tuple[float, float]:
    file = folder / "peer.py"
    file.write_text(peer.script, encoding="utf-8")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    # MLflow starts its server by name.
    environment["PATH"] = f"{Path(python).parent}{os.pathsep}{environment.get('PATH', '')}"
    process = subprocess.Popen(
        [python, str(file), str(folder), str(port), *peer.more],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        url = f"http://127.0.0.1:{port}{peer.path}"
        _wait(process, lambda: send(url, peer.body, connections=1, seconds=1.0).failed == 0)
        mine: list[float] = []
        theirs: list[float] = []
        for _ in range(runs):
            mine.append(ours())
            seen = send(url, peer.body, seconds=_SECONDS)
            assert seen.failed == 0, f"{peer.name}: {seen.failed} failed"
            theirs.append(seen.rate)
        return statistics.median(mine), statistics.median(theirs)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        process.wait(30)


def _wait(process: "subprocess.Popen[bytes]", is_ready: Callable[[], bool]) -> None:
    until = time.monotonic() + _PATIENCE_S
    while time.monotonic() < until:
        assert process.poll() is None, f"the peer ended with {process.returncode}"
        try:
            if is_ready():
                return
        except (subprocess.CalledProcessError, AssertionError):
            pass
        time.sleep(0.5)
    raise SystemExit("The peer did not become ready.")
