"""Whether a place has what a job asks for. No effects."""

from collections.abc import Iterator

from pressroom.training.preflight.finding import Finding, said
from pressroom.training.preflight.place import ExpectedPlace, Place
from pressroom.values import Instant, InvalidInput, Version, VersionRange, format_instant, format_size

_NEARLY_FULL = 1.25


def check_place(expected: ExpectedPlace, place: Place, *, newest: Instant | None = None) -> tuple[Finding, ...]:
    """What is missing. `newest` is the latest instant that is written down: no clock may be behind it."""
    return (
        *_disk(expected, place),
        *_machine(expected, place),
        *_packages(expected, place),
        *_clock(place, newest),
    )


def _disk(expected: ExpectedPlace, place: Place) -> Iterator[Finding]:
    if expected.checkpoints is None:
        return
    where = str(expected.checkpoints)
    if place.unwritable:
        message = f"No checkpoint can be written: {place.unwritable}."
        yield said("place", "unwritable", "refused", message, "Give this job the right to write there.", where)
        return
    free, asked = format_size(place.free_disk_bytes), format_size(expected.disk_bytes)
    if place.free_disk_bytes < expected.disk_bytes:
        message = f"There are {free} free and {asked} will be written."
        yield said("place", "no_room", "refused", message, "Make room, or keep fewer checkpoints.", where)
    elif place.free_disk_bytes < _NEARLY_FULL * expected.disk_bytes:
        yield said("place", "little_room", "warned", f"{asked} of {free} will be written.", "Make room.", where)


def _machine(expected: ExpectedPlace, place: Place) -> Iterator[Finding]:
    if expected.memory_bytes > place.memory_bytes:
        asked, there = format_size(expected.memory_bytes), format_size(place.memory_bytes)
        message = f"{asked} of memory are asked for, and there are {there}."
        yield said("place", "memory", "refused", message, "Ask for less, or go to a larger machine.", "memory")
    if expected.cpus > place.cpus:
        message = f"{expected.cpus} processors are asked for, and there are {place.cpus}."
        yield said("place", "cpus", "refused", message, "Ask for fewer, or go to a larger machine.", "cpu")
    if expected.device.partition(":")[0] not in {device.partition(":")[0] for device in place.devices}:
        message = f"{expected.device} is asked for, and there is {', '.join(place.devices)}."
        yield said(
            "place", "device", "refused", message, "Look at the driver, or ask for what there is.", expected.device
        )
    for name in place.unset:
        message = f"The environment variable {name} is not set."
        yield said("place", "secret", "refused", message, "Give it to the job.", name)


def _packages(expected: ExpectedPlace, place: Place) -> Iterator[Finding]:
    for module, line in place.absent:
        message = f"The code imports {module}, which is not there."
        yield said(
            "place", "import", "refused", message, "Install it where the job runs, or add it to the image.", line
        )
    for name, asked in expected.needs.items():
        there = place.versions.get(name)
        if there is None:
            yield said(
                "place", "package", "refused", f"{name} is not installed.", "Install it where the job runs.", name
            )
        elif asked and not _is_in(there, asked):
            message = f"{name} {asked} is needed, and {there} is installed."
            yield said("place", "version", "refused", message, "Install the one, or say that the other will do.", name)


def _clock(place: Place, newest: Instant | None) -> Iterator[Finding]:
    if newest is not None and place.now < newest:
        message = f"It is {format_instant(place.now)} here, and facts of {format_instant(newest)} are written down."
        yield said("place", "clock", "refused", message, "Set the clock of this machine.", "clock")


def _is_in(there: str, asked: str) -> bool:
    """Whether an installed version is in a range; of 2.13.0+cpu and 2.13.0rc1 the numbers count."""
    numbers = [part for part in there.partition("+")[0].split(".") if part.isdigit()]
    try:
        version = Version(*(int(part) for part in [*numbers, "0", "0"][:3]))
        return version in VersionRange.parse(asked)
    except InvalidInput:
        return False
