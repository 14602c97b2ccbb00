"""What became of the events."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Dict


@dataclass
class Statistics:
    """``logged`` = accepted + rejected + dropped + spooled + sampled_out + filtered + queued.

    Events of an earlier process, found in the spool, count as logged when they are read.
    """

    logged: int = 0
    accepted: int = 0
    #: Refused by the server, one by one.
    rejected: int = 0
    #: Lost here, by reason.
    dropped_by_reason: Dict[str, int] = field(default_factory=dict)
    #: Left in the spool folder at the end, for the next process.
    spooled: int = 0
    #: Left out by ``sample_rate``.
    sampled_out: int = 0
    #: Left out by ``before_send``.
    filtered: int = 0
    #: Waiting now.
    queued: int = 0
    #: Bytes of JSON that wait in memory.
    queued_bytes: int = 0
    requests: int = 0
    retries: int = 0

    @property
    def dropped(self) -> int:
        """Lost here, for whatever reason."""
        return sum(self.dropped_by_reason.values())

    def drop(self, reason: str, count: int) -> None:
        self.dropped_by_reason[reason] = self.dropped_by_reason.get(reason, 0) + count
