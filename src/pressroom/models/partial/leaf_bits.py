"""Trees as bit vectors over their leaves, after QuickScorer (Lucchese et al., SIGIR 2015).

A tree's leaves are bits, 64 to a word, a tree of more leaves having several words. A split that is decided takes away
the leaves of the side not taken; splits are decided in any order, and also those that the row never reaches are, since
they only take away leaves of a side that another split takes away whole. When all are decided, one bit of the tree is
left: the leaf that the row falls into. (QuickScorer keeps only what a split to the right takes away, and looks for the
lowest bit. Taking both makes the words twice as rich and the last step cheaper.)
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pressroom.models.structure import Trees

Words = npt.NDArray[np.uint64]
Places = npt.NDArray[np.int64]

WORD = 64


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LeafBits:
    """The layout of the leaves, and what each split takes away when it is not taken.

    `leaf` (words, 65): place in the trees' node list of each bit's leaf, -1 where there is none; the last column stands
    for an empty word. `output` (words,), ascending: which output a word's tree adds to. Split s looks at input
    `feature[s]`, compares with `threshold[s]` and is listed once for each word that it touches, `word[s]`;
    `without_left[s]` and `without_right[s]` keep the bits of that word that are not below its left (right) child.
    `null_left[s]` says where NaN goes.
    """

    leaf: Places
    output: Places
    feature: Places
    threshold: npt.NDArray[np.float64]
    null_left: npt.NDArray[np.bool_]
    word: Places
    without_left: Words
    without_right: Words


def leaf_bits(trees: Trees) -> LeafBits:
    """Lay out the leaves of all trees, those of one output side by side, and cut each split's two sides into words."""
    tree = _tree_of_node(trees)
    low, high = _leaf_ranges(trees)
    order = np.argsort(trees.output, kind="stable")
    words = -(-(high - low)[trees.root] // WORD)
    first_word = np.empty(len(words), dtype=np.int64)
    first_word[order] = np.cumsum(words[order]) - words[order]
    leaf = np.full((int(words.sum()), WORD + 1), -1, dtype=np.int64)
    ends = np.flatnonzero(trees.feature < 0)
    leaf[first_word[tree[ends]] + low[ends] // WORD, low[ends] % WORD] = ends
    split = np.flatnonzero(trees.feature >= 0)
    # A split touches the words that its leaves are in, from the one of `low` to the one of `high - 1`.
    begin, touched = low[split] // WORD, (high[split] - 1) // WORD - low[split] // WORD + 1
    listed = np.repeat(np.arange(len(split)), touched)
    within = np.arange(len(listed)) - np.repeat(np.cumsum(touched) - touched, touched)
    word = begin[listed] + within
    node = split[listed]
    return LeafBits(
        leaf=leaf,
        output=np.repeat(trees.output[order].astype(np.int64), words[order]),
        feature=trees.feature[node].astype(np.int64),
        threshold=trees.threshold[node],
        null_left=trees.null_left[node],
        word=first_word[tree[node]] + word,
        without_left=~_bits(low[trees.left[node]], high[trees.left[node]], word),
        without_right=~_bits(low[trees.right[node]], high[trees.right[node]], word),
    )


def _tree_of_node(trees: Trees) -> Places:
    tree = np.full(len(trees.feature), -1, dtype=np.int64)
    tree[trees.root] = np.arange(len(trees.root))
    for level in _levels(trees):
        inner = level[trees.feature[level] >= 0]
        tree[trees.left[inner]] = tree[inner]
        tree[trees.right[inner]] = tree[inner]
    return tree


def _leaf_ranges(trees: Trees) -> tuple[Places, Places]:
    """For each node, the leaves below it: from the first to before the last, counted within its tree."""
    count = np.ones(len(trees.feature), dtype=np.int64)
    levels = _levels(trees)
    for level in reversed(levels):
        inner = level[trees.feature[level] >= 0]
        count[inner] = count[trees.left[inner]] + count[trees.right[inner]]
    low = np.zeros(len(trees.feature), dtype=np.int64)
    for level in levels:
        inner = level[trees.feature[level] >= 0]
        low[trees.left[inner]] = low[inner]
        low[trees.right[inner]] = low[inner] + count[trees.left[inner]]
    return low, low + count


def _levels(trees: Trees) -> list[Places]:
    levels = [trees.root.astype(np.int64)]
    while True:
        inner = levels[-1][trees.feature[levels[-1]] >= 0]
        if not len(inner):
            return levels
        levels.append(np.concatenate((trees.left[inner], trees.right[inner])).astype(np.int64))


def _bits(low: Places, high: Places, word: Places) -> Words:
    """The bits of `word` that stand for leaves from `low` to before `high`."""
    return _below(high - word * WORD) & ~_below(low - word * WORD)


def _below(count: Places) -> Words:
    """The lowest `count` bits: none for 0 or less, all for 64 or more."""
    shift = np.clip(WORD - count, 0, WORD - 1).astype(np.uint64)
    return np.where(count > 0, np.uint64(2**64 - 1) >> shift, np.uint64(0))
