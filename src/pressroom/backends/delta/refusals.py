"""What errors of delta-rs, Arrow and the disk mean."""

import errno
import re
from collections.abc import Generator
from contextlib import contextmanager

import pyarrow as pa
from deltalake.exceptions import DeltaError, DeltaProtocolError

from pressroom.ports import BackendError, Damaged, NoSpace

_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_OS_ERROR = re.compile(r"os error (\d+)")


@contextmanager
def refusals(doing: str) -> Generator[None]:
    """Turn what is refused while `doing` something into BackendError, NoSpace or Damaged."""
    try:
        yield
    except (DeltaError, pa.ArrowException, OSError) as error:
        raise _translated(error, doing) from error


def _translated(error: Exception, doing: str) -> BackendError:
    # delta-rs adds a backtrace to its message, and hides the number of the system's error in it.
    text = (str(error).splitlines() or [type(error).__name__])[0]
    hidden = _OS_ERROR.search(str(error))
    number = error.errno if isinstance(error, OSError) and error.errno else int(hidden[1]) if hidden else 0
    if number in _NO_ROOM:
        return NoSpace(f"No room while {doing}.", next_step="Free space or raise the quota, then do it again.")
    lost = isinstance(error, FileNotFoundError | pa.ArrowException) or (
        isinstance(error, DeltaError) and not isinstance(error, DeltaProtocolError) and number == 0
    )
    if lost:
        return Damaged(f"A file is missing or broken: {doing} gave: {text}.", next_step="Restore it from a backup.")
    return BackendError(
        f"It went wrong while {doing}: {text}.", next_step="Check that the folder may be written to, then do it again."
    )
