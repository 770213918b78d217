"""The processes of one training, through torch.distributed and gloo: works between processors of any machines.

Gradients are added up when a backward pass is over, in buckets, each worker's times its share of the batch. Torch's own
DistributedDataParallel takes all shares for equal, and wants its wrapper called in place of the module.
"""

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from pressroom.models.errors import FellowLost, UnsupportedModel
from pressroom.models.framework import framework

_LONGEST_WAIT = timedelta(minutes=30)
_BUCKET = 1 << 23
"""Numbers added up at once: what is on the way takes memory a second time."""


class TorchFellows:
    """Those who met at one address. Tensors on other devices go by way of the processor."""

    def __init__(self, meet: str, place: int, size: int) -> None:
        """Meet them; returns when all are there."""
        self.place, self.size = place, size
        self._torch, self._far = framework("torch"), framework("torch.distributed")
        if self._far.is_initialized():
            # A process that survived the loss of a fellow may still hold what it had with it.
            self._far.destroy_process_group()
        # Groups find each other by a count that a meeting which failed leaves behind: whoever has another is never met.
        self._far.distributed_c10d._world.group_count = 0  # noqa: SLF001  (as torch does it itself when a group ends)
        with _losses():
            self._far.init_process_group("gloo", init_method=meet, rank=place, world_size=size, timeout=_LONGEST_WAIT)

    def add_up(self, numbers: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """The sum over all."""
        tensor = self._torch.from_numpy(numbers.copy())
        with _losses():
            self._far.all_reduce(tensor)
        return cast("npt.NDArray[np.float64]", tensor.numpy())

    def gather(self, content: bytes) -> list[bytes]:
        """Everybody's, padded to the longest on the way."""
        sizes = self.add_up(np.eye(self.size)[self.place] * len(content)).astype(np.int64)
        mine = self._torch.zeros(int(sizes.max()), dtype=self._torch.uint8)
        mine[: len(content)] = self._bytes(content)
        all_of_them = [self._torch.empty_like(mine) for _ in range(self.size)]
        with _losses():
            self._far.all_gather(all_of_them, mine)
        return [each[:size].numpy().tobytes() for each, size in zip(all_of_them, sizes, strict=True)]

    def hand_round(self, content: bytes) -> bytes:
        """The first one's."""
        first = self.place == 0
        size = int(self.add_up(np.array([float(len(content)) if first else 0.0]))[0])
        tensor = self._bytes(content) if first else self._torch.empty(size, dtype=self._torch.uint8)
        with _losses():
            self._far.broadcast(tensor, 0)
        return content if first else cast(bytes, tensor.numpy().tobytes())

    def follow(self, part: object, share: Callable[[], float]) -> None:
        """Listen to the gradients of a module."""
        if isinstance(part, self._torch.nn.Module):
            _Following(part, self, share, self._torch)

    def averaged(self, value: Any, share: float) -> Any:
        """In the value's own kind."""
        if isinstance(value, self._torch.Tensor):
            flat = value.detach().to("cpu", copy=True).reshape(-1)
            return self.weighted(flat, share).reshape(value.shape).to(value.device)
        array = np.asarray(value, dtype=np.float64)
        total = self.add_up(np.atleast_1d(array * share if share else np.zeros_like(array))).reshape(array.shape)
        return total.astype(value.dtype) if isinstance(value, np.ndarray) else float(total)

    def weighted(self, flat: Any, share: float, beside: Any = None) -> Any:
        """The sum over all of a flat tensor times its share; a share of 0 counts for nothing, even where it is NaN.
        Behind it the sum of `beside`, whose share is 1.
        """
        kind = flat.dtype
        wide = flat if kind in (self._torch.float32, self._torch.float64) else flat.float()
        wide = wide.mul_(share) if share else wide.zero_()
        if beside is not None:
            wide = self._torch.cat([wide, beside.to(wide.dtype)])
        with _losses():
            self._far.all_reduce(wide)
        return wide.to(kind)

    def leave(self) -> None:
        """Close the connections."""
        if self._far.is_initialized():
            with _losses():
                self._far.destroy_process_group()

    def _bytes(self, content: bytes) -> Any:
        return self._torch.from_numpy(np.frombuffer(content, dtype=np.uint8).copy())


class _Following:
    """A module whose gradients are added up: its parameters tell of theirs, and the first of a pass orders the rest."""

    def __init__(self, module: Any, fellows: TorchFellows, share: Callable[[], float], torch: Any) -> None:
        self._fellows, self._share, self._torch = fellows, share, torch
        self._parameters = [each for each in module.parameters() if each.requires_grad]
        self._ordered = False
        for each in self._parameters:
            each.register_post_accumulate_grad_hook(self._heard)

    def _heard(self, parameter: Any) -> None:
        if parameter.grad.layout != self._torch.strided:
            raise UnsupportedModel(
                "A spread training has gradients that are not dense.",
                next_step="Make its embeddings with sparse=False.",
            )
        if not self._ordered:
            self._ordered = True
            # What torch's own parallel modules do when a pass is over; there is no other way to hear of it.
            self._torch.autograd.Variable._execution_engine.queue_callback(self._add_up)  # noqa: SLF001

    def _add_up(self) -> None:
        self._ordered = False
        with self._torch.no_grad():
            for kind in dict.fromkeys(each.dtype for each in self._parameters):
                for some in _buckets([each for each in self._parameters if each.dtype == kind]):
                    self._add_up_some(some)

    def _add_up_some(self, some: Sequence[Any]) -> None:
        """Who has no gradient sends zeros; a parameter that nobody has one for keeps none."""
        torch = self._torch
        there = [0.0 if each.grad is None else 1.0 for each in some]
        flats = [(torch.zeros_like(each) if each.grad is None else each.grad).reshape(-1).cpu() for each in some]
        total = self._fellows.weighted(torch.cat(flats), self._share(), beside=torch.tensor(there))
        had, start = total[-len(some) :].tolist(), 0
        for each, anywhere in zip(some, had, strict=True):
            piece = total[start : start + each.numel()].reshape(each.shape)
            start += each.numel()
            if anywhere and each.grad is None:
                each.grad = piece.to(each.device).clone()
            elif anywhere:
                each.grad.copy_(piece)


def _buckets(parameters: Sequence[Any]) -> Generator[list[Any]]:
    some: list[Any] = []
    for each in parameters:
        some.append(each)
        if sum(one.numel() for one in some) >= _BUCKET:
            yield some
            some = []
    if some:
        yield some


@contextmanager
def _losses() -> Generator[None]:
    """What gloo says when a connection breaks, in our words."""
    try:
        yield
    except RuntimeError as error:
        raise FellowLost(
            f"Another worker of this training is gone: {str(error).splitlines()[0][:200]}",
            next_step="The others leave, and start again from the last checkpoint.",
        ) from error
