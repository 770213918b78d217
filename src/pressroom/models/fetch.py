"""Fetching large files of a package: their bytes at once, their digest compared while something is made of them."""

import threading
from collections.abc import Callable

from pressroom.ports import Blobs, Damaged, Unchecked
from pressroom.values import Digest, digest_bytes


def fetch(digest: Digest, blobs: Blobs) -> tuple[bytes, Callable[[], None]]:
    """The bytes, and what has to be called before anything made of them is given away: it waits until all of them were
    compared with their digest, and raises Damaged where they differ. Raises NotFound.

    Only for bytes in which there is nothing to be misled by, such as numbers: they are used before they are compared.
    """
    if not isinstance(blobs, Unchecked):
        return blobs.get(digest), lambda: None
    data = blobs.read(digest)
    found: list[Digest] = []
    hashing = threading.Thread(target=lambda: found.append(digest_bytes(data)), name="digest")
    hashing.start()

    def confirm() -> None:
        hashing.join()
        if found != [digest]:
            raise Damaged(
                f"Blob {digest} is not what was put.",
                next_step="Put the bytes again, or restore the file from a backup.",
            )

    return data, confirm
