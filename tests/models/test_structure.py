import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pressroom.models.structure import Trees, leaves, linked, tree_margins
from pressroom.models.trees_file import read_trees, write_trees
from pressroom.values import InvalidInput

NUMBERS = st.sampled_from([-2.0, -1.0, 0.0, 0.1, 0.5, 1.0, 3.0]) | st.just(float("nan")) | st.floats(-5, 5)


@st.composite
def grown(draw, *, outputs=2, inputs=3):
    """Random trees: each node is split or a leaf, children after parents."""
    nodes, roots = [], []

    def grow(depth):
        place = len(nodes)
        nodes.append(None)
        if depth == 0 or draw(st.booleans()):
            nodes[place] = (-1, 0.0, -1, -1, False, draw(st.floats(-3, 3)))
            return place
        feature, threshold = draw(st.integers(0, inputs - 1)), draw(st.floats(-3, 3))
        null_left = draw(st.booleans())
        left = grow(depth - 1)
        nodes[place] = (feature, threshold, left, grow(depth - 1), null_left, 0.0)
        return place

    for _ in range(draw(st.integers(1, 4))):
        roots.append(grow(3))
    feature, threshold, left, right, null_left, value = zip(*nodes, strict=True)
    return Trees(
        inputs=tuple("abc"[:inputs]),
        feature=np.array(feature, dtype=np.int32),
        threshold=np.array(threshold),
        left=np.array(left, dtype=np.int32),
        right=np.array(right, dtype=np.int32),
        null_left=np.array(null_left),
        value=np.array(value),
        root=np.array(roots, dtype=np.int32),
        output=np.array([place % outputs for place in range(len(roots))], dtype=np.int32),
        base=np.array([draw(st.floats(-1, 1)) for _ in range(outputs)]),
        link="identity",
    )


def walked(trees, row):
    """One row at a time, in plain Python."""
    scores = trees.base.tolist()
    for root, output in zip(trees.root.tolist(), trees.output.tolist(), strict=True):
        at = root
        while trees.feature[at] >= 0:
            x = row[trees.feature[at]]
            left = trees.null_left[at] if x != x else x <= trees.threshold[at]
            at = trees.left[at] if left else trees.right[at]
        scores[output] += trees.value[at]
    return scores


@given(grown(), arrays(np.float64, (6, 3), elements=NUMBERS))
def test_margins_are_those_of_a_walk_down_each_tree(trees, rows):
    np.testing.assert_allclose(tree_margins(trees, rows), [walked(trees, row) for row in rows.tolist()], atol=1e-12)


@given(grown(), arrays(np.float64, (6, 3), elements=NUMBERS))
def test_trees_survive_their_file(trees, rows):
    again = read_trees(write_trees(trees))
    np.testing.assert_array_equal(leaves(again, rows), leaves(trees, rows))
    np.testing.assert_array_equal(tree_margins(again, rows), tree_margins(trees, rows))
    assert write_trees(again) == write_trees(trees)


def stump(**changes):
    said = {
        "inputs": ("a",),
        "feature": np.array([0, -1, -1], dtype=np.int32),
        "threshold": np.array([0.1, 0, 0]),
        "left": np.array([1, -1, -1], dtype=np.int32),
        "right": np.array([2, -1, -1], dtype=np.int32),
        "null_left": np.array([True, False, False]),
        "value": np.array([0.0, 1.0, 2.0]),
        "root": np.array([0], dtype=np.int32),
        "output": np.array([0], dtype=np.int32),
        "base": np.zeros(1),
        "link": "identity",
    }
    return Trees(**said | changes)


def test_a_split_sees_inputs_rounded_to_its_precision():
    rows = np.array([[0.1], [np.nextafter(0.1, 1)], [np.nextafter(0.1, 0)]])
    assert tree_margins(stump(), rows).ravel().tolist() == [1.0, 2.0, 1.0]
    coarse = stump(precision="float32", threshold=np.array([float(np.float32(0.1)), 0, 0]))
    assert tree_margins(coarse, rows).ravel().tolist() == [1.0, 1.0, 1.0]


@pytest.mark.parametrize(
    "changes",
    [
        {"left": np.array([0, -1, -1], dtype=np.int32)},
        {"right": np.array([3, -1, -1], dtype=np.int32)},
        {"feature": np.array([1, -1, -1], dtype=np.int32)},
        {"root": np.array([7], dtype=np.int32)},
        {"output": np.array([1], dtype=np.int32)},
        {"value": np.array([0.0, np.nan, 0.0])},
    ],
)
def test_a_file_whose_trees_cannot_be_walked_is_refused(changes):
    with pytest.raises(InvalidInput):
        read_trees(write_trees(dataclasses.replace(stump(), **changes)))


def test_other_bytes_are_no_trees():
    for content in (b"", b"nothing", write_trees(stump())[:-40]):
        with pytest.raises(InvalidInput):
            read_trees(content)


def test_links_do_not_overflow_and_shares_add_up():
    wild = np.array([[-800.0, 800.0, 0.0]])
    assert linked(wild, "softmax").sum() == pytest.approx(1.0)
    assert linked(wild[0], "sigmoid").tolist() == [pytest.approx(0.0), 1.0, 0.5]
