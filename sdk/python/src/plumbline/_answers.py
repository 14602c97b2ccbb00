"""What the server's answer means for a batch."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Dict, List, Optional, Union

from ._backoff import retry_after_ms as read_retry_after
from ._transport import TransportResponse


@dataclass(frozen=True)
class Rejection:
    """One event that the server refused."""

    index: int
    field: str
    reason: str
    message: str


@dataclass(frozen=True)
class Taken:
    """Every event was judged: the rejected ones are lost, the others are stored. ``rejected`` may list fewer than it counts."""

    rejected_count: int
    rejected: List[Rejection]
    kind = "taken"


@dataclass(frozen=True)
class Retry:
    message: str
    retry_after_ms: Optional[float] = None
    kind = "retry"


@dataclass(frozen=True)
class Split:
    kind = "split"


@dataclass(frozen=True)
class Refused:
    message: str
    status: int
    kind = "refused"


Outcome = Union[Taken, Retry, Split, Refused]


def answer_outcome(response: TransportResponse, count: int, now_ms: float) -> Outcome:
    """What to do after an answer to a batch of so many events."""
    status = response.status
    reply = _parse(response.body)
    if 200 <= status < 300:
        return _taken(reply)
    if status == 400 and isinstance(reply.get("rejected"), list):
        # All events were refused, one by one.
        return _taken(reply)
    detail = reply.get("detail")
    message = f"the server answered {status}" + (f": {detail}" if isinstance(detail, str) else "")
    if status == 413 and count > 1:
        return Split()
    if status in (408, 425, 429) or status >= 500:
        return Retry(message, read_retry_after(response.retry_after, now_ms))
    return Refused(message, status)


def _taken(reply: Dict[str, Any]) -> Taken:
    listed = reply.get("rejected")
    rejected = [r for r in map(_rejection, listed) if r is not None] if isinstance(listed, list) else []
    counted = reply.get("rejected_count")
    return Taken(counted if isinstance(counted, int) else len(rejected), rejected)


def _rejection(value: Any) -> Optional[Rejection]:
    if not isinstance(value, dict):
        return None
    index, field, reason, message = (value.get(name) for name in ("index", "field", "reason", "message"))
    if isinstance(index, int) and isinstance(field, str) and isinstance(reason, str) and isinstance(message, str):
        return Rejection(index, field, reason, message)
    return None


def _parse(text: str) -> Dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
