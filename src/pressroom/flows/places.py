"""Places: the executors that a flow's steps may run in, by name, and who could do what another can not."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from pressroom.flows.step import StepOptions
from pressroom.ports import Abilities, Executor, Job, NotEnforced, refuse_more


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """`start` gives an executor by its name for a flow's file; `abilities` tells of all that there are, which may
    take a moment; `usual` is the one of steps that name none.
    """

    start: Callable[[str, str], Executor]
    abilities: Callable[[], Sequence[Abilities]]
    usual: str = "process"

    def name_for(self, options: StepOptions) -> str:
        """The executor of a step."""
        if options.runs_in:
            return options.runs_in
        return "container" if options.image else self.usual

    def check(self, job: Job, abilities: Abilities) -> None:
        """Refuse an attempt that asks for more than is enforced, naming who could. Raises NotEnforced."""
        try:
            refuse_more(job, abilities)
        except NotEnforced:
            refuse_more(job, abilities, self.abilities())


def job_for(attempt: str, options: StepOptions, *, warm: str = "") -> Job:
    """What a step's options ask for, as an attempt that has no folder yet; `warm` is the step that it is of."""
    return Job(
        attempt=attempt,
        folder="",
        entry="",
        most_memory_bytes=options.most_memory_bytes,
        most_wall_s=options.most_wall_s,
        most_disk_bytes=options.most_disk_bytes,
        cpus=options.cpus,
        gpus=options.gpus,
        network=options.network,
        isolated=options.isolated,
        image=options.image,
        warm=warm if options.warm else "",
    )


def placed(job: Job, *, folder: str, entry: str, reads: Sequence[str], lasting: str) -> Job:
    """The same, in its folder, with what it may read there, and the folder that outlives it."""
    return replace(job, folder=folder, entry=entry, reads=tuple(dict.fromkeys(reads)), lasting=lasting)
