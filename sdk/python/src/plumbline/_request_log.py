"""The prediction that a request or a call is about to become."""

from __future__ import annotations

import time
from typing import Any, Dict, Mapping, Optional

from ._client import Plumbline
from ._uuid7 import uuid7


class RequestLog:
    """Logged once, when the request ends, if its features are known by then."""

    def __init__(self, client: Plumbline, **known: Any) -> None:
        #: Answer it to the caller, so that the label can name it.
        self.prediction_id = uuid7(int(time.time() * 1000))
        self._client = client
        self._known: Dict[str, Any] = {name: value for name, value in known.items() if value is not None}
        self._start = time.perf_counter()
        self._ended = False

    def set(self, features: Optional[Mapping[str, Any]] = None, **said: Any) -> None:
        """Says what only the handler knows: arguments of ``log_prediction``. Later words win."""
        if features is not None:
            self._known["features"] = features
        self._known.update(said)

    @property
    def has_features(self) -> bool:
        return self._known.get("features") is not None

    @property
    def has_prediction(self) -> bool:
        return self._known.get("prediction") is not None

    def end(self, error: Optional[str] = None) -> None:
        """Logs, with the time since the start. ``error`` is the class of what went wrong; its text may hold what a user typed."""
        if self._ended:
            return
        self._ended = True
        if not self.has_features:
            return
        known = {"latency_ms": round((time.perf_counter() - self._start) * 1000, 3), "prediction_id": self.prediction_id}
        if error is not None:
            known["error"] = error
        try:
            self._client.log_prediction(**{**known, **self._known})
        except TypeError as cause:
            # An argument that log_prediction does not have, by ``set``.
            self._client.report_invalid_call(cause)
