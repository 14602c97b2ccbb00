"""The decorator."""

from __future__ import annotations

import asyncio
from typing import Any, Dict

import pytest

import plumbline
from plumbline import MemoryTransport, Plumbline, monitor


@pytest.fixture
def memory() -> MemoryTransport:
    return MemoryTransport()


@pytest.fixture
def client(memory: MemoryTransport) -> Any:
    with Plumbline(transport=memory, on_error=lambda error: None) as made:
        yield made


def only_event(client: Plumbline, memory: MemoryTransport) -> Dict[str, Any]:
    assert client.flush(60)
    assert len(memory.predictions) == 1
    return memory.predictions[0]


def test_logs_arguments_result_and_latency(client: Plumbline, memory: MemoryTransport) -> None:
    @monitor(model="prices", version="2", client=client, tags={"region": "eu"})
    def predict(rooms: int, city: str = "Ulm", **rest: Any) -> float:
        """A docstring."""
        return rooms * 100.0

    assert predict(3, garden=True) == 300.0
    assert predict.__doc__ == "A docstring."
    event = only_event(client, memory)
    assert event["model"] == "prices" and event["version"] == "2" and event["tags"] == {"region": "eu"}
    assert event["features"] == {"rooms": 3, "garden": True}
    assert event["prediction"] == {"value": 300.0} and event["latency_ms"] >= 0


def test_a_mapping_holds_the_features(client: Plumbline, memory: MemoryTransport) -> None:
    class Model:
        @monitor(model="loans", client=client)
        def predict(self, features: Dict[str, Any]) -> Dict[str, Any]:
            return {"label": "yes", "score": 0.7, "why": "ignored"}

    Model().predict({"age": 41})
    event = only_event(client, memory)
    assert event["features"] == {"age": 41} and event["prediction"] == {"label": "yes", "score": 0.7}


def test_logs_the_class_of_what_is_raised(client: Plumbline, memory: MemoryTransport) -> None:
    @monitor(model="loans", client=client)
    def predict(age: int) -> int:
        raise ValueError(f"secret {age}")

    with pytest.raises(ValueError, match="secret 41"):
        predict(41)
    event = only_event(client, memory)
    assert event["error"] == "ValueError" and "prediction" not in event


def test_coroutines(client: Plumbline, memory: MemoryTransport) -> None:
    @monitor(model="loans", client=client)
    async def predict(age: int) -> bool:
        await asyncio.sleep(0)
        if age < 0:
            raise ValueError
        return True

    assert asyncio.run(predict(41)) is True
    assert only_event(client, memory)["prediction"] == {"label": True}
    with pytest.raises(ValueError):
        asyncio.run(predict(-1))
    client.flush(60)
    assert memory.predictions[1]["error"] == "ValueError"


def test_functions_of_the_service_that_fail_do_no_harm(client: Plumbline, memory: MemoryTransport) -> None:
    @monitor(model="loans", client=client, features=lambda age: 1 / 0)
    def one(age: int) -> int:
        return age

    @monitor(model="loans", client=client, prediction=lambda result: 1 / 0)
    def two(age: int) -> int:
        return age

    assert (one(41), two(42)) == (41, 42)
    assert client.flush(60) and memory.predictions == []
    assert client.statistics().dropped_by_reason == {"invalid_call": 2}


def test_uses_the_client_of_the_process(memory: MemoryTransport) -> None:
    @monitor(model="loans")
    def predict(age: int) -> int:
        return 1

    made = plumbline.init(transport=memory)
    assert plumbline.get_client() is made
    predict(41)
    # The one before is closed, and so sends.
    plumbline.init(enabled=False)
    assert memory.predictions[0]["features"] == {"age": 41}
