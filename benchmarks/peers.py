"""Peers that serve the same logistic regression, where an interpreter that has them is named in the environment.

Nothing of theirs is installed here. Each serves a scikit-learn pipeline of ten numbers the way its own documentation
shows first, with its defaults, and is asked for one row.
"""

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.case import Case
from benchmarks.load import send

_MODEL = """
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
x = np.random.default_rng(1).normal(size=(2000, 10))
model = make_pipeline(StandardScaler(), LogisticRegression()).fit(x, x[:, 0] > 0)
"""
_MLFLOW = (
    _MODEL
    + """
import subprocess, sys, mlflow.sklearn
mlflow.sklearn.save_model(model, sys.argv[1] + "/mlflow-model")
subprocess.run([sys.executable, "-m", "mlflow", "models", "serve", "-m", sys.argv[1] + "/mlflow-model",
                "--env-manager", "local", "--port", sys.argv[2], "--workers", "1"], check=True)
"""
)
_LITSERVE = (
    _MODEL
    + """
import sys, litserve
class Api(litserve.LitAPI):
    def setup(self, device): self.model = model
    def decode_request(self, request): return request["inputs"]
    def predict(self, inputs): return self.model.predict_proba(inputs)[:, 1].tolist()
    def encode_response(self, output): return {"outputs": output}
if __name__ == "__main__":
    litserve.LitServer(Api(), accelerator="cpu").run(port=int(sys.argv[2]), generate_client_file=False)
"""
)
_ROW = b'{"inputs": [[0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45]]}'
_PEERS = (("MLflow", "PRESSROOM_BENCH_MLFLOW", _MLFLOW, "/invocations"),
          ("LitServe", "PRESSROOM_BENCH_LITSERVE", _LITSERVE, "/predict"))  # fmt: skip
_PATIENCE_S = 90.0
_TENTH = 0.1


def peer_cases(folder: Path, our_rate: float) -> list[Case]:
    """One case for each peer that is there: our time a request over theirs, one row, 32 connections."""
    cases: list[Case] = []
    for name, variable, script, path in _PEERS:
        python = os.environ.get(variable)
        if python:
            rate = _rate_of(python, script, path, folder)
            case = Case(
                name=f"LR, 1 row: ours over {name}", unit="us", ours=1e6 / our_rate, limit=1e6 / rate, target=_TENTH
            )
            cases.append(case)
    return cases


def _rate_of(python: str, script: str, path: str, folder: Path) -> float:
    file = folder / "peer.py"
    file.write_text(script, encoding="utf-8")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    # MLflow starts its server by name.
    environment["PATH"] = f"{Path(python).parent}{os.pathsep}{environment.get('PATH', '')}"
    process = subprocess.Popen(
        [python, str(file), str(folder), str(port)],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        url = f"http://127.0.0.1:{port}{path}"
        _wait(process, lambda: send(url, _ROW, connections=1, seconds=1.0).failed == 0)
        return send(url, _ROW, seconds=4.0).rate
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
