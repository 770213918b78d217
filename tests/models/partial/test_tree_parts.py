"""Bits over leaves against a plain walk down the trees."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pressroom.models.partial import tree_parts
from pressroom.models.partial.blocks import Block
from pressroom.models.partial.leaf_bits import leaf_bits
from pressroom.models.partial.rows import Rows
from pressroom.models.partial.tree_parts import TreeParts
from pressroom.models.structure import Trees

EDGES = [-1.5, -0.0, 0.0, 0.1, float(np.float32(0.1)), np.nextafter(0.1, 1), 1.0, 3e38, np.inf]
VALUES = [*EDGES, -np.inf, np.nan, 5e-324, 1e300, -7.0]


def grown(draw, *, trees, splits, inputs, outputs, precision):
    """Random trees: leaves are split one after the other, any input, any edge."""
    feature, threshold, left, right, null_left, value, roots = [], [], [], [], [], [], []
    for _ in range(trees):
        roots.append(len(feature))
        start = len(feature)
        children = {0: None}
        leaves, count = [0], 1
        for _ in range(int(draw.integers(0, splits + 1))):
            leaf = leaves.pop(int(draw.integers(0, len(leaves))))
            children[leaf] = (count, count + 1)
            leaves += [count, count + 1]
            children[count] = children[count + 1] = None
            count += 2
        for node in range(count):
            pair = children[node]
            feature.append(-1 if pair is None else int(draw.integers(0, inputs)))
            threshold.append(0.0 if pair is None else float(draw.choice(EDGES)))
            left.append(-1 if pair is None else start + pair[0])
            right.append(-1 if pair is None else start + pair[1])
            null_left.append(bool(draw.integers(0, 2)))
            value.append(float(np.float32(draw.normal())) if pair is None else 0.0)
    return Trees(
        inputs=tuple(f"x{place}" for place in range(inputs)),
        feature=np.array(feature, dtype=np.int32),
        threshold=np.array(threshold),
        left=np.array(left, dtype=np.int32),
        right=np.array(right, dtype=np.int32),
        null_left=np.array(null_left),
        value=np.array(value),
        root=np.array(roots, dtype=np.int32),
        output=np.array(draw.integers(0, outputs, trees), dtype=np.int32),
        base=draw.normal(size=outputs).astype(np.float32).astype(np.float64),
        link="identity",
        precision=precision,
    )


def walked(trees, row):
    """The raw scores of one row, a tree at a time, in Python."""
    kind = np.float32 if trees.precision == "float32" else np.float64
    totals = [kind(base) for base in trees.base]
    for root, output in zip(trees.root, trees.output, strict=True):
        node = root
        while trees.feature[node] >= 0:
            x = row[trees.feature[node]]
            if trees.precision == "float32":
                with np.errstate(over="ignore"):
                    x = float(np.float32(x))
            down = trees.null_left[node] if np.isnan(x) else x <= trees.threshold[node]
            node = trees.left[node] if down else trees.right[node]
        totals[output] = kind(totals[output] + kind(trees.value[node]))
    return totals


def blocks_by(names, owners):
    """Blocks a, b, c of the inputs that `owners` gives each."""
    found = {}
    for name, owner in zip(names, owners, strict=True):
        found.setdefault(owner, []).append(name)
    return tuple(Block(name=owner, inputs=tuple(inputs)) for owner, inputs in found.items())


@given(
    seed=st.integers(0, 2**32 - 1),
    splits=st.sampled_from([0, 3, 20, 90, 200]),
    outputs=st.integers(1, 3),
    precision=st.sampled_from(["float32", "float64"]),
    owners=st.lists(st.sampled_from("abc"), min_size=4, max_size=4),
    rows=st.lists(st.lists(st.sampled_from(VALUES), min_size=4, max_size=4), min_size=1, max_size=6),
)
def test_the_bits_of_all_blocks_hold_the_leaves_that_a_walk_finds(seed, splits, outputs, precision, owners, rows):
    trees = grown(np.random.default_rng(seed), trees=5, splits=splits, inputs=4, outputs=outputs, precision=precision)
    blocks = blocks_by(trees.inputs, owners)
    parts = TreeParts(trees)
    matrix = np.array(rows)
    columns = {name: matrix[:, place] for place, name in enumerate(trees.inputs)}
    given_rows = [Rows.passing({name: columns[name] for name in block.inputs}) for block in blocks]
    joined = parts.join([parts.part(block.name, part) for block, part in zip(blocks, given_rows, strict=True)])
    assert joined.tolist() == [list(map(float, walked(trees, row))) for row in matrix]


@given(seed=st.integers(0, 2**32 - 1), single=st.integers(0, 1))
def test_one_row_of_a_block_stands_for_all(seed, single):
    draw = np.random.default_rng(seed)
    trees = grown(draw, trees=4, splits=30, inputs=4, outputs=1, precision="float64")
    blocks = blocks_by(trees.inputs, "abab")
    parts = TreeParts(trees)
    matrix = draw.choice(VALUES, (600, 4))
    lone = blocks[single].inputs
    for name in lone:
        matrix[:, int(name[1:])] = matrix[0, int(name[1:])]
    columns = {name: matrix[:, place] for place, name in enumerate(trees.inputs)}
    rows = [
        Rows.passing({name: columns[name][:1] if block.inputs == lone else columns[name] for name in block.inputs})
        for block in blocks
    ]
    joined = parts.join([parts.part(block.name, part) for block, part in zip(blocks, rows, strict=True)])
    places = draw.integers(0, 600, 20)
    assert joined[places, 0].tolist() == [float(walked(trees, matrix[place])[0]) for place in places]


def test_narrow_bundles_give_the_same_as_wide_ones(monkeypatch):
    draw = np.random.default_rng(3)
    trees = grown(draw, trees=40, splits=40, inputs=3, outputs=2, precision="float64")
    blocks = blocks_by(trees.inputs, "aba")
    rows = [Rows.passing({name: draw.choice(VALUES, 50) for name in block.inputs}) for block in blocks]

    def answer():
        parts = TreeParts(trees)
        return parts.join([parts.part(block.name, part) for block, part in zip(blocks, rows, strict=True)]).tolist()

    wide = answer()
    monkeypatch.setattr(tree_parts, "_BUNDLES", (7,))
    assert answer() == wide


def test_every_leaf_is_one_bit_of_its_own():
    trees = grown(np.random.default_rng(1), trees=6, splits=150, inputs=4, outputs=3, precision="float64")
    leaves = leaf_bits(trees).leaf
    assert sorted(leaves[leaves >= 0].tolist()) == np.flatnonzero(trees.feature < 0).tolist()
