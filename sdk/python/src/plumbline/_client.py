"""The client."""

from __future__ import annotations

import gzip
import json
import os
import random
import threading
import time
from dataclasses import replace
from types import TracebackType
from typing import Any, Dict, Iterable, List, Mapping, Optional, Sequence, Type, Union

from ._answers import Outcome, Refused, Rejection, Retry, Split, Taken, answer_outcome
from ._backoff import backoff_ms
from ._errors import ErrorReporter, EventKind, OnError, PlumblineError, Reason
from ._lifetime import remember
from ._options import BeforeSend, resolve_options
from ._queue import Batch, BatchQueue
from ._redaction import redaction_of
from ._sampling import is_sampled
from ._spool import Spool
from ._statistics import Statistics
from ._transport import HttpTransport, Transport, TransportRequest
from ._uuid7 import uuid7
from ._version import VERSION
from ._wire import Instant, WireEvent, event_text, wire_label, wire_prediction

#: Below this compressing costs more than it saves.
_MIN_GZIP_BYTES = 1024
_PATHS: Dict[EventKind, str] = {"prediction": "/v1/predictions", "label": "/v1/labels"}
#: A connection that idled may break on its next use; only an outage fails twice.
_FAILURES_OF_AN_OUTAGE = 2


class Plumbline:
    """Logs predictions and labels.

    Logging never raises, whatever it is given, and never waits for the network: events go into a bounded queue, and a thread sends them
    in batches. What is lost is counted (``statistics``) and told (``on_error``).

    Everything has a default; where an argument is None, the environment variable in brackets holds.

    - ``url``: address of the server, http://127.0.0.1:8080 [PLUMBLINE_URL]; ``api_key`` with the scope ``ingest`` [PLUMBLINE_API_KEY]
    - ``model``, ``version``: of events that name none
    - ``enabled``: False makes every call a no-op [PLUMBLINE_ENABLED]
    - ``sample_rate``: part of the predictions to keep, 0 to 1, chosen by id, so that labels are kept with theirs [PLUMBLINE_SAMPLE_RATE]
    - ``redact``: names of features and tags that must not leave the process; ``*`` stands for any text
    - ``before_send(event, kind)``: may change each event, or give None to drop it; redaction comes after it
    - ``on_error(error)``: told of everything that is lost, and of outages; by default a line a minute in the logger ``plumbline``
    - ``max_batch_events`` 500, ``max_batch_bytes`` 1 MiB, ``flush_interval`` 1 s: when a batch goes out
    - ``max_queue_events`` 50 000, ``max_queue_bytes`` 32 MiB: what may wait in memory; when it is full new events are dropped
    - ``max_event_bytes`` 1 MiB, ``request_timeout`` 35 s, ``gzip`` True
    - ``exit_timeout`` 2 s: how long the end of the process may wait for what is queued
    - ``spool_dir``: folder on a local disk; what waits is kept there too, survives a crash and is sent at the next start [PLUMBLINE_SPOOL_DIR];
      ``max_spool_bytes`` 256 MiB
    - ``transport``: something else than HTTP, as ``MemoryTransport`` in tests
    """

    def __init__(
        self,
        url: Optional[str] = None,
        api_key: Optional[str] = None,
        *,
        model: Optional[str] = None,
        version: Optional[str] = None,
        enabled: Optional[bool] = None,
        sample_rate: Optional[float] = None,
        redact: Optional[Sequence[str]] = None,
        before_send: Optional[BeforeSend] = None,
        on_error: Optional[OnError] = None,
        max_batch_events: Optional[int] = None,
        max_batch_bytes: Optional[int] = None,
        flush_interval: Optional[float] = None,
        max_queue_events: Optional[int] = None,
        max_queue_bytes: Optional[int] = None,
        max_event_bytes: Optional[int] = None,
        request_timeout: Optional[float] = None,
        exit_timeout: Optional[float] = None,
        spool_dir: Optional[str] = None,
        max_spool_bytes: Optional[int] = None,
        gzip: Optional[bool] = None,
        transport: Optional[Transport] = None,
    ) -> None:
        given = dict(locals())
        for name in ("self", "before_send", "on_error", "transport"):
            del given[name]
        self._errors = ErrorReporter(on_error)
        self.settings, faults = resolve_options(given, os.environ)
        for fault in faults:
            self._errors.tell(fault)
        self._before_send = before_send
        self._is_redacted = redaction_of(self.settings.redact)
        self._transport: Transport = transport or HttpTransport(self.settings.url)
        self._begin()
        if self.settings.enabled:
            remember(self)
            if self.settings.spool_dir:
                # What an earlier process left behind goes out though nothing is logged.
                with self._changed:
                    self._ensure_worker()

    def _begin(self) -> None:
        """State of a client that has logged nothing; anew in a child process, whose parent sends what it had queued."""
        # Re-entrant: a signal handler may log.
        self._changed = threading.Condition(threading.RLock())
        self._statistics = Statistics()
        spool_dir = self.settings.spool_dir if self.settings.enabled else None
        self._spool = Spool(spool_dir, self._errors.tell) if spool_dir else None
        self._queue = BatchQueue(self.settings, self._spool)
        self._worker: Optional[threading.Thread] = None
        self._taken_over = self._spool is None
        self._closing = False
        self._stopped = False
        self._hurry = False
        self._failures = 0
        self._due_at: Optional[float] = None
        self._no_room: Optional[PlumblineError] = None

    @property
    def enabled(self) -> bool:
        """Whether anything is sent."""
        return self.settings.enabled

    def log_prediction(
        self,
        *,
        features: Mapping[str, Any],
        prediction: Optional[Mapping[str, Any]] = None,
        model: Optional[str] = None,
        version: Optional[str] = None,
        prediction_id: Optional[str] = None,
        timestamp: Optional[Instant] = None,
        latency_ms: Optional[float] = None,
        error: Union[str, bool, None] = None,
        tags: Optional[Mapping[str, Any]] = None,
        entity_id: Optional[str] = None,
        trace_id: Optional[str] = None,
    ) -> str:
        """Queues a prediction. Returns its id, for the label that comes later; also when it is not sent.

        ``prediction`` holds ``label`` (a class), ``value`` (a number), ``score`` (probability of the positive class), ``scores`` (by class).
        """
        now_ms = int(time.time() * 1000)
        id_ = prediction_id if prediction_id is not None else uuid7(now_ms)
        if self.settings.enabled:
            try:
                if self._is_kept(id_, "prediction"):
                    event = wire_prediction(
                        model=model if model is not None else self.settings.model,
                        version=version if version is not None else self.settings.version,
                        prediction_id=id_,
                        timestamp=timestamp,
                        now_ms=now_ms,
                        features=features,
                        prediction=prediction,
                        latency_ms=latency_ms,
                        error=error,
                        tags=tags,
                        entity_id=entity_id,
                        trace_id=trace_id,
                    )
                    if self.settings.sample_rate < 1:
                        event["sample_rate"] = self.settings.sample_rate
                    self._log("prediction", event)
            except Exception as cause:
                self._drop("invalid_call", cause, "prediction", id_)
        return id_

    def log_label(
        self,
        *,
        prediction_id: str,
        label: Union[str, int, float, bool, None] = None,
        value: Optional[float] = None,
        model: Optional[str] = None,
        timestamp: Optional[Instant] = None,
        weight: Optional[float] = None,
    ) -> None:
        """Queues the truth about a prediction. It may come before the prediction, again, or corrected: the latest holds."""
        if not self.settings.enabled:
            return
        try:
            if self._is_kept(prediction_id, "label"):
                event = wire_label(
                    model=model if model is not None else self.settings.model,
                    prediction_id=prediction_id,
                    timestamp=timestamp,
                    now_ms=int(time.time() * 1000),
                    label=label,
                    value=value,
                    weight=weight,
                )
                self._log("label", event)
        except Exception as cause:
            self._drop("invalid_call", cause, "label", prediction_id)

    def log_batch(self, predictions: Iterable[Mapping[str, Any]], *, timeout: float = 60.0) -> List[str]:
        """Queues many predictions, each the keyword arguments of ``log_prediction``, as a batch job has them. Returns their ids.

        Where the queue is full it waits for room, so that nothing is lost while the server keeps up; after ``timeout`` seconds without
        room the rest is dropped, counted and told.
        """
        ids: List[str] = []
        patient = self.settings.enabled
        for given in predictions:
            patient = patient and self.wait_for_room(timeout)
            ids.append(self.log_prediction(**given))
        return ids

    def log_dataframe(self, frame: Any, **columns: Any) -> List[str]:
        """Queues a prediction for each row of a DataFrame, waiting for room as ``log_batch`` does; see ``plumbline.frames.log_frame``."""
        from .frames import log_frame

        return log_frame(self, frame, **columns)

    def wait_for_room(self, timeout: float) -> bool:
        """Waits until the queue has room for more. False when it has none for ``timeout`` seconds."""
        with self._changed:
            if self._queue.has_room():
                return True
            self._queue.seal_all()
            self._ensure_worker()
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._queue.has_room() or self._closing, timeout)
            return self._queue.has_room()

    def flush(self, timeout: float = 10.0) -> bool:
        """Sends what is queued. True when the server has judged all of it, False when that took longer than ``timeout`` seconds."""
        if not self.settings.enabled:
            return True
        deadline = time.monotonic() + timeout
        self._tell_no_room()
        with self._changed:
            # A thread that was never needed has nothing to take over either.
            if not self._changed.wait_for(lambda: self._taken_over or self._worker is None, timeout):
                return False
            self._queue.seal_all()
            if self._queue.head is None:
                return True
            number = self._queue.last_number
            self._hurry = True
            self._ensure_worker()
            self._changed.notify_all()
            return self._changed.wait_for(lambda: self._is_settled(number), max(0.0, deadline - time.monotonic()))

    def close(self, timeout: Optional[float] = None) -> bool:
        """Sends what is queued, for at most ``timeout`` seconds (``exit_timeout``), and stops. True when nothing was left.

        What could not be sent stays in the spool folder, if there is one; otherwise it is dropped, counted and told. Logging afterwards drops.
        """
        if not self.settings.enabled:
            return True
        with self._changed:
            if self._closing:
                return self._queue.head is None
            self._closing = True
        is_sent = self.flush(self.settings.exit_timeout if timeout is None else timeout)
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
            left = self._queue.abandon()
        for kind, count, is_kept in left:
            if is_kept:
                self._statistics.spooled += count
            elif count:
                self._drop("not_sent_in_time", "there was no time to send what was queued", kind, count=count)
        if self._spool is not None:
            self._spool.close()
        return is_sent

    def report_invalid_call(self, cause: Exception) -> None:
        """For middleware: tells of something that could not be logged."""
        with self._changed:
            self._statistics.logged += 1
        self._drop("invalid_call", cause, "prediction")

    def statistics(self) -> Statistics:
        """What became of the events so far."""
        with self._changed:
            return replace(
                self._statistics,
                dropped_by_reason=dict(self._statistics.dropped_by_reason),
                queued=self._queue.events,
                queued_bytes=self._queue.memory_bytes,
            )

    def __enter__(self) -> Plumbline:
        return self

    def __exit__(
        self,
        exception_type: Optional[Type[BaseException]],
        exception: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        self.close()

    # Called around os.fork, by _lifetime.

    def _before_fork(self) -> None:
        self._changed.acquire()

    def _after_fork_in_parent(self) -> None:
        self._changed.release()

    def _after_fork_in_child(self) -> None:
        # The connection is the parent's; forgetting it leaves the parent's end alone.
        if isinstance(self._transport, HttpTransport):
            self._transport = HttpTransport(self.settings.url)
        self._begin()

    # In the caller's thread.

    def _is_kept(self, prediction_id: str, kind: EventKind) -> bool:
        with self._changed:
            self._statistics.logged += 1
            is_kept = self.settings.sample_rate >= 1 or is_sampled(prediction_id, self.settings.sample_rate)
            if not is_kept:
                self._statistics.sampled_out += 1
        if is_kept and self._closing:
            self._drop("closed", "the client was closed", kind, prediction_id)
            return False
        return is_kept

    def _log(self, kind: EventKind, event: WireEvent) -> None:
        prediction_id = event["prediction_id"]
        if self._before_send is not None:
            try:
                changed = self._before_send(event, kind)
            except Exception as cause:
                return self._drop("before_send_failed", cause, kind, prediction_id)
            if changed is None:
                with self._changed:
                    self._statistics.filtered += 1
                return
            event = changed
        try:
            line = (event_text(event, self._is_redacted) + "\n").encode("ascii")
        except Exception as cause:
            return self._drop("not_serializable", cause, kind, prediction_id)
        if len(line) > self.settings.max_event_bytes:
            message = f"the event has {len(line)} bytes, more than {self.settings.max_event_bytes} (max_event_bytes)"
            return self._drop("event_too_large", message, kind, prediction_id)
        with self._changed:
            was_idle = not self._queue.has_open
            number = self._queue.last_number
            if not self._queue.push(kind, line):
                return self._count_no_room(kind)
            if was_idle or self._queue.last_number != number:
                if self._due_at is None:
                    self._due_at = time.monotonic() + self.settings.flush_interval
                self._ensure_worker()
                self._changed.notify_all()

    def _count_no_room(self, kind: EventKind) -> None:
        """A flood that finds no room is told once an interval, not event by event."""
        self._statistics.drop("queue_full", 1)
        if self._no_room is None:
            settings = self.settings
            limits = f"max_queue_events {settings.max_queue_events}, max_queue_bytes {settings.max_queue_bytes}"
            self._no_room = PlumblineError("queue_full", f"the queue is full ({limits}): new events are dropped", kind=kind)
        self._no_room.count += 1

    def _tell_no_room(self) -> None:
        with self._changed:
            error, self._no_room = self._no_room, None
        if error is not None:
            self._errors.tell(error)

    def _drop(
        self,
        reason: Reason,
        cause: Union[str, Exception],
        kind: EventKind,
        prediction_id: Optional[str] = None,
        *,
        count: int = 1,
        status: Optional[int] = None,
    ) -> None:
        with self._changed:
            self._statistics.drop(reason, count)
        text = cause if isinstance(cause, str) else f"{type(cause).__name__}: {cause}"
        self._errors.tell(
            PlumblineError(reason, text, count=count, kind=kind, prediction_id=prediction_id, status=status)
        )

    # In the thread that sends.

    def _ensure_worker(self) -> None:
        if self._worker is not None or self._stopped:
            return
        worker = threading.Thread(target=self._run, name="plumbline", daemon=True)
        self._worker = worker
        try:
            worker.start()
        except RuntimeError:  # the interpreter is ending
            self._worker = None

    def _run(self) -> None:
        changed = self._changed
        if self._spool is not None:
            left = self._spool.take_over()
            with changed:
                self._queue.add_left(left)
                self._taken_over = True
                changed.notify_all()
        while True:
            self._tell_no_room()
            head = self._next_batch()
            if head is None:
                return
            if head.lines is None and not self._restore(head):
                continue
            outcome = self._attempt(head)
            with changed:
                # What happened after the end is counted by whoever ended it.
                if self._stopped:
                    break
            if isinstance(outcome, Retry):
                self._pause(outcome, head)
            else:
                self._settle(head, outcome)
        self._transport.close()

    def _next_batch(self) -> Optional[Batch]:
        """Waits for a batch: one that is full, or what there is once it has waited long enough. None at the end."""
        with self._changed:
            while not self._stopped:
                if self._due_at is not None and self._due_at <= time.monotonic():
                    # While others go out first, batches fill up, instead of becoming many small ones.
                    if self._queue.head is None:
                        self._queue.seal_all()
                        self._due_at = None
                if self._queue.head is not None:
                    return self._queue.head
                self._changed.wait(None if self._due_at is None else max(0.0, self._due_at - time.monotonic()))
        return None

    def _restore(self, head: Batch) -> bool:
        """Reads the events of a batch from its file. False when they are lost."""
        lost, why, lines = head.count, "it is empty", []
        try:
            lines = head.file.read() if head.file is not None else []
            lost -= len(lines)
            why = "a file was cut short"
        except OSError as error:
            why = str(error)
        with self._changed:
            if self._stopped:
                return False
            if head.count == 0:
                # A batch of an earlier process has not been counted yet.
                self._statistics.logged += len(lines)
            self._queue.restore(head, lines)
        if lost > 0:
            self._drop("spool_failed", f"events in the spool cannot be read: {why}", head.kind, count=lost)
        if not lines:
            self._next()
        return bool(lines)

    def _attempt(self, head: Batch) -> Outcome:
        lines = head.lines or []
        with self._changed:
            self._statistics.requests += 1
        try:
            request = self._encode(head.kind, lines)
            response = self._transport.send(request, self.settings.request_timeout)
            return answer_outcome(response, len(lines), time.time() * 1000)
        except Exception as cause:
            return Retry(f"the server at {self.settings.url} does not answer: {type(cause).__name__}: {cause}")

    def _encode(self, kind: EventKind, lines: Sequence[bytes]) -> TransportRequest:
        body = b"".join(lines)
        headers = {"content-type": "application/x-ndjson", "user-agent": f"plumbline-python/{VERSION}"}
        if self.settings.api_key:
            headers["authorization"] = f"Bearer {self.settings.api_key}"
        if self.settings.gzip and len(body) >= _MIN_GZIP_BYTES:
            headers["content-encoding"] = "gzip"
            body = gzip.compress(body, 1)
        return TransportRequest(_PATHS[kind], headers, body)

    def _settle(self, head: Batch, outcome: Union[Taken, Split, Refused]) -> None:
        self._failures = 0
        if isinstance(outcome, Split):
            with self._changed:
                self._queue.split_head()
            return
        if isinstance(outcome, Refused):
            self._drop("refused", outcome.message, head.kind, count=head.count, status=outcome.status)
        else:
            with self._changed:
                self._statistics.accepted += head.count - outcome.rejected_count
                self._statistics.rejected += outcome.rejected_count
            self._tell_rejections(head, outcome)
        self._next()

    def _next(self) -> None:
        with self._changed:
            if self._stopped:
                return
            self._queue.remove_head()
            if self._queue.head is None:
                self._hurry = False
            self._changed.notify_all()

    def _is_settled(self, number: int) -> bool:
        head = self._queue.head
        return head is None or head.number > number

    def _pause(self, outcome: Retry, head: Batch) -> None:
        self._failures += 1
        if self._failures == _FAILURES_OF_AN_OUTAGE:
            self._errors.tell(PlumblineError("retrying", f"{outcome.message}; nothing is lost yet", kind=head.kind))
        delay = backoff_ms(self._failures - 1, random.random(), outcome.retry_after_ms or 0.0) / 1000
        with self._changed:
            self._statistics.retries += 1
            self._hurry = False
            # A flush does not wait, unless the server asked to.
            may_hurry = outcome.retry_after_ms is None
            self._changed.wait_for(lambda: self._stopped or (may_hurry and self._hurry), delay)

    def _tell_rejections(self, head: Batch, outcome: Taken) -> None:
        for rejection in outcome.rejected:
            self._errors.tell(_rejected(head, rejection))
        others = outcome.rejected_count - len(outcome.rejected)
        if others > 0:
            self._errors.tell(PlumblineError("rejected", f"and {others} more", count=others, kind=head.kind))


def _rejected(head: Batch, rejection: Rejection) -> PlumblineError:
    lines = head.lines or []
    prediction_id = None
    if 0 <= rejection.index < len(lines):
        prediction_id = json.loads(lines[rejection.index]).get("prediction_id")
    message = f"{rejection.field} {rejection.message}" if rejection.field else rejection.message
    return PlumblineError(
        "rejected",
        message,
        count=1,
        kind=head.kind,
        field=rejection.field,
        code=rejection.reason,
        prediction_id=prediction_id if isinstance(prediction_id, str) else None,
    )
