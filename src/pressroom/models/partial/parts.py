"""How a model is taken apart: by its structure, into parts by block, with a plan that says what and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np

from pressroom.models.errors import UnsupportedModel
from pressroom.models.model import Runnable
from pressroom.models.partial.answer import answers
from pressroom.models.partial.blocks import Block
from pressroom.models.partial.graph_parts import GraphParts
from pressroom.models.partial.linear_parts import LinearParts
from pressroom.models.partial.rows import Rows
from pressroom.models.partial.slab import Part
from pressroom.models.partial.tree_parts import TreeParts
from pressroom.models.signature import Column, Floats, Inputs, Signature
from pressroom.models.structure import Graph, Linear, Link, Structure, Trees

_PROBES = 5

Way = Literal["sums", "bits", "graph", "whole"]


class Parts(Protocol):
    """A model in parts. A part of some rows, joined with those of the other blocks, gives the rows' raw scores."""

    @property
    def remembered(self) -> bool:
        """Whether a single row's part costs more than looking it up."""
        ...

    def part(self, block: str, rows: Rows) -> Part:
        """What a block's rows come to: arrays whose first axis is the rows."""
        ...

    def join(self, parts: Sequence[Part]) -> Floats:
        """Raw scores (rows, outputs) of parts in the blocks' order, each of one row or of as many as the others."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockPlan:
    """What is done once for each different value of a block."""

    block: str
    inputs: tuple[str, ...]
    once: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PartialPlan:
    """How a model answers: `sums` of a linear model, `bits` over trees' leaves, a cut `graph`, or `whole`, and why."""

    way: Way
    blocks: tuple[BlockPlan, ...]
    reason: str

    def __str__(self) -> str:
        """A line for each block."""
        lines = [f"{self.way}: {self.reason}"]
        lines += [f"  {plan.block} ({len(plan.inputs)} inputs): {plan.once}" for plan in self.blocks]
        return "\n".join(lines)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TakenApart:
    """The parts, if there are any, the link from raw scores to answers, and the plan."""

    parts: Parts | None
    link: Link
    plan: PartialPlan

    def answers(self, joined: Floats) -> Floats:
        """Answers (rows,) or (rows, outputs); `joined` is overwritten."""
        return answers(joined, self.link)


def take_apart(
    structure: Structure | None, whole: Runnable, signature: Signature, blocks: tuple[Block, ...]
) -> TakenApart:
    """The model in parts, or whole with the reason. A graph must first give the answers of `whole` on a few rows."""
    if len(blocks) < 2:
        return _kept_whole(blocks, "all inputs are of one entity")
    try:
        match structure:
            case Linear():
                return _summed(structure, blocks)
            case Trees():
                return _decided(structure, blocks)
            case Graph():
                return _cut(structure, whole, signature, blocks)
            case None:
                return _kept_whole(blocks, "it is served by its framework's own runtime, which can't be looked into")
    except UnsupportedModel as refusal:
        return _kept_whole(blocks, refusal.message)


def _summed(linear: Linear, blocks: tuple[Block, ...]) -> TakenApart:
    if linear.link == "softmax":
        raise UnsupportedModel("A linear model of several outputs is not summed by block.", next_step="Serve it whole.")
    plans = [BlockPlan(block=b.name, inputs=b.inputs, once=f"a sum of {len(b.inputs)} products") for b in blocks]
    plan = PartialPlan(way="sums", blocks=tuple(plans), reason="sums by block are added, the link comes last")
    return TakenApart(parts=LinearParts(linear, blocks), link=linear.link, plan=plan)


def _decided(trees: Trees, blocks: tuple[Block, ...]) -> TakenApart:
    parts = TreeParts(trees)
    splits = {name: int((trees.feature == place).sum()) for place, name in enumerate(trees.inputs)}
    counts = [sum(splits[name] for name in block.inputs) for block in blocks]
    plans = [
        BlockPlan(block=block.name, inputs=block.inputs, once=f"{count:,} splits decided")
        for block, count in zip(blocks, counts, strict=True)
    ]
    reason = f"each split looks at one input; {len(trees.root):,} trees' leaves are bits, and-ed"
    plan = PartialPlan(way="bits", blocks=tuple(plans), reason=reason)
    return TakenApart(parts=parts, link=trees.link, plan=plan)


def _cut(graph: Graph, whole: Runnable, signature: Signature, blocks: tuple[Block, ...]) -> TakenApart:
    parts = GraphParts(graph, blocks, signature.names())
    plans = [BlockPlan(block=b.name, inputs=b.inputs, once=f"{parts.cut.parts[b.name].nodes} steps") for b in blocks]
    dots = f", {len(parts.cut.dots)} dot product" if parts.cut.dots else ""
    reason = f"steps that look at one entity only are cut off; {parts.cut.nodes} steps{dots} are left for each row"
    made = TakenApart(parts=parts, link="identity", plan=PartialPlan(way="graph", blocks=tuple(plans), reason=reason))
    _verify(made, whole, signature, blocks)
    return made


def _kept_whole(blocks: tuple[Block, ...], reason: str) -> TakenApart:
    plans = tuple(BlockPlan(block=block.name, inputs=block.inputs, once="nothing") for block in blocks)
    return TakenApart(parts=None, link="identity", plan=PartialPlan(way="whole", blocks=plans, reason=reason))


def _verify(made: TakenApart, whole: Runnable, signature: Signature, blocks: tuple[Block, ...]) -> None:
    """Refuse a graph that is not row by row what it is cut: one that mixes rows, or shapes that were
    not seen through.
    """
    draw = np.random.default_rng(0)
    probe: dict[str, Column] = {}
    for field in signature.inputs:
        texts: Column = np.full(_PROBES, None, dtype=np.object_)
        probe[field.name] = texts if field.type == "string" else draw.normal(size=_PROBES)
    for single in (None, *blocks):
        inputs: dict[str, Column] = dict(probe)
        for name in single.inputs if single is not None else ():
            inputs[name] = probe[name][:1].repeat(_PROBES)
        rows = [_rows(inputs, block, block is single) for block in blocks]
        if made.parts is None:
            return
        parts = [made.parts.part(block.name, given) for block, given in zip(blocks, rows, strict=True)]
        got, wanted = made.answers(made.parts.join(parts)), whole.predict(inputs)
        if got.shape != wanted.shape or not np.allclose(got, wanted, rtol=1e-5, atol=1e-6, equal_nan=True):
            raise UnsupportedModel(
                "The graph in parts does not answer like the whole one: it mixes rows, or shapes depend on them.",
                next_step="Serve the model whole.",
            )


def _rows(inputs: Inputs, block: Block, single: bool) -> Rows:  # noqa: FBT001
    return Rows.passing({name: inputs[name][:1] if single else inputs[name] for name in block.inputs})
