"""The client before the real server: absent, slow, killed and restarted while events come."""

from __future__ import annotations

import signal
import time
from typing import List

from conftest import Server, free_port, until
from plumbline import Plumbline, PlumblineError

KILLS = 2


def test_an_absent_server_loses_nothing_until_it_comes() -> None:
    late = Server()
    try:
        plumbline = Plumbline(late.url, model="late", flush_interval=0.01, on_error=lambda error: None)
        for i in range(1_000):
            plumbline.log_prediction(features={"i": i})
        until("the outage is noticed", lambda: plumbline.statistics().retries)
        assert (plumbline.statistics().queued, plumbline.statistics().dropped) == (1_000, 0)
        late.start()
        assert plumbline.flush(120)
        assert plumbline.statistics().accepted == 1_000
        assert late.stored("late") == 1_000
        plumbline.close()
    finally:
        late.remove()


def test_nobody_there_at_the_end_is_counted() -> None:
    errors: List[PlumblineError] = []
    plumbline = Plumbline(f"http://127.0.0.1:{free_port()}", model="m", on_error=errors.append)
    plumbline.log_prediction(features={})
    assert not plumbline.close(0.05)
    assert plumbline.statistics().dropped_by_reason == {"not_sent_in_time": 1}
    assert ("not_sent_in_time", 1) in [(error.reason, error.count) for error in errors]


def test_kills_lose_nothing_that_the_queue_could_hold_and_count_the_rest(server: Server) -> None:
    def client(model: str, **options: int) -> Plumbline:
        return Plumbline(server.url, model=model, flush_interval=0.005, on_error=lambda error: None, **options)

    steady = client("killed")
    # A queue that is too small for an outage: it must lose, and say how many.
    small = client("small", max_queue_events=100)

    def log(count: int) -> None:
        for i in range(count):
            features = {"i": i, "city": "Ulm" if i % 2 else "Bonn"}
            id_ = steady.log_prediction(features=features, prediction={"label": i % 2})
            steady.log_label(prediction_id=id_, label=1)
            small.log_prediction(features=features)

    for _ in range(KILLS):
        before = steady.statistics().accepted

        def some_has_arrived() -> bool:
            log(20)
            return steady.statistics().accepted > before + 100

        until("the server takes events", some_has_arrived)
        server.kill()
        log(300)
        server.start()
    assert steady.flush(120) and small.flush(120)
    counted = steady.statistics()
    assert (counted.rejected, counted.dropped, counted.queued) == (0, 0, 0)
    assert counted.accepted == counted.logged and counted.retries > 0
    lossy = small.statistics()
    assert lossy.dropped > 0 and lossy.dropped_by_reason == {"queue_full": lossy.dropped}
    assert lossy.accepted + lossy.dropped == lossy.logged
    assert server.stored("killed") == counted.logged / 2
    assert server.stored("small") == lossy.accepted
    steady.close()
    small.close()


def test_the_server_scales_volume_by_the_rate_and_counts_rows_beside(server: Server) -> None:
    with Plumbline(server.url, model="sampled", sample_rate=0.25, exit_timeout=120) as plumbline:
        for i in range(2_000):
            id_ = plumbline.log_prediction(features={"i": i}, prediction={"label": i % 2})
            plumbline.log_label(prediction_id=id_, label=i % 2)
        assert plumbline.flush(120)
        counted = plumbline.statistics()
    assert counted.rejected == 0 and counted.sampled_out > 0
    kept = counted.accepted // 2
    assert server.stored("sampled") == kept
    [version] = server.request("GET", "/v1/models/sampled/health")["versions"]
    assert (version["predictions_last_day"], version["volume_last_day"]) == (kept, 4 * kept)


def test_a_slow_server_does_not_slow_the_caller_and_counts_nothing_twice(server: Server) -> None:
    plumbline = Plumbline(server.url, model="slow", flush_interval=0.01, request_timeout=5, on_error=lambda error: None)
    # It accepts connections and answers nobody.
    server.signal(signal.SIGSTOP)
    try:
        started = time.monotonic()
        for i in range(2_000):
            plumbline.log_prediction(features={"i": i})
        until("a request has timed out", lambda: plumbline.statistics().retries)
        assert time.monotonic() - started < 120
    finally:
        server.signal(signal.SIGCONT)
    assert plumbline.flush(120)
    assert plumbline.statistics().accepted == 2_000
    assert server.stored("slow") == 2_000
    plumbline.close()


def test_rejected_events_are_told_with_field_and_remedy(server: Server) -> None:
    errors: List[PlumblineError] = []
    with Plumbline(server.url, model="rejected", on_error=errors.append, exit_timeout=60) as plumbline:
        plumbline.log_prediction(features={"city": {"name": "Ulm"}}, prediction_id="nested")
        plumbline.log_prediction(features={"city": "Ulm", "big": float("inf"), "none": float("nan")})
    assert [(e.reason, e.field, e.code, e.prediction_id) for e in errors] == [
        ("rejected", "features.city", "wrong_type", "nested")
    ]
    assert (plumbline.statistics().accepted, plumbline.statistics().rejected) == (1, 1)
    assert server.stored("rejected") == 1
