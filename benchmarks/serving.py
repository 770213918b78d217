"""The prediction server against the same HTTP server that only sends bodies back; wrk asks, over loopback.

Peers are measured where their own environment is named: PRESSROOM_BENCH_MLFLOW and PRESSROOM_BENCH_LITSERVE are the
paths of Python interpreters that have them. Both cores are shared with wrk, so that two workers show only what it
leaves; what they would do with room is told by the processor time that a request costs. What an echo leaves out has to
be done by anybody: `by_hand` does it with the same libraries and nothing around them.
"""

import contextlib
import http.client
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import psutil

from benchmarks import candidates
from benchmarks.case import Case, Report
from benchmarks.load import Seen, send
from benchmarks.overload import overload_case
from benchmarks.peers import peer_cases
from benchmarks.serving_project import FIELDS, make_project
from pressroom.models import inputs_from_rows, load
from pressroom.workspace import open_workspace

_SERVE = "import sys; from pathlib import Path; from pressroom.doors.inference import serve; "
_SERVE += "serve(Path(sys.argv[1]), port=int(sys.argv[2]), workers=int(sys.argv[3]))"
_SECONDS = 2.0
_PATIENCE_S = 30.0
_ROWS = 100
_X = [round(0.05 * number, 2) for number in range(FIELDS)]


def measure(runs: int) -> Report:
    """All cases of the area."""
    with tempfile.TemporaryDirectory() as name:
        folder, port, echo_port, hand_port = Path(name), _free_port(), _free_port(), _free_port()
        make_project(folder, port=port)
        bare_us = _bare_us(folder)
        with _server(folder, port) as server, _echo(echo_port), _by_hand(hand_port, folder):
            ours, echo = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{echo_port}/"
            by_hand = f"http://127.0.0.1:{hand_port}/"
            cases = [
                _against_echo("LR, 1 row, OIP JSON, 32 connections", runs, ours + _INFER, echo, _oip_json(), 1 / 0.35),
                _against_echo("100 trees, 1 row, entity key only", runs, ours + _TREES, echo, _TREE_ROW, 4.0),
                _against_echo("LR, 100 rows, OIP binary", runs, ours + _INFER, echo, *_oip_binary(), target=2.5),
                _against_echo("LR, 100 rows, OIP JSON", runs, ours + _INFER, echo, _oip_json(_ROWS), 2.5),
                *(
                    _against_hand(f"{words}, {rows} rows", runs, ours + _INFER, by_hand, *asked)
                    for words, rows, asked in (
                        ("over the same by hand: LR, OIP JSON", 1, (_oip_json(), None)),
                        ("over the same by hand: LR, OIP JSON", _ROWS, (_oip_json(_ROWS), None)),
                        ("over the same by hand: LR, OIP binary", _ROWS, _oip_binary()),
                    )
                ),
                _half_load(ours + _TREES),
                *_overhead(ours + _INFER, bare_us),
                overload_case(runs, port, _TREES, _tree_rows(_ROWS)),
            ]
            one, one_cpu_us = _worked(server, ours + _INFER, runs)
            cases += peer_cases(folder, lambda: send(ours + _INFER, _oip_json(), seconds=_SECONDS).rate, runs=runs)
        with _server(folder, port, workers=2) as server:
            two, two_cpu_us = _worked(server, ours + _INFER, runs)
        cases.append(Case(name="two workers over one", unit="us", ours=1e6 / two, limit=1e6 / one, target=1 / 1.6))
        name = "two workers over one, processor time a request"
        cases.append(Case(name=name, unit="us", ours=two_cpu_us, limit=one_cpu_us, target=2.0 / 1.6))
        cases.append(_start(runs, folder, port))
    cases += candidates.cases(runs)
    return Report(area="serving", cases=tuple(cases))


_INFER, _TREES = "/v2/models/linear/infer", "/v1/endpoints/trees:predict"
_TREE_ROW = b'{"rows":[{"payment":"p1","card":"card-0007"}]}'


def _tree_rows(rows: int) -> bytes:
    return json.dumps({"rows": [{"payment": f"p{row}", "card": f"card-{row:04}"} for row in range(rows)]}).encode()


def _oip_json(rows: int = 1) -> bytes:
    inputs = [{"name": "payment", "shape": [rows], "datatype": "BYTES", "data": ["p1"] * rows}]
    inputs += [
        {"name": f"x{place}", "shape": [rows], "datatype": "FP64", "data": [value + 0.001 * row for row in range(rows)]}
        for place, value in enumerate(_X)
    ]
    return json.dumps({"inputs": inputs}).encode()


def _oip_binary() -> tuple[bytes, dict[str, str]]:
    parts = [b"".join(b"\x04\x00\x00\x00p%03d" % row for row in range(_ROWS))]
    parts += [np.full(_ROWS, value).tobytes() for value in _X]
    names = [("payment", "BYTES"), *((f"x{place}", "FP64") for place in range(FIELDS))]
    inputs = [
        {"name": name, "shape": [_ROWS], "datatype": kind, "parameters": {"binary_data_size": len(part)}}
        for (name, kind), part in zip(names, parts, strict=True)
    ]
    head = json.dumps({"inputs": inputs, "parameters": {"binary_data_output": True}}).encode()
    return head + b"".join(parts), {"Inference-Header-Content-Length": str(len(head))}


def _against_echo(  # noqa: PLR0913  (all that a case is, by name)
    name: str,
    runs: int,
    url: str,
    echo: str,
    body: bytes,
    headers: dict[str, str] | float | None = None,
    target: float | None = None,
) -> Case:
    """Microseconds a request at 32 connections, in turn with the echo of the same body."""
    if isinstance(headers, float):
        headers, target = None, headers
    mine: list[float] = []
    theirs: list[float] = []
    for _ in range(runs):
        for rates, where in ((mine, url), (theirs, echo)):
            seen = send(where, body, headers=headers, seconds=_SECONDS)
            assert seen.failed == 0, f"{name}: {seen.failed} failed"
            rates.append(1e6 / seen.rate)
    assert target is not None
    return Case(name=name, unit="us", ours=statistics.median(mine), limit=statistics.median(theirs), target=target)


def _against_hand(name: str, runs: int, url: str, by_hand: str, body: bytes, headers: dict[str, str] | None) -> Case:
    """Microseconds a request at 32 connections, in turn with the same work done by hand."""
    return _against_echo(name, runs, url, by_hand, body, headers, target=2.0)


def _worked(server: psutil.Process, url: str, runs: int) -> tuple[float, float]:
    """Requests a second, and microseconds of processor time that the server took for each."""
    rates: list[float] = []
    costs: list[float] = []
    for _ in range(runs):
        before = _cpu_s(server)
        rates.append(send(url, _oip_json(), seconds=_SECONDS).rate)
        costs.append((_cpu_s(server) - before) / (rates[-1] * _SECONDS) * 1e6)
    return statistics.median(rates), statistics.median(costs)


def _cpu_s(server: psutil.Process) -> float:
    times = [each.cpu_times() for each in (server, *server.children(recursive=True))]
    return sum(each.user + each.system for each in times)


def _half_load(url: str) -> Case:
    full = send(url, _TREE_ROW, seconds=_SECONDS)
    pause_ms = max(1, round(32 / (full.rate / 2) * 1e3 - full.p50_us / 2e3))
    half = send(url, _TREE_ROW, seconds=2 * _SECONDS, pause_ms=pause_ms)
    name = f"100 trees, p99 at {half.rate / full.rate:.0%} of full load, limit 5 ms"
    return Case(name=name, unit="us", ours=half.p99_us, limit=5_000.0, target=1.0)


def _overhead(url: str, bare_us: float) -> list[Case]:
    seen: Seen = send(url, _oip_json(), connections=1, seconds=_SECONDS, pause_ms=2)
    return [
        Case(
            name="overhead at low load, p50, limit 0.3 ms", unit="us", ours=seen.p50_us - bare_us, limit=300, target=1
        ),
        Case(
            name="overhead at low load, p99, limit 1.5 ms", unit="us", ours=seen.p99_us - bare_us, limit=1500, target=1
        ),
    ]


def _bare_us(folder: Path) -> float:
    """The model alone, called with one row."""
    with open_workspace(folder) as workspace:
        model = load(workspace.catalog.current("model", "brought.logistic").digest, workspace.ports.blobs)
    row = {f"x{place}": value for place, value in enumerate(_X)}
    inputs = inputs_from_rows(model.package.signature, [row])
    started = time.perf_counter()
    for _ in range(2_000):
        model.runnable.predict(inputs)
    return (time.perf_counter() - started) / 2_000 * 1e6


def _start(runs: int, folder: Path, port: int) -> Case:
    took: list[float] = []
    for _ in range(runs):
        started = time.perf_counter()
        with _server(folder, port):
            took.append(time.perf_counter() - started)
    return Case(name="start to ready, limit 1.5 s", unit="s", ours=statistics.median(took), limit=1.5, target=1.0)


@contextmanager
def _server(folder: Path, port: int, *, workers: int = 1) -> Iterator[psutil.Process]:
    command = [sys.executable, "-c", _SERVE, str(folder), str(port), str(workers)]
    with _running(command, lambda: _answers(port, "/health/ready")) as process:
        yield process


@contextmanager
def _echo(port: int) -> Iterator[None]:
    with _running([sys.executable, "-m", "benchmarks.echo", str(port)], lambda: _answers(port, "/")):
        yield


@contextmanager
def _by_hand(port: int, folder: Path) -> Iterator[None]:
    log = folder / "by_hand"
    log.mkdir()
    command = [sys.executable, "-m", "benchmarks.by_hand", str(port), str(log)]
    with _running(command, lambda: _answers(port, "/")):
        yield


@contextmanager
def _running(command: list[str], is_ready: Callable[[], bool]) -> Iterator[psutil.Process]:
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + _PATIENCE_S
        while not is_ready():
            assert process.poll() is None, f"{command} ended with {process.returncode}"
            assert time.monotonic() < until, f"{command} is not ready"
            time.sleep(0.01)
        yield psutil.Process(process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(_PATIENCE_S)


def _answers(port: int, path: str) -> bool:
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=5.0)) as connection:
        try:
            connection.request("GET", path)
            return connection.getresponse().status == http.client.OK
        except (OSError, http.client.HTTPException):
            return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
