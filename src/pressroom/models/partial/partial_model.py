"""A model that computes what depends on one entity once for that entity, and answers like the plain model."""

from collections.abc import Callable, Mapping

import numpy as np

from pressroom.models.errors import SignatureMismatch
from pressroom.models.load import LoadedModel
from pressroom.models.model import Runnable
from pressroom.models.partial.blocks import Block, blocks_of
from pressroom.models.partial.cache import PartialCache
from pressroom.models.partial.matrix_graph import matrix_graph
from pressroom.models.partial.parts import PartialPlan, Parts, TakenApart, take_apart
from pressroom.models.partial.rows import Rows
from pressroom.models.partial.slab import Part, Places
from pressroom.models.signature import Column, Floats, Inputs, Signature, check_present, count_rows
from pressroom.models.structure import Graph, Structure
from pressroom.models.structure_of import structure_in_place
from pressroom.models.vectors import OfFlat, flat, folded, has_vectors, of_columns, spread
from pressroom.ports import Blobs
from pressroom.values import Digest

FEW = 16
"""With fewer rows than this there is next to nothing to share, and the whole model answers sooner."""

Given = Rows | Inputs | Floats
"""A block's rows: kept, or as columns, or as a matrix (rows, inputs) in the block's order. One row stands for all."""


class PartialModel:
    """A Runnable. `predict` takes any batch and finds equal rows of a block by itself; `score` takes blocks as they
    are. A vector's numbers are inputs of their own in blocks (`NAME.0` ...); columns may be given by vector.

    In serving: make one for each loaded model of an endpoint, with the key of each feature from its question, and ask
    it instead of the model. One user with a thousand candidates then costs the user's part once, and each candidate's
    part once for as long as its features stay the same. Kept rows (`keep`) make also the search for equal rows
    unnecessary: those of a catalogue that many requests go through.

    Safe to use from several threads at once.
    """

    def __init__(
        self,
        whole: Runnable,
        signature: Signature,
        blocks: tuple[Block, ...],
        *,
        taken: TakenApart,
        digest: Digest,
        cache: PartialCache,
    ) -> None:
        """Use `partial_of` or `in_parts`."""
        self._whole = whole
        self._signature = signature
        self._vectors = has_vectors(signature)
        self._blocks = {block.name: block for block in blocks}
        self._taken = taken
        self._digest = digest
        self._cache = cache

    @property
    def plan(self) -> PartialPlan:
        """What is computed once for each block, or why nothing is."""
        return self._taken.plan

    @property
    def signature(self) -> Signature:
        """What the model takes."""
        return self._signature

    def predict(self, inputs: Inputs) -> Floats:
        """Answers like the plain model's predict, to 1e-6; trees come to the same leaves. Raises SignatureMismatch."""
        parts = self._taken.parts
        if parts is None or count_rows(inputs) < FEW:
            return self._whole.predict(inputs)
        check_present(self._signature, inputs)
        count, inputs = count_rows(inputs), self._spread(inputs)
        rows = [Rows.passing({name: inputs[name] for name in block.inputs}) for block in self._blocks.values()]
        found = [self._found(parts, block, given) for block, given in zip(self._blocks, rows, strict=True)]
        return _spread(self._taken.answers(parts.join(found)), count)

    def score(self, blocks: Mapping[str, Given]) -> Floats:
        """Answers for rows given by block: one row of a user, many of items. Raises SignatureMismatch.

        All blocks that have more than one row have the same number. Kept rows are looked up by their digest.
        """
        return self._answer(blocks, self._part)

    def ask(self, blocks: Mapping[str, Given]) -> Floats:
        """The same for rows that were met before, in this call or an earlier one: they are found again by their values,
        where that is worth it. Raises SignatureMismatch.
        """
        return self._answer(blocks, self._found)

    def _answer(self, blocks: Mapping[str, Given], part_of: Callable[[Parts, str, Rows], Part]) -> Floats:
        rows = [self._given(name, blocks) for name in self._blocks]
        count = self._count(rows)
        parts = self._taken.parts
        if parts is None or not count:
            return self._whole.predict(folded(self._signature, _assembled(flat(self._signature), rows, count)))
        found = [part_of(parts, block, given) for block, given in zip(self._blocks, rows, strict=True)]
        return _spread(self._taken.answers(parts.join(found)), count)

    def keep(self, block: str, inputs: Inputs) -> Rows:
        """Rows of one block that `score` may be given again and again; other inputs are left out."""
        known, inputs = self._block(block), self._spread(inputs)
        missing = [name for name in known.inputs if name not in inputs]
        if missing:
            raise SignatureMismatch(
                f"The inputs {', '.join(missing)} of the block {block!r} are missing.",
                next_step=f"Give {', '.join(known.inputs)}.",
            )
        return Rows.keep({name: inputs[name] for name in known.inputs})

    def part(self, block: str, given: Given) -> Part:
        """What the rows of one block come to: sums, bits, or tensors such as embeddings; nothing for a whole model."""
        parts = self._taken.parts
        return () if parts is None else self._part(parts, block, self._given(block, {block: given}))

    def _found(self, parts: Parts, block: str, rows: Rows) -> Part:
        """The part of a batch's rows: of the one row that they all are, or row by row where that is worth it."""
        if rows.count == 1 or rows.digest is not None:
            return self._part(parts, block, rows)
        if rows.constant():
            return self._part(parts, block, rows.take(np.zeros(1, dtype=np.int64)))
        if not parts.remembered:
            return parts.part(block, rows)
        name = (self._digest, block)

        def compute(places: Places) -> Part:
            return parts.part(block, rows if len(places) == rows.count else rows.take(places))

        return self._cache.rows(name, rows.keys(), compute)

    def _part(self, parts: Parts, block: str, rows: Rows) -> Part:
        if rows.digest is not None:
            return self._cache.whole((self._digest, block, rows.digest), lambda: parts.part(block, rows))
        if rows.count == 1 and parts.remembered:
            return self._cache.rows((self._digest, block), rows.keys(), lambda _: parts.part(block, rows))
        return parts.part(block, rows)

    def _given(self, name: str, blocks: Mapping[str, Given]) -> Rows:
        block, given = self._block(name), blocks.get(name)
        if given is None:
            raise SignatureMismatch(
                f"The block {name!r} is missing.", next_step=f"Give {', '.join(map(repr, self._blocks))}."
            )
        if isinstance(given, np.ndarray):
            return Rows.of_matrix(block.inputs, given)
        if not isinstance(given, Rows):
            given = self._spread(given)
            missing = [name for name in block.inputs if name not in given]
            if missing:
                raise SignatureMismatch(
                    f"The inputs {', '.join(missing)} of the block {name!r} are missing.",
                    next_step=f"Give {', '.join(block.inputs)}.",
                )
            return Rows.passing({name: given[name] for name in block.inputs})
        if given.names != block.inputs:
            raise SignatureMismatch(
                f"These rows are of {', '.join(given.names)}, not of the block {name!r}.",
                next_step="Keep rows with the model's own keep().",
            )
        return given

    def _spread(self, inputs: Inputs) -> Inputs:
        return {**inputs, **spread(self._signature, inputs)} if self._vectors else inputs

    def _count(self, rows: list[Rows]) -> int:
        counts = {given.count for given in rows} - {1}
        if len(counts) > 1:
            raise SignatureMismatch(
                f"The blocks have {', '.join(map(str, sorted(counts)))} rows.",
                next_step="Give one row, or as many as the other blocks have.",
            )
        return counts.pop() if counts else 1

    def _block(self, name: str) -> Block:
        if name not in self._blocks:
            raise SignatureMismatch(
                f"The model has no block {name!r}.", next_step=f"It has {', '.join(map(repr, self._blocks))}."
            )
        return self._blocks[name]


def partial_of(loaded: LoadedModel, blobs: Blobs, entity_of: Mapping[str, str], cache: PartialCache) -> PartialModel:
    """Take a loaded model apart by entity; one that can't be is asked whole, and its plan says why.

    `entity_of` names for each input the key by which it is looked up, as an endpoint's question knows it: `{field.name:
    bound.key for bound in question.views for field in bound.view.results()}`. What it leaves out comes with the
    request; what the model does not take is ignored. Parts are remembered in `cache`, which many models may share,
    under the digest of the model's package: another model or version never meets them.
    """
    signature = loaded.package.signature
    known = {name: entity_of[name] for name in signature.names() if name in entity_of}
    # What is of one entity alone is not taken apart, so nobody has to look into it.
    structure = structure_in_place(loaded, blobs) if len(blocks_of(signature, known)) > 1 else None
    return in_parts(loaded.runnable, structure, signature, known, digest=loaded.digest, cache=cache)


def in_parts(
    whole: Runnable,
    structure: Structure | None,
    signature: Signature,
    entity_of: Mapping[str, str],
    *,
    digest: Digest,
    cache: PartialCache,
) -> PartialModel:
    """The same of a model without a package, whose identity is `digest`. Refuses entities of inputs it
    does not take.
    """
    numbers = flat(signature)
    blocks = blocks_of(numbers, of_columns(signature, entity_of) if has_vectors(signature) else entity_of)
    if has_vectors(signature):
        structure = matrix_graph(structure, signature) if isinstance(structure, Graph) else structure
        taken = take_apart(structure, OfFlat(whole, signature), numbers, blocks)
    else:
        taken = take_apart(structure, whole, signature, blocks)
    return PartialModel(whole, signature, blocks, taken=taken, digest=digest, cache=cache)


def _spread(answers: Floats, count: int) -> Floats:
    """As many answers as rows, also where every block was the same in all of them."""
    return answers if len(answers) == count else np.repeat(answers, count, axis=0)


def _assembled(signature: Signature, rows: list[Rows], count: int) -> Inputs:
    columns: dict[str, Column] = {}
    for given in rows:
        for name, column in given.inputs().items():
            columns[name] = column if len(column) == count else column.repeat(count)
    return {name: columns[name] for name in signature.names()}
