"""Which predictions are kept when only a part of them is."""

from __future__ import annotations

import zlib

_MASK = 0xFFFFFFFF


def is_sampled(prediction_id: str, rate: float) -> bool:
    """Whether the events of a prediction are sent at a rate from 0 to 1.

    It depends on the id alone, so that a label is kept exactly when its prediction is, in whichever process and language; what is kept
    at a rate is kept at every higher one.
    """
    return rate >= 1 or hash_of_id(prediction_id) < rate * 2**32


def hash_of_id(prediction_id: str) -> int:
    """32 bits of an id, evenly spread: the CRC-32 of its UTF-8, through the finaliser of MurmurHash3.

    A CRC alone maps ids that count upwards to a pattern.
    """
    h = zlib.crc32(prediction_id.encode("utf-8", "replace"))
    h = (h ^ (h >> 16)) * 0x85EBCA6B & _MASK
    h = (h ^ (h >> 13)) * 0xC2B2AE35 & _MASK
    return h ^ (h >> 16)
