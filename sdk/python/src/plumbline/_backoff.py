"""When to try again."""

from __future__ import annotations

import re
from datetime import timezone
from email.utils import parsedate_to_datetime
from typing import Optional

FIRST_DELAY_MS = 500.0
MAX_DELAY_MS = 30_000.0
#: However long a server asks to wait, it is asked again after this.
MAX_RETRY_AFTER_MS = 300_000.0


def backoff_ms(attempt: int, random: float, retry_after_ms: float = 0.0) -> float:
    """How long to wait before the next attempt: full jitter under an exponential ceiling, on top of what the server asked for.

    ``attempt`` counts the failures so far, from 0; ``random`` is from 0 to 1.
    """
    ceiling = min(MAX_DELAY_MS, FIRST_DELAY_MS * 2.0 ** min(attempt, 30))
    return min(retry_after_ms, MAX_RETRY_AFTER_MS) + random * ceiling


def retry_after_ms(header: Optional[str], now_ms: float) -> Optional[float]:
    """The milliseconds that a Retry-After header asks to wait: seconds, or a date. None when there is none that can be read."""
    text = (header or "").strip()
    if re.fullmatch(r"\d+(\.\d+)?", text):
        return float(text) * 1000
    try:
        at = parsedate_to_datetime(text)
    except (TypeError, ValueError, IndexError):
        return None
    if at.tzinfo is None:
        at = at.replace(tzinfo=timezone.utc)
    return max(0.0, at.timestamp() * 1000 - now_ms)
