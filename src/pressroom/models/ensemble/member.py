"""Members: packaged models as an ensemble takes them in, with all their bytes, so that it can be packed whole."""

import io
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import BinaryIO

from pressroom.models.ensemble.checked import Member
from pressroom.models.ensemble.declaration import Ensemble
from pressroom.models.load import load
from pressroom.models.permits import DATA_ONLY, Permits
from pressroom.models.structure_of import structure_of
from pressroom.ports import Blobs, Draft
from pressroom.values import Digest, NotFound, Refused, digest_bytes, to_document

_MANIFEST, _GOLDEN = "package.json", "golden.arrow"
_READ_ONLY = "The files of a package do not change."


def member_of(digest: Digest, blobs: Blobs, *, reference: str = "", permits: Permits = DATA_ONLY) -> Member:
    """The model of a package. Raises what `load` raises."""
    loaded = load(digest, blobs, permits)
    package = loaded.package
    content = {name: blobs.get(file) for name, file in package.files.items()}
    return Member(
        reference=reference or package.name,
        digest=digest,
        signature=package.signature,
        runnable=loaded.runnable,
        structure=structure_of(loaded, blobs),
        space=package.space,
        labels=package.origin.labels,
        purposes=package.origin.purposes,
        files={_MANIFEST: to_document(package), _GOLDEN: blobs.get(package.golden), **content},
    )


def resolve_members(
    ensemble: Ensemble, resolve: Callable[[str], Digest], blobs: Blobs, permits: Permits = DATA_ONLY
) -> dict[str, Member]:
    """The model of each node; `resolve` turns a reference (name and range, alias, digest) into a package's digest."""
    return {
        node.name: member_of(resolve(node.model), blobs, reference=node.model, permits=permits)
        for node in ensemble.models()
    }


def packed_members(files: Mapping[str, bytes], digests: Mapping[str, Digest]) -> dict[str, Member]:
    """Members by node, from files called `DIGEST/NAME`, every byte checked against the digest of its package."""
    blobs = _FilesAsBlobs(files)
    return {node: member_of(digest, blobs) for node, digest in digests.items()}


def member_files(member: Member) -> dict[str, bytes]:
    """A member's bytes under the names that `packed_members` reads."""
    return {f"{member.digest}/{name}": content for name, content in member.files.items()}


class _FilesAsBlobs:
    """Files by their digests, to be read and nothing else."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._content = {digest_bytes(content): content for content in files.values()}

    def get(self, digest: Digest) -> bytes:
        if digest not in self._content:
            raise NotFound(f"The ensemble's package lacks {digest}.", next_step="Pack the ensemble again.")
        return self._content[digest]

    def exists(self, digest: Digest) -> bool:
        return digest in self._content

    def list(self) -> Iterator[Digest]:
        return iter(sorted(self._content))

    def open(self, digest: Digest) -> BinaryIO:
        return io.BytesIO(self.get(digest))

    def draft(self) -> AbstractContextManager[Draft]:
        raise Refused(_READ_ONLY, next_step="Pack the ensemble again.")

    def put(self, data: bytes) -> Digest:
        raise Refused(_READ_ONLY, next_step="Pack the ensemble again.")

    def delete(self, digest: Digest) -> None:
        raise Refused(_READ_ONLY, next_step="Pack the ensemble again.")
