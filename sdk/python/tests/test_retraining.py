"""The retraining loop as a team with MLflow has it: a policy calls the pipeline, which registers a version, reports it, and is checked."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Dict, List

import pytest

mlflow = pytest.importorskip("mlflow")
pandas = pytest.importorskip("pandas")

from conftest import ScriptedServer, Server, until  # noqa: E402
from plumbline import Plumbline  # noqa: E402

MODEL = "retrained"
#: Yesterday, in hours that are over.
DAY = datetime.now(timezone.utc).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
ROWS = 300


def answers(right: int) -> List[Dict[str, int]]:
    """Requests with the truth and an answer, of which so many in a hundred are right."""
    return [
        {"x": i % 10, "truth": i % 2, "answer": i % 2 if i % 100 < right else 1 - i % 2}
        for i in range(ROWS)
    ]


def serve(server: Server, hour: int, right_by_version: Dict[str, int]) -> None:
    """An hour in which each version answers the same requests and the truth comes out, evaluated as one window."""
    at = DAY + timedelta(hours=hour)
    with Plumbline(server.url, model=MODEL, exit_timeout=120, on_error=lambda error: pytest.fail(str(error))) as plumbline:
        for version, right in right_by_version.items():
            for i, row in enumerate(answers(right)):
                id_ = plumbline.log_prediction(
                    version=version,
                    timestamp=at,
                    trace_id=f"{hour}-{i}",
                    features={"x": row["x"]},
                    prediction={"label": row["answer"]},
                )
                plumbline.log_label(prediction_id=id_, label=row["truth"])
    window = {"model": MODEL, "from": at.isoformat(), "to": (at + timedelta(hours=1)).isoformat()}
    evaluation = server.request("POST", "/v1/evaluations", window)

    def is_over() -> Any:
        reply = server.request("GET", f"/v1/evaluations/{evaluation['id']}")
        return reply if reply["status"] != "running" else None

    assert until("the evaluation is over", is_over)["status"] == "done"


def test_a_version_that_is_reported_to_a_run_is_compared_and_verified(
    server: Server, scripted_server: ScriptedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from plumbline.mlflow import link_version, report_version, upload_reference

    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    uri = (tmp_path / "mlruns").as_uri()
    mlflow.set_tracking_uri(uri)
    registry = mlflow.MlflowClient(uri)
    registry.create_registered_model(MODEL)
    experiment = registry.create_experiment(MODEL)

    def train() -> str:
        """A version in MLflow, with a reference in Plumbline, linked."""
        run_id = registry.create_run(experiment).info.run_id
        version = str(registry.create_model_version(MODEL, source=f"runs:/{run_id}/model", run_id=run_id).version)
        frame = pandas.DataFrame(answers(90))
        columns = {"prediction": "answer", "label": "truth"}
        upload_reference(MODEL, version, frame, url=server.url, client=registry, **columns)
        return link_version(MODEL, version, url=server.url, client=registry).version

    model = {"task": "binary", "positive_class": 1, "default_monitors": False, "windows": {"every": "1h"}}
    server.request("PUT", f"/v1/models/{MODEL}", model)
    bounds = {"accuracy": {"warning": 0.05, "critical": 0.2}}
    monitor: Dict[str, Any] = {"detector": "performance", "thresholds": bounds, "widen": [], "alpha": 0.01}
    server.request("PUT", f"/v1/models/{MODEL}/monitors/accuracy", monitor)
    policy: Dict[str, Any] = {"when": {"all": [{"alerts": {"severity": "critical"}}]}, "target": {"url": f"{scripted_server.url}/train"}}
    server.request("PUT", f"/v1/models/{MODEL}/retraining-policies/accuracy", policy)

    old = train()
    serve(server, 0, {old: 60})
    call = until("the pipeline is called", lambda: scripted_server.events and scripted_server.events[0])

    def run_in(status: str) -> Any:
        def probe() -> Any:
            run = server.request("GET", f"/v1/retraining-runs/{call['run_id']}")
            return run if run["status"] == status else None

        return until(f"the run is {status}", probe)

    run_in("triggered")
    # The pipeline: signs of life by the address it was given, which is a path of a server that does not know its own, the outcome by the id.
    assert call["callback_url"].startswith("/v1/retraining-runs/")
    for address in (call["callback_url"], server.url + call["callback_url"]):
        assert report_version(address, status="running", detail="epoch 1", url=server.url)["status"] == "running"
    new = train()
    for _ in range(2):  # sent again, as pipelines do: one report
        reported = report_version(call["run_id"], new, detail="accuracy .9", url=server.url)
        assert (reported["status"], reported["new_version"]) == ("succeeded", new)

    serve(server, 1, {old: 60, new: 90})
    verified = run_in("verified")
    comparison = verified["comparison"]
    assert (comparison["verified"], comparison["mode"]) == (True, "paired")
    [accuracy] = comparison["metrics"]
    assert (accuracy["old"]["value"], accuracy["new"]["value"]) == (0.6, 0.9) and accuracy["verdict"] == "better"
    steps = [entry["to"] for entry in verified["history"]]
    assert steps == ["requested", "triggered", "running", "succeeded", "verified"]

    def resolved() -> Any:
        alerts = server.request("GET", f"/v1/alerts?model={MODEL}")["items"]
        return [one for one in alerts if one["status"] == "resolved" and one["resolved_by"]]

    assert until("the alert is resolved", resolved)[0]["resolved_by"] == f"retraining run {call['run_id']}"
    assert len(scripted_server.events) == 1
