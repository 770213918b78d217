"""Load over HTTP by wrk, and what it saw."""

import json
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

_UNITS_US = {"us": 1.0, "ms": 1e3, "s": 1e6, "m": 6e7}


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """Requests a second, quantiles of their durations in microseconds, and how many were answered otherwise than 2xx
    or not at all.
    """

    rate: float
    p50_us: float
    p99_us: float
    failed: int


def send(
    url: str,
    body: bytes,
    *,
    headers: dict[str, str] | None = None,
    connections: int = 32,
    seconds: float = 3.0,
    pause_ms: int = 0,
) -> Seen:
    """POST the same body over and over; each connection pauses `pause_ms` before each request."""
    if shutil.which("wrk") is None:
        raise SystemExit("This benchmark needs wrk: apt-get install wrk.")
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "body").write_bytes(body)
        script = Path(folder) / "post.lua"
        script.write_text(_script(Path(folder) / "body", headers or {}, pause_ms), encoding="utf-8")
        command = [
            "wrk",
            "-t1",
            f"-c{connections}",
            f"-d{seconds:.0f}s",
            "--latency",
            "--timeout",
            "10s",
            "-s",
            str(script),
            url,
        ]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    failed = sum(int(found) for found in re.findall(r"Non-2xx or 3xx responses: (\d+)", said))
    failed += sum(
        int(found) for group in re.findall(r"Socket errors: (.*)", said) for found in re.findall(r"\d+", group)
    )
    rate = re.search(r"Requests/sec:\s+([\d.]+)", said)
    assert rate is not None, said
    return Seen(rate=float(rate[1]), p50_us=_quantile(said, "50%"), p99_us=_quantile(said, "99%"), failed=failed)


def _quantile(said: str, which: str) -> float:
    found = re.search(rf"^\s+{which}\s+([\d.]+)(us|ms|s|m)\s*$", said, re.MULTILINE)
    assert found is not None, said
    return float(found[1]) * _UNITS_US[found[2]]


def _script(body: Path, headers: dict[str, str], pause_ms: int) -> str:
    lines = ['wrk.method = "POST"', 'wrk.headers["Content-Type"] = "application/json"']
    lines += [f"wrk.headers[{json.dumps(name)}] = {json.dumps(value)}" for name, value in headers.items()]
    lines += [f'local f = io.open({json.dumps(str(body))}, "rb")', 'wrk.body = f:read("*all")', "f:close()"]
    if pause_ms:
        lines.append(f"function delay() return math.random() * {2 * pause_ms} end")
    return "\n".join(lines) + "\n"
