"""Splits: which rows a model is fitted to, which judge it, and which nobody looks at until the end."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pyarrow as pa
from msgspec import UNSET, UnsetType

from pressroom.facts import BadDefinition, FieldReference, Key, entity_name
from pressroom.values import BUCKETS, FactSchema, Instant, buckets_of, parse_instant

Part = Literal["train", "validate", "test"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """By time: rows before `train_until` train, those before `validate_until` validate, those before `test_until` (if
    there is one) test; later ones are left out.
    """

    train_until: Instant
    validate_until: Instant
    test_until: Instant | UnsetType = UNSET
    """Unset, it is no part of the document, so that splits in two have the digests that they always had."""

    def end(self) -> Instant:
        """Rows from here on are left out."""
        return self.validate_until if isinstance(self.test_until, UnsetType) else self.test_until

    def parts(self, rows: pa.Table) -> pa.Array:
        """The part of each row, by its `as_of`."""
        as_of = rows.column("as_of").cast(pa.int64()).to_numpy()
        later = np.where(as_of < self.validate_until, "validate", "test")
        return pa.array(np.where(as_of < self.train_until, "train", later), pa.string())

    def keys(self) -> tuple[str, ...]:
        """The keys that it goes by: none."""
        return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EntitySplit:
    """By entity: all rows of one are in the same part, whatever their instants; `salt` draws other parts.

    `validate` and `test` are whole ten-thousandths of all entities. Who is where depends on the entity's name and the
    salt alone: two training sets with one salt agree. Rows whose key is null train, for nothing about anybody can leak
    from them.
    """

    entity: str
    validate: int
    test: int
    salt: str
    key: str = ""
    """The column of the spine; settled with the training set."""

    def end(self) -> None:
        """No row is left out for its instant."""
        return

    def parts(self, rows: pa.Table) -> pa.Array:
        """The part of each row, by its key."""
        encoded = rows.column(self.key).combine_chunks().dictionary_encode()
        buckets = buckets_of(f"split/{self.salt}", encoded.dictionary.to_pylist())
        parts = np.where(buckets < self.validate, 1, np.where(buckets < self.validate + self.test, 2, 0))
        # One more, for rows without a key.
        codes = encoded.indices.fill_null(len(parts)).to_numpy(zero_copy_only=False)
        names = np.array(["train", "validate", "test"])
        return pa.array(names[np.append(parts, 0).astype(np.int64)[codes]], pa.string())

    def keys(self) -> tuple[str, ...]:
        """The key that it goes by."""
        return (self.key,)


AnySplit = Split | EntitySplit


def split_by_time(*, train_until: str, validate_until: str, test_until: str | None = None) -> Split:
    """Split at two instants (three, with a part `test` that no fit and no report looks at), written with a zone."""
    split = Split(
        train_until=parse_instant(train_until),
        validate_until=parse_instant(validate_until),
        test_until=UNSET if test_until is None else parse_instant(test_until),
    )
    if split.train_until >= split.validate_until:
        raise BadDefinition("The split validates before it trains.", next_step="Give train_until < validate_until.")
    if test_until is not None and split.end() <= split.validate_until:
        raise BadDefinition("The split tests before it validates.", next_step="Give validate_until < test_until.")
    return split


def split_by_entity(whom: object, *, validate: float, test: float = 0.0, salt: str = "") -> EntitySplit:
    """Split so that one entity's rows are never on both sides: `split_by_entity(Aircraft, validate=0.2)`.

    `whom` is an entity, or one key field where the spine has several of that entity (`Scheduled.origin`). `validate`
    and `test` are shares of all entities, in steps of 0.0001.
    """
    judged, kept = _buckets("validate", validate, least=1), _buckets("test", test, least=0)
    if judged + kept >= BUCKETS:
        raise BadDefinition("The split leaves nobody to train on.", next_step="Give validate + test below 1.")
    if isinstance(whom, FieldReference):
        if not isinstance(whom, Key):
            raise BadDefinition(f"{whom!r} is no key.", next_step="Split by an entity, or by a field declared as Key.")
        entity, key = whom.schema.entity or "", whom.schema.name
    else:
        entity, key = entity_name(whom), ""
    return EntitySplit(entity=entity, key=key, validate=judged, test=kept, salt=salt)


def key_of_split(split: EntitySplit, spine: FactSchema) -> str:
    """The column of the spine that a split goes by; refuses a spine that has none, or several."""
    keys = [field.name for field in spine.key_fields() if field.entity == split.entity]
    if split.key in keys:
        return split.key
    if not split.key and len(keys) == 1:
        return keys[0]
    asked = f" by {split.key}" if split.key else ""
    raise BadDefinition(
        f"The split goes by {split.entity}{asked}; {spine.name} has {', '.join(keys) or 'no key of it'}.",
        next_step="Split by an entity that the spine names" + (", or by one of these keys." if keys else "."),
    )


def _buckets(what: str, share: float, *, least: int) -> int:
    buckets = round(share * BUCKETS)
    if isinstance(share, bool) or not least <= buckets < BUCKETS or abs(buckets - share * BUCKETS) > 1e-6:
        raise BadDefinition(
            f"{what}={share!r} is no share of the entities.",
            next_step="Give a number between 0 and 1 in steps of 0.0001, such as 0.2.",
        )
    return buckets
