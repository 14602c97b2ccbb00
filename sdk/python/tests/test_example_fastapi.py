"""The example service, started as people start it, before the real server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from typing import Any, List

import pytest

from conftest import ROOT, Server, free_port, until

pytest.importorskip("fastapi")
pytest.importorskip("uvicorn")


def post(url: str, body: Any) -> Any:
    request = urllib.request.Request(url, json.dumps(body).encode(), {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as response:
        text = response.read()
        return json.loads(text) if text else None


def is_up(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5):
            return True
    except OSError:
        return False


def models(server: Server) -> List[str]:
    return [one["model"] for one in server.request("GET", "/v1/models")["items"]]


def test_the_example_logs_predictions_and_labels(server: Server) -> None:
    # The pieces of docs/sdk.md log under the same name.
    before = server.stored("loans") if "loans" in models(server) else 0
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    process = subprocess.Popen(
        [sys.executable, "-m", "uvicorn", "app:app", "--port", str(port), "--log-level", "warning"],
        cwd=ROOT / "examples" / "fastapi",
        env={**os.environ, "PLUMBLINE_URL": server.url},
    )
    try:
        until("the service is up", lambda: is_up(f"{url}/openapi.json"))
        ids = [post(f"{url}/score", {"age": 30 + i, "income": 1_000 * i, "country": "DE"})["id"] for i in range(60)]
        for i, id_ in enumerate(ids):
            post(f"{url}/outcomes", {"id": id_, "repaid": i % 2 == 0})
    finally:
        process.terminate()
        process.wait(60)
    # Its end has sent what was queued.
    assert server.stored("loans") == before + 60
    features = {one["name"]: one["kind"] for one in server.request("GET", "/v1/models/loans")["known_features"]}
    assert features.items() >= {"age": "numeric", "income": "numeric", "country": "categorical"}.items()
