"""The client before a transport or server that answers what a test says."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
import time
from datetime import datetime, timezone
from decimal import Decimal
from typing import Any, List, Tuple

import pytest

from conftest import ScriptedServer, ScriptedTransport, until
from plumbline import MemoryTransport, Plumbline, PlumblineError, TransportResponse, uuid7
from plumbline._options import resolve_options

AWAY = ConnectionError("away")


def set_up(*answers: Any, **options: Any) -> Tuple[Plumbline, ScriptedTransport, List[PlumblineError]]:
    transport = ScriptedTransport(*answers)
    errors: List[PlumblineError] = []
    defaults = {"model": "m", "flush_interval": 60, "on_error": errors.append, "transport": transport}
    return Plumbline(**{**defaults, **options}), transport, errors


def test_sends_after_the_interval_without_being_asked() -> None:
    plumbline, transport, _ = set_up(flush_interval=0.01)
    id_ = plumbline.log_prediction(features={"age": 41})
    assert until("the event is sent", lambda: transport.events)[0]["prediction_id"] == id_
    plumbline.close()


def test_ids_carry_the_time_of_the_event() -> None:
    plumbline, transport, _ = set_up()
    id_ = plumbline.log_prediction(features={})
    plumbline.close()
    assert int(id_.replace("-", "")[:12], 16) == transport.events[0]["timestamp"]
    assert len({uuid7(0) for _ in range(2_000)}) == 2_000


def test_values_of_the_standard_library() -> None:
    plumbline, transport, _ = set_up()
    at = datetime(2026, 1, 1, tzinfo=timezone.utc)
    features = {"price": Decimal("1.5"), "at": at, "half": "\ud800"}
    plumbline.log_prediction(features=features, timestamp=at.replace(tzinfo=None))
    features["price"] = Decimal("2")
    plumbline.close()
    event = transport.events[0]
    assert event["timestamp"] == 1767225600000
    assert event["features"] == {"price": 1.5, "at": "2026-01-01T00:00:00+00:00", "half": "\ud800"}


class _Lazy(dict):  # type: ignore[type-arg]
    def keys(self) -> Any:
        raise RuntimeError("lazy")


@pytest.mark.parametrize("features", [None, 7, {"f": object()}, {"f": {1, 2}}, _Lazy(a=1)], ids=str)
def test_does_not_raise_but_counts_and_tells(features: Any) -> None:
    plumbline, transport, errors = set_up()
    assert plumbline.log_prediction(features=features)
    plumbline.log_label(prediction_id="p", label=object())  # type: ignore[arg-type]
    plumbline.close()
    assert [event for event in transport.events if event["features"] != {"a": 1}] == []
    statistics = plumbline.statistics()
    assert statistics.logged == 2 and statistics.dropped + statistics.accepted == 2
    assert {error.reason for error in errors} <= {"invalid_call", "not_serializable"}
    assert len(errors) == statistics.dropped >= 1


def test_a_cycle_is_not_serializable() -> None:
    plumbline, _, errors = set_up()
    cycle: List[Any] = []
    cycle.append(cycle)
    plumbline.log_prediction(features={"f": cycle})
    plumbline.close()
    assert [error.reason for error in errors] == ["not_serializable"]


def test_drops_new_events_when_full_counts_each_and_tells_of_several_at_once() -> None:
    plumbline, transport, errors = set_up(max_queue_events=3)
    for i in range(10):
        plumbline.log_prediction(prediction_id=f"p-{i}", features={})
    assert plumbline.statistics().queued == 3
    assert plumbline.statistics().dropped_by_reason == {"queue_full": 7}
    plumbline.close(60)
    assert [event["prediction_id"] for event in transport.events] == ["p-0", "p-1", "p-2"]
    # As often as the sending thread gets its turn meanwhile, and not for each.
    assert {error.reason for error in errors} == {"queue_full"}
    assert sum(error.count for error in errors) == 7 and len(errors) < 7


def test_the_queue_is_bounded_in_bytes() -> None:
    plumbline, _, _ = set_up(AWAY, max_queue_bytes=1_000)
    for _ in range(100):
        plumbline.log_prediction(features={"text": "x" * 100})
    statistics = plumbline.statistics()
    assert statistics.queued_bytes <= 1_000
    assert statistics.queued > 2 and statistics.queued + statistics.dropped == 100
    plumbline.close(0)


def test_log_batch_waits_for_room() -> None:
    plumbline, transport, _ = set_up(max_queue_events=10, max_batch_events=5)
    ids = plumbline.log_batch({"features": {}} for _ in range(100))
    plumbline.close(60)
    assert [event["prediction_id"] for event in transport.events] == ids
    assert plumbline.statistics().accepted == 100


def test_log_batch_gives_up_after_its_time() -> None:
    plumbline, _, _ = set_up(AWAY, max_queue_events=10)
    assert len(plumbline.log_batch(({"features": {}} for _ in range(15)), timeout=0.05)) == 15
    assert plumbline.statistics().dropped_by_reason == {"queue_full": 5}
    plumbline.close(0)


def test_tells_of_each_event_that_is_rejected() -> None:
    body = (
        '{"accepted":1,"rejected_count":2,"rejected":[{"index":1,"field":"features.age","reason":"wrong_type","message":"no"}]}'
    )
    plumbline, _, errors = set_up(TransportResponse(200, body))
    for i in range(3):
        plumbline.log_prediction(prediction_id=f"p-{i}", features={"age": "x"})
    plumbline.close(60)
    assert [(e.reason, e.count, e.field, e.code, e.prediction_id) for e in errors] == [
        ("rejected", 1, "features.age", "wrong_type", "p-1"),
        ("rejected", 1, None, None, None),
    ]
    assert (plumbline.statistics().accepted, plumbline.statistics().rejected) == (1, 2)


def test_an_outage_is_told_once_and_loses_nothing() -> None:
    plumbline, transport, errors = set_up(AWAY, AWAY, AWAY, 200)
    plumbline.log_prediction(features={})
    assert plumbline.flush(60)
    assert len(transport.requests) == 4
    assert [(error.reason, error.count) for error in errors] == [("retrying", 0)]
    assert plumbline.statistics().retries == 3
    plumbline.close()


def test_batches_fill_during_an_outage() -> None:
    plumbline, transport, _ = set_up(AWAY, flush_interval=0.001)
    plumbline.log_prediction(features={})
    until("the outage is noticed", lambda: transport.requests)
    for _ in range(20):
        plumbline.log_prediction(features={})
        time.sleep(0.002)
    transport.answer_with(200)
    assert plumbline.flush(60)
    assert len(transport.batches[-1]) == 20
    plumbline.close()


def test_waits_as_long_as_the_server_asks_even_when_flushed() -> None:
    plumbline, transport, _ = set_up(TransportResponse(429, retry_after="60"))
    plumbline.log_prediction(features={})
    assert not plumbline.flush(0.2)
    assert len(transport.requests) == 1
    plumbline.close(0)


def test_counts_what_there_was_no_time_for() -> None:
    plumbline, _, errors = set_up(AWAY)
    plumbline.log_prediction(features={})
    plumbline.log_prediction(features={})
    assert not plumbline.close(0.01)
    plumbline.log_prediction(features={})
    assert plumbline.statistics().dropped_by_reason == {"not_sent_in_time": 2, "closed": 1}
    assert [(e.reason, e.count) for e in errors if e.count] == [("not_sent_in_time", 2), ("closed", 1)]


def test_before_send_changes_and_drops() -> None:
    def before_send(event: Any, kind: Any) -> Any:
        event["features"].pop("email", None) if kind == "prediction" else None
        return event if kind == "prediction" else None

    plumbline, transport, _ = set_up(before_send=before_send)
    features = {"age": 41, "email": "a@b.example"}
    plumbline.log_prediction(features=features)
    plumbline.log_label(prediction_id="p", label=1)
    plumbline.close(60)
    assert [event["features"] for event in transport.events] == [{"age": 41}]
    assert "email" in features and plumbline.statistics().filtered == 1


def test_nothing_is_sent_that_before_send_failed_on() -> None:
    plumbline, transport, errors = set_up(before_send=lambda event, kind: 1 / 0)
    plumbline.log_prediction(features={})
    plumbline.close(60)
    assert transport.requests == [] and [error.reason for error in errors] == ["before_send_failed"]


def test_goes_on_when_on_error_raises() -> None:
    plumbline, transport, _ = set_up(on_error=lambda error: 1 / 0)
    plumbline.log_prediction(features=None)  # type: ignore[arg-type]
    plumbline.log_prediction(features={})
    plumbline.close(60)
    assert len(transport.events) == 1


def test_by_default_errors_are_in_the_log_once_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    plumbline = Plumbline(model="m", transport=MemoryTransport())
    with caplog.at_level(logging.WARNING, logger="plumbline"):
        for _ in range(3):
            plumbline.log_prediction(features=None)  # type: ignore[arg-type]
    plumbline.close(60)
    assert [record.name for record in caplog.records] == ["plumbline"]


def test_many_threads_log_at_once() -> None:
    plumbline, transport, _ = set_up(flush_interval=0.001)

    def log() -> None:
        for _ in range(500):
            plumbline.log_prediction(features={"age": 41})

    threads = [threading.Thread(target=log) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert plumbline.flush(60)
    assert len({event["prediction_id"] for event in transport.events}) == 4_000
    plumbline.close()


def test_memory_transport_for_tests_of_services() -> None:
    memory = MemoryTransport()
    with Plumbline(model="m", transport=memory) as plumbline:
        id_ = plumbline.log_prediction(features={"age": 41})
        plumbline.log_label(prediction_id=id_, label=1)
        assert plumbline.flush(60)
        assert [event["prediction_id"] for event in memory.predictions + memory.labels] == [id_, id_]
        memory.clear()
    assert memory.predictions == []


@pytest.mark.parametrize(
    "given, environment, field, expected",
    [
        ({"url": "plumbline.example"}, {}, "url", {"enabled": False}),
        ({}, {"PLUMBLINE_URL": "http://"}, "url", {"enabled": False}),
        ({"url": "http://host:port"}, {}, "url", {"enabled": False}),
        ({"redact": "email"}, {}, "redact", {"enabled": False}),
        ({"sample_rate": 10}, {}, "sample_rate", {"sample_rate": 1}),
        ({}, {"PLUMBLINE_SAMPLE_RATE": "half"}, "sample_rate", {"sample_rate": 1}),
        ({}, {"PLUMBLINE_ENABLED": "maybe"}, "PLUMBLINE_ENABLED", {"enabled": True}),
        ({"max_queue_events": 0}, {}, "max_queue_events", {"max_queue_events": 50_000}),
        ({"flush_interval": "soon"}, {}, "flush_interval", {"flush_interval": 1.0}),
    ],
)
def test_wrong_options_are_told(given: Any, environment: Any, field: str, expected: Any) -> None:
    settings, faults = resolve_options(given, environment)
    assert [(fault.reason, fault.field) for fault in faults] == [("invalid_option", field)]
    assert {name: getattr(settings, name) for name in expected} == expected


def test_the_environment_holds_where_arguments_are_silent() -> None:
    environment = {
        "PLUMBLINE_URL": "https://plumbline.example/base",
        "PLUMBLINE_API_KEY": "theirs",
        "PLUMBLINE_ENABLED": "false",
        "PLUMBLINE_SAMPLE_RATE": "0.1",
        "PLUMBLINE_SPOOL_DIR": "/var/spool/plumbline",
    }
    settings, faults = resolve_options({"api_key": "mine"}, environment)
    assert faults == []
    assert (settings.api_key, settings.enabled, settings.sample_rate) == ("mine", False, 0.1)
    assert (settings.url, settings.spool_dir) == ("https://plumbline.example/base", "/var/spool/plumbline")


def test_http_one_connection_retry_after_and_slow_answers(scripted_server: ScriptedServer) -> None:
    answers: List[Tuple[int, Any, bytes]] = [(429, {"retry-after": "1"}, b""), (200, {}, b"")]
    scripted_server.answer = lambda: answers.pop(0) if len(answers) > 1 else answers[0]
    with Plumbline(scripted_server.url, model="m", exit_timeout=60) as plumbline:
        plumbline.log_prediction(features={"text": "x" * 2_000})
        assert plumbline.flush(60)
        assert scripted_server.arrived_at[1] - scripted_server.arrived_at[0] >= 0.95
        assert plumbline.statistics().accepted == 1


def test_a_server_that_is_too_slow_is_asked_again(scripted_server: ScriptedServer) -> None:
    release = threading.Event()
    slow = [True]

    def answer() -> Tuple[int, Any, bytes]:
        if slow:
            slow.pop()
            release.wait(60)
        return (200, {}, b"")

    scripted_server.answer = answer
    plumbline = Plumbline(scripted_server.url, model="m", request_timeout=0.2, on_error=lambda error: None)
    started = time.perf_counter()
    plumbline.log_prediction(features={})
    logging_took = time.perf_counter() - started
    assert plumbline.flush(60)
    release.set()
    plumbline.close(60)
    assert plumbline.statistics().retries >= 1
    # Not a bound on speed: it shows that the caller did not wait for the server.
    assert logging_took < 60


def run(code: str, **environment: str) -> str:
    result = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, **environment}, capture_output=True, text=True, timeout=120
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_sends_what_is_queued_at_the_end_of_the_process(scripted_server: ScriptedServer) -> None:
    code = "from plumbline import Plumbline; p = Plumbline(model='m', flush_interval=60, exit_timeout=60)\n"
    code += "for i in range(100): p.log_prediction(features={'i': i})"
    run(code, PLUMBLINE_URL=scripted_server.url)
    assert len(scripted_server.events) == 100


def test_does_not_hold_a_process_longer_than_asked(scripted_server: ScriptedServer) -> None:
    release = threading.Event()
    scripted_server.answer = lambda: (release.wait(120), (200, {}, b""))[1]  # type: ignore[func-returns-value]
    code = "from plumbline import Plumbline\n"
    code += "p = Plumbline(model='m', exit_timeout=0.05, on_error=lambda e: print(e.reason, e.count))\n"
    code += "p.log_prediction(features={})"
    assert run(code, PLUMBLINE_URL=scripted_server.url) == "not_sent_in_time 1\n"
    release.set()
