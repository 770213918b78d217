"""One bucket, answered: the work that can be done anywhere, again and again, with the same files to show for it."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pyarrow as pa

from pressroom.facts import resolve
from pressroom.features.buckets.dealing import read_bucket, write_blocks
from pressroom.features.buckets.layout import Group
from pressroom.features.kernel.timeline import integers
from pressroom.features.label import answer_label
from pressroom.features.offline import answer_columns
from pressroom.ports import Scratch
from pressroom.values import Digest, Document, FactSchema, NotFound, from_document, to_document

ROW = "_row"
"""The column that says where in the spine a row is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BucketTask:
    """One bucket of a group; its answers are cut into `blocks` blocks of `block_rows` rows of the spine."""

    root: str
    group: Group
    bucket: int
    block_rows: int
    blocks: int

    def file(self) -> str:
        """Where its answers go."""
        return f"{self.root}/answers/{self.group.name()}/{self.bucket}"

    def marker(self) -> str:
        """Where it is noted that they are there."""
        return f"{self.root}/done/answers/{self.group.name()}/{self.bucket}"


@dataclass(frozen=True, slots=True, kw_only=True)
class BucketDone:
    """How many rows were answered, and the digest of the file."""

    rows: int
    digest: Digest


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerBucket:
    """Answers buckets out of a scratch, with the kernel that answers questions that fit in memory."""

    scratch: Scratch

    def __call__(self, document: Document) -> Document:
        """Answer one `BucketTask`, write its file, then its marker."""
        task = from_document(document, BucketTask)
        rows = read_bucket(self.scratch, f"{task.root}/rows/{task.group.key}/{task.bucket}")
        answers = self._answer(task, rows)
        table = pa.table({ROW: rows.column(ROW), **{name: answers.column(name) for name in answers.column_names}})
        starts = np.arange(task.blocks + 1) * task.block_rows
        cuts = np.searchsorted(integers(rows.column(ROW)), starts)
        pieces = (table.slice(start, end - start) for start, end in pairwise(cuts))
        write_blocks(self.scratch, task.file(), table.schema, pieces)
        done = to_document(BucketDone(rows=table.num_rows, digest=digest_of(self.scratch, task.file())))
        with self.scratch.write(task.marker()) as file:
            file.write(done)
        del rows, answers, table
        pa.default_memory_pool().release_unused()
        return done

    def _answer(self, task: BucketTask, rows: pa.Table) -> pa.Table:
        dealt = {one.fact.name: one for one in task.group.facts}

        def read(fact: FactSchema, columns: Sequence[str]) -> pa.Table:
            return resolve(read_bucket(self.scratch, f"{task.root}/{dealt[fact.name].name()}/{task.bucket}"))

        group = task.group
        if group.label is None:
            return pa.table(answer_columns(group.asked, rows, read))
        return pa.table({"label": answer_label(group.label, group.key, rows, read, known_at=group.known_at)})


def is_done(task: BucketTask, scratch: Scratch) -> bool:
    """Whether a bucket was answered before, and its file is as it was left."""
    try:
        with scratch.read(task.marker()) as file:
            done = from_document(file.read(), BucketDone)
        return digest_of(scratch, task.file()) == done.digest
    except NotFound:
        return False


def digest_of(scratch: Scratch, name: str) -> Digest:
    """The digest of a file."""
    found = hashlib.sha256()
    with scratch.read(name) as file:
        while piece := file.read(1 << 20):
            found.update(piece)
    return found.hexdigest()
