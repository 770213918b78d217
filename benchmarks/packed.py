"""Packed models: one row against bare onnxruntime and the framework's own call; loading against reading, and how long
others wait for it.
"""

import statistics
import time
from pathlib import Path

import numpy as np
import onnx
import pyarrow as pa
from onnx import helper, numpy_helper

from benchmarks.case import Case, again, medians
from benchmarks.four_models import SIGNATURE, columns, fitted, rows
from benchmarks.stall import longest_pause_s
from pressroom.models import Origin, PartialCache, load, pack, partial_of
from pressroom.ports import Blobs
from pressroom.serving.live import load_warm
from pressroom.values import Digest, digest_bytes
from pressroom.workspace.assembly import embedded

_TIMES = 5_000
_BARE, _FRAMEWORK, _READ = 2.0, 1 / 15, 1.3
_MEGABYTES = 100
_LONGEST_PAUSE_S = 0.010


def cases(runs: int, folder: Path) -> tuple[Case, ...]:
    """LR and 100 trees for one row, and a model of 100 MB."""
    ports = embedded(folder / "packed")
    linear, boosted, *_ = fitted(ports.blobs)
    found: list[Case] = []
    for name, model in (("LR", linear), ("100 trees", boosted)):
        matrix = rows(1, 5)
        inputs, runnable = columns(matrix), load(model.packed.digest, ports.blobs).runnable
        np.testing.assert_allclose(runnable.predict(inputs), np.ravel(model.native(matrix))[:1], rtol=1e-5, atol=1e-6)
        ours, bare, native = medians(
            runs,
            again(_TIMES, lambda runnable=runnable, inputs=inputs: runnable.predict(inputs)),
            again(_TIMES, lambda model=model, matrix=matrix: model.bare(matrix)),
            again(_TIMES // 50, lambda model=model, matrix=matrix: model.native(matrix)),
        )
        mine, what = ours / _TIMES * 1e6, f"{name}, 1 row, packed"
        limits = {"onnxruntime": (bare / _TIMES, _BARE), model.name: (native / (_TIMES // 50), _FRAMEWORK)}
        found += [
            Case(name=f"{what}, over {whom}", unit="us", ours=mine, limit=seconds * 1e6, target=target)
            for whom, (seconds, target) in limits.items()
        ]
    found += _load(runs, folder)
    ports.close()
    return tuple(found)


def _load(runs: int, folder: Path) -> list[Case]:
    """From a digest to a model that answers, against reading its files, with and without comparing their digests."""
    ports = embedded(folder / "large")
    golden = pa.table(columns(rows(4)))
    packed = pack(_large(), name="large", signature=SIGNATURE, golden=golden, origin=Origin(), blobs=ports.blobs)
    stored = [path for path in (folder / "large").rglob("*") if path.is_file() and path.stat().st_size > 1_000_000]
    names = {digest_bytes(path.read_bytes()): path for path in stored}
    wanted = [names[digest] for digest in packed.package.files.values() if digest in names]
    assert sum(path.stat().st_size for path in wanted) > _MEGABYTES * 1_000_000
    ours, checking, reading = medians(
        runs,
        lambda: load(packed.digest, ports.blobs),
        lambda: [digest_bytes(path.read_bytes()) for path in wanted],
        lambda: [path.read_bytes() for path in wanted],
    )
    pause, idle = _pauses(runs, packed.digest, ports.blobs)
    ports.close()
    name = f"load a packed model of {_MEGABYTES} MB, over"
    return [
        Case(name=f"{name} {what} its bytes", unit="ms", ours=ours * 1e3, limit=limit * 1e3, target=_READ)
        for what, limit in (("reading and checking", checking), ("only reading", reading))
    ] + [
        Case(
            name=f"longest stall of another thread while {_MEGABYTES} MB are loaded (idle: {idle * 1e3:.1f} ms)",
            unit="ms",
            ours=pause * 1e3,
            limit=_LONGEST_PAUSE_S * 1e3,
            target=1.0,
        )
    ]


def _pauses(runs: int, digest: Digest, blobs: Blobs) -> tuple[float, float]:
    """Seconds that another thread waits at most while a server takes a model in, and while nothing is done."""
    entity_of = {name: "ab"[place % 2] for place, name in enumerate(SIGNATURE.names())}

    def take_in() -> None:
        partial_of(load_warm(digest, blobs), blobs, entity_of, PartialCache())

    take_in()
    pairs = [(longest_pause_s(take_in), longest_pause_s(lambda: time.sleep(0.1))) for _ in range(runs)]
    taking, idle = zip(*pairs, strict=True)
    return statistics.median(taking), statistics.median(idle)


def _large() -> onnx.ModelProto:
    """A net of 100 MB of weights."""
    draw, wide = np.random.default_rng(0), 5_000
    inner = _MEGABYTES * 1_000_000 // 4 // wide
    shapes = {"a": (len(SIGNATURE.inputs), wide), "b": (wide, inner), "c": (inner, 1)}
    weights = [numpy_helper.from_array((draw.normal(size=s) / s[0]).astype(np.float32), n) for n, s in shapes.items()]
    nodes = [
        helper.make_node("MatMul", ["X", "a"], ["h"]),
        helper.make_node("Relu", ["h"], ["i"]),
        helper.make_node("MatMul", ["i", "b"], ["j"]),
        helper.make_node("MatMul", ["j", "c"], ["y"]),
    ]
    taken = helper.make_tensor_value_info("X", onnx.TensorProto.FLOAT, ["n", len(SIGNATURE.inputs)])
    given = helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, ["n", 1])
    graph = helper.make_graph(nodes, "large", [taken], [given], weights)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)
