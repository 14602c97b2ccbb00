"""The middleware, in a FastAPI service."""

from __future__ import annotations

from typing import Any, Dict

import pytest

fastapi = pytest.importorskip("fastapi")
testclient = pytest.importorskip("fastapi.testclient")

from plumbline import MemoryTransport, Plumbline  # noqa: E402
from plumbline.asgi import PlumblineMiddleware  # noqa: E402


class Service:
    def __init__(self, **options: Any) -> None:
        self.memory = MemoryTransport()
        self.plumbline = Plumbline(transport=self.memory, on_error=lambda error: None)
        app = fastapi.FastAPI()
        app.add_middleware(PlumblineMiddleware, client=self.plumbline, model="loans", paths=["/score"], **options)

        @app.post("/score")
        async def score(body: Dict[str, Any], request: fastapi.Request) -> Any:
            log = request.state.plumbline
            if body.get("fail") == "crash":
                raise TypeError("secret")
            if body.get("fail") == "refuse":
                raise fastapi.HTTPException(422)
            if body.get("fail") == "unavailable":
                raise fastapi.HTTPException(503)
            if body.get("fail") == "said":
                log.set(features={"said": True}, prediction={"label": "yes"}, entity_id="c-1")
            return {"score": body.get("age", 0) / 100, "id": log.prediction_id}

        @app.get("/health")
        async def health() -> str:
            return "ok"

        self.http = testclient.TestClient(app, raise_server_exceptions=False)

    def events(self) -> Any:
        assert self.plumbline.flush(60)
        return self.memory.predictions


@pytest.fixture
def service() -> Any:
    made = Service(features=lambda body: {"age": body["age"]}, prediction=lambda answer: {"score": answer["score"]})
    yield made
    made.plumbline.close()


def test_logs_features_answer_latency_and_the_id_that_was_answered(service: Service) -> None:
    answer = service.http.post("/score", json={"age": 41}).json()
    service.http.get("/health")
    (event,) = service.events()
    assert event["prediction_id"] == answer["id"] and event["model"] == "loans"
    assert event["features"] == {"age": 41} and event["prediction"] == {"score": 0.41}
    assert event["latency_ms"] > 0 and "error" not in event


@pytest.mark.parametrize("fail, error", [("crash", "TypeError"), ("unavailable", "HTTP 503")])
def test_logs_errors_by_their_class(service: Service, fail: str, error: str) -> None:
    service.http.post("/score", json={"age": 41, "fail": fail})
    (event,) = service.events()
    assert event["error"] == error and event["features"] == {"age": 41} and "prediction" not in event
    assert "secret" not in str(event)


def test_a_refused_request_is_no_prediction(service: Service) -> None:
    assert service.http.post("/score", json={"age": 41, "fail": "refuse"}).status_code == 422
    assert service.events() == []


def test_the_handler_knows_better(service: Service) -> None:
    service.http.post("/score", json={"age": 41, "fail": "said"})
    (event,) = service.events()
    assert event["features"] == {"said": True} and event["prediction"] == {"label": "yes"}
    assert event["entity_id"] == "c-1"


def test_functions_of_the_service_that_fail_do_no_harm() -> None:
    service = Service(features=lambda body: 1 / 0)
    assert service.http.post("/score", json={"age": 41}).status_code == 200
    assert service.events() == []
    assert service.plumbline.statistics().dropped_by_reason == {"invalid_call": 1}
    service.plumbline.close()


def test_a_body_that_is_too_large_is_told(service: Service) -> None:
    assert service.http.post("/score", json={"age": 41, "pad": "x" * 2_000_000}).status_code == 200
    assert service.events() == []
    assert service.plumbline.statistics().dropped_by_reason == {"invalid_call": 1}
