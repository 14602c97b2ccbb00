"""The wire cases that every SDK passes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Dict, List

import pytest

from conftest import ScriptedTransport
from plumbline import Plumbline, TransportResponse
from plumbline._answers import answer_outcome
from plumbline._backoff import backoff_ms
from plumbline._redaction import redaction_of
from plumbline._sampling import hash_of_id, is_sampled
from plumbline._uuid7 import uuid7_of

CASES = Path(__file__).resolve().parents[2] / "conformance"


def cases_of(file: str) -> List[Dict[str, Any]]:
    return list(json.loads((CASES / file).read_text(encoding="utf-8")))


def name_of(case: Dict[str, Any]) -> str:
    return str(case.get("name") or case.get("id") or case)[:60]


def client(options: Dict[str, Any], transport: ScriptedTransport) -> Plumbline:
    given = dict(options)
    if "flush_interval_ms" in given:
        given["flush_interval"] = given.pop("flush_interval_ms") / 1000
    return Plumbline(transport=transport, on_error=lambda error: None, **given)


def call(plumbline: Plumbline, kind: str, given: Dict[str, Any]) -> None:
    arguments = dict(given)
    if isinstance(arguments.get("timestamp"), int):
        arguments["timestamp"] /= 1000
    if kind == "label":
        plumbline.log_label(**arguments)
    else:
        arguments.setdefault("features", None)
        plumbline.log_prediction(**arguments)


@pytest.mark.parametrize("case", cases_of("events.json"), ids=name_of)
def test_event(case: Dict[str, Any]) -> None:
    transport = ScriptedTransport()
    plumbline = client({"gzip": False, **case.get("options", {})}, transport)
    given = dict(case["input"])
    if "nan" in case:
        given["features"] = {**given["features"], **{name: float("nan") for name in case["nan"]}}
    call(plumbline, case["call"], given)
    plumbline.close(60)
    assert transport.events == ([case["event"]] if "event" in case else [])
    statistics = plumbline.statistics()
    counted = {
        "sampled_out": statistics.sampled_out,
        "accepted": statistics.accepted,
        **statistics.dropped_by_reason,
    }
    assert counted[case.get("counted", "accepted")] == 1


@pytest.mark.parametrize("case", cases_of("batches.json"), ids=name_of)
def test_batch(case: Dict[str, Any]) -> None:
    transport = ScriptedTransport(*case.get("answers", []))
    plumbline = client({"flush_interval_ms": 60_000, **case["options"]}, transport)
    for calls in case["calls"]:
        for _ in range(calls["times"]):
            if calls["call"] == "label":
                plumbline.log_label(model="m", prediction_id="p", label=1, timestamp=0)
            else:
                size = len('{"model":"m","prediction_id":"p","timestamp":0,"features":{"pad":""}}\n')
                pad = "x" * max(0, calls.get("padded_to", 0) - size)
                plumbline.log_prediction(model="m", prediction_id="p", timestamp=0, features={"pad": pad})
    plumbline.flush(60)
    requests = transport.requests
    assert [request.path for request in requests] == [expected["path"] for expected in case["requests"]]
    assert [len(batch) for batch in transport.batches] == [expected["events"] for expected in case["requests"]]
    for request, expected in zip(requests, case["requests"]):
        assert {**request.headers, **expected["headers"]} == request.headers
        assert not set(expected["absent"]) & set(request.headers)
        if "same_as" in expected:
            assert request.body == requests[expected["same_as"]].body
    statistics = plumbline.statistics()
    assert statistics.accepted == case.get("accepted", statistics.accepted)
    assert statistics.dropped_by_reason == case.get("dropped", statistics.dropped_by_reason)
    plumbline.close()


@pytest.mark.parametrize("case", cases_of("answers.json"), ids=name_of)
def test_answer(case: Dict[str, Any]) -> None:
    body = case.get("text", json.dumps(case.get("body")))
    response = TransportResponse(case["status"], body, case.get("retry_after"))
    outcome = answer_outcome(response, case["count"], case.get("now", 0))
    expected = dict(case["outcome"])
    assert outcome.kind == expected.pop("kind")
    if "rejected" in expected:
        expected["rejected"] = [dict(rejection) for rejection in expected["rejected"]]
    if outcome.kind == "retry":
        expected.setdefault("retry_after_ms", None)
    for name, value in expected.items():
        found = getattr(outcome, name)
        assert ([vars(rejection) for rejection in found] if name == "rejected" else found) == value


@pytest.mark.parametrize("case", cases_of("backoff.json"), ids=name_of)
def test_backoff(case: Dict[str, Any]) -> None:
    assert backoff_ms(case["attempt"], case["random"], case.get("retry_after_ms", 0)) == case["delay_ms"]


@pytest.mark.parametrize("case", cases_of("sampling.json"), ids=name_of)
def test_sampling(case: Dict[str, Any]) -> None:
    assert hash_of_id(case["id"]) == case["hash"]
    assert {rate: is_sampled(case["id"], float(rate)) for rate in case["kept"]} == case["kept"]


@pytest.mark.parametrize("case", cases_of("redaction.json"), ids=name_of)
def test_redaction(case: Dict[str, Any]) -> None:
    assert redaction_of(case["patterns"])(case["name"]) is case["redacted"]


@pytest.mark.parametrize("case", cases_of("uuid.json"), ids=name_of)
def test_uuid(case: Dict[str, Any]) -> None:
    assert uuid7_of(case["time_ms"], bytes.fromhex(case["random"])) == case["id"]
