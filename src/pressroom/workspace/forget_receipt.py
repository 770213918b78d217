"""Receipts of forgetting: what was removed, and what knew the subject and stays. They don't say who it was."""

import secrets
from contextlib import suppress
from dataclasses import dataclass

from pressroom.facts import Erased
from pressroom.ports import Damaged, Records, VersionConflict
from pressroom.values import Digest, Instant, digest_parts, from_document, to_document

_SALT = "receipt_salt"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainedOn:
    """A training set that had to do with the subject, and the models made from it, which are not touched.

    `held`: it had rows about the subject, and is removed; the catalog entry stays and says so. Not `held`: it was made
    from facts of a type that the subject had, which may be in sums about others.
    """

    name: str
    digest: Digest
    held: bool
    models: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgetReceipt:
    """What forgetting a subject did. `subject` is a digest of entity, name and the workspace's own salt: whoever has
    the name can find the receipt there, and whoever has the receipt alone can't try names on it.

    `facts` counts for each table; `log_from` is where the log starts now. `online_removed` rows of the online store
    were the subject's own, `online_rebuilt` were those of others, made anew without it. `bytes_left_in` are files below
    the workspace's data in which the bytes of the name still occur: inside a longer name, or in a model that has it
    among its inputs (names of fewer than 6 bytes are not looked for).
    """

    entity: str
    subject: Digest
    at: Instant
    facts: tuple[Erased, ...]
    log_from: int
    online_removed: int
    online_rebuilt: int
    set_aside_removed: int
    training_sets: tuple[TrainedOn, ...]
    bytes_left_in: tuple[str, ...]


def subject_digest(salt: str, entity: str, subject: str) -> Digest:
    """What stands for a subject in what must not name it. Without the salt, a guess at the name proves nothing."""
    return digest_parts([salt, entity, subject])


def salt_of(records: Records) -> str:
    """The workspace's salt, drawn when it is first asked for and the same ever after."""
    with suppress(VersionConflict):
        if records.get(_SALT, _SALT) is None:
            records.put(_SALT, _SALT, to_document(secrets.token_hex(32)), seen=0)
    record = records.get(_SALT, _SALT)
    if record is None:
        raise Damaged("The salt of the receipts is gone.", next_step="Restore the records from a backup.")
    return from_document(record.document, str)
