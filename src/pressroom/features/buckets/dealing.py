"""Dealing: which bucket a key is in, and rows written to the files of their buckets a piece at a time."""

from collections.abc import Iterable, Sequence
from contextlib import ExitStack

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pressroom.ports import Scratch

Ints = npt.NDArray[np.int64]
NOBODY = -1
_MIX = np.uint64(0x9E3779B97F4A7C15)
_WORD = 8


def buckets_of_keys(keys: pa.ChunkedArray, count: int) -> Ints:
    """The bucket of each key, from 0 up to `count` (a power of two); NOBODY for null. The same text, the same bucket.

    Words of eight bytes are mixed for all keys at once: a library's hash, called key by key, takes longer than all the
    rest of the dealing. Nothing outlives a piece of work but the answers, so the function is free to change.
    """
    texts = keys.cast(pa.large_binary() if pa.types.is_string(keys.type) else pa.large_string()).combine_chunks()
    if isinstance(texts, pa.ChunkedArray):
        texts = pa.concat_arrays(texts.chunks) if texts.num_chunks else pa.array([], pa.large_binary())
    if not len(texts):
        return np.zeros(0, dtype=np.int64)
    _, ends, raw = texts.buffers()
    offsets = np.frombuffer(ends, dtype=np.int64)[texts.offset : texts.offset + len(texts) + 1]
    first = offsets[0]
    content = np.zeros(int(offsets[-1] - first) + _WORD, dtype=np.uint8)
    if raw is not None:
        content[:-_WORD] = np.frombuffer(raw, dtype=np.uint8)[first : offsets[-1]]
    words = np.ndarray(len(content) - _WORD + 1, dtype="<u8", buffer=content, strides=(1,))
    mixed = _mix(words, offsets[:-1] - first, np.diff(offsets))
    buckets = ((mixed >> np.uint64(32)) & np.uint64(count - 1)).astype(np.int64)
    if texts.null_count:
        buckets[pc.is_null(texts).to_numpy(zero_copy_only=False)] = NOBODY
    return buckets


def _mix(words: npt.NDArray[np.uint64], at: Ints, left: Ints) -> npt.NDArray[np.uint64]:
    mixed = left.astype(np.uint64) * _MIX
    rows = np.arange(len(at))
    while len(rows):
        short = np.minimum(left, _WORD).astype(np.uint64) * np.uint64(8)
        # A shift by 64 is undefined: whole words are kept as they are.
        mask = np.where(short == 64, ~np.uint64(0), (np.uint64(1) << (short % np.uint64(64))) - np.uint64(1))
        state = (mixed[rows] ^ (words[at] & mask)) * _MIX
        mixed[rows] = state ^ (state >> np.uint64(29))
        more = left > _WORD
        rows, at, left = rows[more], at[more] + _WORD, left[more] - _WORD
    return mixed * _MIX


class Dealer:
    """Writes rows into one file for each bucket, `{prefix}/{bucket}`, as Arrow streams. Leave it by its `stack`."""

    def __init__(self, scratch: Scratch, prefix: str, schema: pa.Schema, *, count: int, stack: ExitStack) -> None:
        """Open the files of `count` buckets."""
        files = [stack.enter_context(scratch.write(f"{prefix}/{bucket}")) for bucket in range(count)]
        self._files = [stack.enter_context(pa.ipc.new_stream(pa.PythonFile(file, "w"), schema)) for file in files]
        self.rows = np.zeros(count, dtype=np.int64)

    def deal(self, rows: pa.Table, buckets: Ints) -> None:
        """Write each row into its bucket, in the order that they have; rows of NOBODY go nowhere."""
        # Of two bytes, for which numpy has a sort that does not compare.
        short = buckets.astype(np.int16)
        order = np.argsort(short, kind="stable")
        bounds = np.searchsorted(short[order], np.arange(len(self._files) + 1, dtype=np.int16))
        dealt = rows.take(pa.array(order)).combine_chunks()
        for bucket in np.flatnonzero(np.diff(bounds)):
            start, end = int(bounds[bucket]), int(bounds[bucket + 1])
            self._files[bucket].write_table(dealt.slice(start, end - start))
            self.rows[bucket] += end - start


def deal_by_any(dealer: Dealer, rows: pa.Table, keys: Sequence[pa.ChunkedArray], count: int) -> None:
    """Deal rows into the bucket of each of several keys; where two of a row's are in one bucket, it is there once."""
    before: list[Ints] = []
    for key in keys:
        buckets = buckets_of_keys(key, count)
        for earlier in before:
            buckets = np.where(buckets == earlier, NOBODY, buckets)
        dealer.deal(rows, buckets)
        before.append(buckets)


def read_bucket(scratch: Scratch, name: str) -> pa.Table:
    """All rows of a bucket."""
    with scratch.read(name) as file, pa.ipc.open_stream(file) as stream:
        return stream.read_all().combine_chunks()


def write_blocks(scratch: Scratch, name: str, schema: pa.Schema, blocks: Iterable[pa.Table]) -> None:
    """A file of tables that can be read one by one."""
    with scratch.write(name) as file, pa.ipc.new_file(pa.PythonFile(file, "w"), schema) as out:
        for block in blocks:
            whole = block.combine_chunks().to_batches()
            out.write_batch(whole[0] if whole else pa.RecordBatch.from_pylist([], schema=schema))


def read_block(scratch: Scratch, name: str, place: int) -> pa.Table:
    """One table of such a file."""
    with scratch.read(name) as file:
        return pa.Table.from_batches([pa.ipc.open_file(file).get_batch(place)])
