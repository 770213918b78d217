"""An ensemble of four frameworks in one session, against four bare sessions, and against four frameworks."""

from pathlib import Path

import numpy as np

from benchmarks.case import Case, again, medians
from benchmarks.four_models import columns, fitted, rows
from pressroom.models import Ensemble, assemble, member_of, nodes
from pressroom.workspace.assembly import embedded

_BARE, _NATIVE = 1.2, 0.5


def cases(runs: int, folder: Path) -> tuple[Case, ...]:
    """The mean of four models' chances, for 1 row and for 100."""
    ports = embedded(folder / "fused")
    models = fitted(ports.blobs)
    names = [model.name for model in models]
    declared = Ensemble(
        name="blend",
        nodes=(*(nodes.model(name, name) for name in names), nodes.weighted_mean("score", names)),
        output="score",
    )
    blend = assemble(declared, {model.name: member_of(model.packed.digest, ports.blobs) for model in models})
    assert not blend.placed.region.alone, blend.placed.region.alone
    found: list[Case] = []
    for count in (1, 100):
        matrix = rows(count, 5)
        inputs = columns(matrix)
        apart = np.mean([np.ravel(model.native(matrix)) for model in models], axis=0)
        np.testing.assert_allclose(blend.predict(inputs), apart, rtol=1e-6, atol=1e-6)
        times = max(50, 2_000 // count)
        ours, bare, native = medians(
            runs,
            again(times, lambda inputs=inputs: blend.predict(inputs)),
            again(times, lambda matrix=matrix: [model.bare(matrix) for model in models]),
            again(times, lambda matrix=matrix: [model.native(matrix) for model in models]),
        )
        mine, what = ours / times * 1e6, f"four frameworks fused, {count} row{'s' if count > 1 else ''}"
        found += [
            Case(name=f"{what}, over four bare sessions", unit="us", ours=mine, limit=bare / times * 1e6, target=_BARE),
            Case(name=f"{what}, over native calls", unit="us", ours=mine, limit=native / times * 1e6, target=_NATIVE),
        ]
    ports.close()
    return tuple(found)
