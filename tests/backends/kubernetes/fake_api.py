"""A program: an API server for Jobs and their pods, whose pods are processes of this machine.

It checks manifests against the schemas, keeps deadlines and limits of cores and memory, answers dry runs, conflicts
and watches that are too old, and evicts. `POST /fake` sets what goes wrong: {"evict": true}, {"expire": true},
{"refuse": 2}.
"""

import json
import math
import os
import signal
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jsonschema
import psutil

sys.path.insert(0, str(Path(__file__).parent))
from schemas import JOB, RAY_JOB

Document = dict[str, Any]


def _started(words: list[str], variables: dict[str, str], cpu: str) -> "subprocess.Popen[bytes]":
    """A process that has no more cores than its limit, in whole ones: the thread that starts it hands its own on."""
    cores = os.sched_getaffinity(0)
    if cpu:
        os.sched_setaffinity(0, sorted(cores)[: math.ceil(int(cpu.removesuffix("m")) / 1000)])
    try:
        return subprocess.Popen(words, env=variables, start_new_session=True)
    finally:
        os.sched_setaffinity(0, cores)


class Pod:
    """A pod that runs, or ran."""

    def __init__(self, job: Document) -> None:
        self.job = job
        self.started = time.monotonic()
        container = job["spec"]["template"]["spec"]["containers"][0]
        words = [sys.executable, *container["command"][1:]]
        variables = {"PATH": os.defpath, "PYTHONPATH": os.environ["PYTHONPATH"], "PYTHONDONTWRITEBYTECODE": "1"}
        variables |= {each["name"]: each["value"] for each in container["env"]}
        limits = container.get("resources", {}).get("limits", {})
        self.process = _started(words, variables, limits.get("cpu", ""))
        self.most_bytes = int(limits.get("memory", 0))
        self.kill_at: float | None = None
        self.reason = ""
        self.status: Document = {"phase": "Running"}

    def kill(self, number: int) -> None:
        try:
            os.killpg(self.process.pid, number)
        except ProcessLookupError:
            return

    def look(self) -> None:
        """What a kubelet does every moment."""
        now = time.monotonic()
        if self.kill_at is not None and now >= self.kill_at:
            self.kill(signal.SIGKILL)
        if self.most_bytes and not self.reason and self._held() > self.most_bytes:
            self.reason = "OOMKilled"
            self.kill(signal.SIGKILL)
        code = self.process.poll()
        if code is None:
            return
        self.kill(signal.SIGKILL)
        if self.reason == "Evicted":
            self.status = {"phase": "Failed", "reason": "Evicted", "message": "the node was low on memory"}
            return
        ended = {"exitCode": 128 - code if code < 0 else code, "reason": self.reason or "Completed"}
        phase = "Succeeded" if ended["exitCode"] == 0 else "Failed"
        self.status = {"phase": phase, "containerStatuses": [{"state": {"terminated": ended}}]}

    def _held(self) -> int:
        try:
            return sum(each.memory_info().rss for each in psutil.Process(self.process.pid).children(recursive=True))
        except psutil.NoSuchProcess:
            return 0

    def metrics(self) -> Document:
        """What a metrics server says of it: a rate, and bytes."""
        usage = {"cpu": "250m", "memory": f"{max(1, self._held() >> 10)}Ki"}
        return {**self.document(), "window": "15s", "containers": [{"name": "attempt", "usage": usage}]}

    def document(self) -> Document:
        name = self.job["metadata"]["name"]
        return {
            "metadata": {"name": f"{name}-pod", "labels": self.job["spec"]["template"]["metadata"]["labels"]},
            "status": self.status,
        }


class State:
    """All that the server knows; every change has a number."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.version = 1
        self.jobs: dict[str, Document] = {}
        self.pods: dict[str, Pod] = {}
        self.faults: Document = {}
        self.dry = 0

    def touch(self) -> None:
        self.version += 1
        self.changed.notify_all()

    def make(self, job: Document) -> None:
        name = job["metadata"]["name"]
        self.jobs[name] = {**job, "status": {}}
        self.pods[name] = Pod(job)
        if self.faults.pop("evict", False):
            self.pods[name].reason = "Evicted"
            self.pods[name].kill(signal.SIGKILL)
        self.touch()

    def delete(self, name: str) -> None:
        self.jobs.pop(name, None)
        pod = self.pods.pop(name, None)
        if pod is not None:
            pod.kill(signal.SIGKILL)
            pod.process.wait()
        self.touch()

    def turn(self) -> None:
        """Look at every pod for ever, as nodes and controllers do."""
        while True:
            time.sleep(0.05)
            with self.changed:
                for name, pod in self.pods.items():
                    self._turn(self.jobs[name], pod)

    def _turn(self, job: Document, pod: Pod) -> None:
        if job["status"]:
            return
        pod.look()
        deadline = job["spec"].get("activeDeadlineSeconds")
        if deadline is not None and time.monotonic() - pod.started > deadline and pod.status["phase"] == "Running":
            pod.kill(signal.SIGKILL)
            condition = {"type": "Failed", "status": "True", "reason": "DeadlineExceeded", "message": "too long"}
        elif pod.status["phase"] == "Succeeded":
            condition = {"type": "Complete", "status": "True"}
        elif pod.status["phase"] == "Failed":
            condition = {"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded", "message": "it failed"}
        else:
            return
        job["status"] = {"conditions": [condition]}
        self.touch()


STATE = State()


class Handler(BaseHTTPRequestHandler):
    """One request."""

    def log_message(self, *args: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = parse_qs(parts.query)
        if self.headers.get("Authorization") != "Bearer let-me-in":
            self.answer(401, {"message": "who are you?"})
        elif "watch" in query:
            self.watch(int(query["resourceVersion"][0]), float(query["timeoutSeconds"][0]))
        elif parts.path.endswith("/fake"):
            self.answer(200, {"dry": STATE.dry, "jobs": list(STATE.jobs)})
        else:
            with STATE.changed:
                selector = query.get("labelSelector", [""])[0].partition("=")
                if "metrics.k8s.io" in parts.path:
                    found = [pod.metrics() for pod in STATE.pods.values()]
                elif parts.path.endswith("/pods"):
                    found = [pod.document() for pod in STATE.pods.values()]
                else:
                    found = list(STATE.jobs.values())
                items = [each for each in found if each["metadata"]["labels"].get(selector[0]) == selector[2]]
                self.answer(200, {"metadata": {"resourceVersion": str(STATE.version)}, "items": items})

    def watch(self, seen: int, wait_s: float) -> None:
        self.send_response(200)
        self.end_headers()
        if STATE.faults.pop("expire", False):
            gone = {"type": "ERROR", "object": {"code": 410, "message": "too old resource version"}}
            self.wfile.write(json.dumps(gone).encode() + b"\n")
            return
        with STATE.changed:
            STATE.changed.wait_for(lambda: STATE.version > seen, wait_s)
            if STATE.version > seen:
                self.wfile.write(b'{"type": "MODIFIED", "object": {}}\n')

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == "/fake":
            STATE.faults.update(body)
            self.answer(200, {})
            return
        if STATE.faults.get("refuse", 0) > 0:
            STATE.faults["refuse"] -= 1
            self.close_connection = True
            return
        try:
            jsonschema.validate(body, RAY_JOB if body.get("kind") == "RayJob" else JOB)
        except jsonschema.ValidationError as error:
            self.answer(422, {"message": f"{error.json_path}: {error.message}"})
            return
        with STATE.changed:
            if body["metadata"]["name"] in STATE.jobs:
                self.answer(409, {"message": "it is there"})
            elif "dryRun=All" in self.path:
                STATE.dry += 1
                self.answer(201, body)
            else:
                STATE.make(body)
                self.answer(201, body)

    def do_DELETE(self) -> None:
        parts = urlsplit(self.path)
        name = parts.path.rpartition("/")[2]
        with STATE.changed:
            if "/pods/" in parts.path:
                pod = STATE.pods[name.removesuffix("-pod")]
                pod.kill(signal.SIGTERM)
                pod.kill_at = time.monotonic() + float(parse_qs(parts.query)["gracePeriodSeconds"][0])
                self.answer(200, {})
            elif name in STATE.jobs:
                STATE.delete(name)
                self.answer(200, {})
            else:
                self.answer(404, {"message": "there is none"})

    def answer(self, status: int, document: Document) -> None:
        content = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def main() -> None:
    """Serve on a port that is printed, until standard input ends."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    sys.stdout.write(f"{server.server_address[1]}\n")
    sys.stdout.flush()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    threading.Thread(target=STATE.turn, daemon=True).start()
    sys.stdin.read()
    for pod in STATE.pods.values():
        pod.kill(signal.SIGKILL)


if __name__ == "__main__":
    main()
