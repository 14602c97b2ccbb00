"""Ids that carry their time."""

from __future__ import annotations

import os


def uuid7(time_ms: int) -> str:
    """A UUID of version 7 (RFC 9562) for a time in milliseconds since 1970."""
    return uuid7_of(time_ms, os.urandom(10))


def uuid7_of(time_ms: int, random: bytes) -> str:
    """The UUID of version 7 made of a time and ten random bytes."""
    # Bits: 48 of time, version 7, 12 random, variant 2, 62 random. The first two bytes give 12, the other eight 62.
    first = int.from_bytes(random[:2], "big") & 0x0FFF
    second = int.from_bytes(random[2:10], "big") & 0x3FFFFFFFFFFFFFFF
    text = f"{time_ms:012x}{0x7000 | first:04x}{0x8000000000000000 | second:016x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
