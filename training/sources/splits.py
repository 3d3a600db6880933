"""Splits that a source does not give itself: fixed for ever by a hash, whatever the order of its rows."""

import hashlib

from training.sources.base import Row, Split, native_split


def hashed_split(row: Row) -> Split:
    """For sources without splits: 10% test, 10% validation, the rest training, by pair or else by id."""
    key = str(row.get("pair") or row["id"])
    bucket = int(hashlib.sha256(key.encode()).hexdigest(), 16) % 10
    if bucket == 0:
        return "test"
    return "validation" if bucket == 1 else "train"


def native_test_split(row: Row) -> Split:
    """For sources with training and test rows only: a tenth of their training rows becomes validation."""
    split = native_split(row)
    if split == "train" and hashed_split(row) == "validation":
        return "validation"
    return split
