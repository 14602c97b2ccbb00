"""What ``on_error`` is told."""

from __future__ import annotations

import logging
import threading
import time
from typing import Callable, Dict, Literal, Optional

EventKind = Literal["prediction", "label"]

#: Why ``on_error`` is called: a closed set.
Reason = Literal[
    "invalid_option",  # an option or an environment variable is wrong; the message says what is used in its place
    "invalid_call",  # the call itself cannot be understood: nothing was logged
    "not_serializable",
    "event_too_large",
    "before_send_failed",
    "queue_full",  # the queue had no room: new events were dropped
    "closed",  # logged after ``close``
    "not_sent_in_time",  # still waiting when the process or ``close`` could wait no longer
    "rejected",  # the server refused one event; ``field`` and ``code`` say why
    "refused",  # the server refused a whole request, and sending it again would not help
    "retrying",  # the server does not answer, or asks to wait: nothing is lost yet
    "spool_failed",  # the spool folder cannot be used, or a file of it was damaged
]

_QUIET_SECONDS = 60.0
_logger = logging.getLogger("plumbline")


class PlumblineError(Exception):
    """Something that was lost, or may be. Logging never raises it; calls that people wait for (``reference``, ``mlflow``) do."""

    def __init__(
        self,
        reason: Reason,
        message: str,
        *,
        count: int = 0,
        kind: Optional[EventKind] = None,
        status: Optional[int] = None,
        field: Optional[str] = None,
        code: Optional[str] = None,
        prediction_id: Optional[str] = None,
    ) -> None:
        super().__init__(message)
        self.reason: Reason = reason
        self.message = message
        #: Events that are lost by it; 0 when none is.
        self.count = count
        self.kind = kind
        #: HTTP status of the answer, when there was one.
        self.status = status
        #: The field at fault, as a dotted path.
        self.field = field
        #: The server's word for what is wrong with the field, such as ``wrong_type``.
        self.code = code
        self.prediction_id = prediction_id


OnError = Callable[[PlumblineError], None]


class ErrorReporter:
    """Tells the user of errors. Whatever that does, nothing comes back to the caller."""

    def __init__(self, on_error: Optional[OnError]) -> None:
        self._on_error = on_error
        self._told_at: Dict[str, float] = {}
        self._lock = threading.Lock()

    def tell(self, error: PlumblineError) -> None:
        try:
            if self._on_error is not None:
                self._on_error(error)
            else:
                self._log(error, time.monotonic())
        except Exception:  # the user's own code failed; there is nobody left to tell
            pass

    def _log(self, error: PlumblineError, now: float) -> None:
        """At most one line a minute for each reason."""
        with self._lock:
            told_at = self._told_at.get(error.reason)
            if told_at is not None and now - told_at < _QUIET_SECONDS:
                return
            self._told_at[error.reason] = now
        lost = f" ({error.count} events lost)" if error.count else ""
        _logger.warning("%s: %s%s", error.reason, error.message, lost)
