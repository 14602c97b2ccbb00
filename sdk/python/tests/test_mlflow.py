"""MLflow's own client on a store in a folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

mlflow = pytest.importorskip("mlflow")
pandas = pytest.importorskip("pandas")

from conftest import ScriptedServer, Server  # noqa: E402
from plumbline import PlumblineError  # noqa: E402


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    # The store in files needs no database; newer releases of MLflow want that said.
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    uri = (tmp_path / "mlruns").as_uri()
    mlflow.set_tracking_uri(uri)
    return mlflow.MlflowClient(uri)


def training_csv(folder: Path) -> Path:
    path = folder / "training.csv"
    rows = [{"age": 20 + i % 50, "city": "Ulm" if i % 2 else "Bonn", "repaid": i % 3 % 2} for i in range(1_000)]
    pandas.DataFrame(rows).to_csv(path, index=False)
    return path


def register(registry: Any, name: str, data: Any = None, context: str = "training") -> str:
    experiment = registry.create_experiment(name)
    run_id = registry.create_run(experiment).info.run_id
    if data is not None:
        from mlflow.data.pandas_dataset import from_pandas

        dataset = from_pandas(pandas.read_csv(data), source=str(data), name="training", targets="repaid")
        from mlflow.entities import DatasetInput, InputTag

        tags = [InputTag("mlflow.data.context", context)]
        registry.log_inputs(run_id, [DatasetInput(dataset._to_mlflow_entity(), tags)])
    registry.create_registered_model(name)
    return str(registry.create_model_version(name, source=f"runs:/{run_id}/model", run_id=run_id).version)


def test_links_a_registered_version(registry: Any, server: Server) -> None:
    from plumbline.mlflow import link_version

    version = register(registry, "linked")
    link = link_version("linked", version, model="loans", url=server.url, client=registry)
    assert link == ("loans", version)
    tags = registry.get_model_version("linked", version).tags
    assert tags == {"plumbline.model": "loans", "plumbline.version": version, "plumbline.url": server.url}


def test_takes_the_reference_from_the_data_set_of_the_run(registry: Any, server: Server, tmp_path: Path) -> None:
    from plumbline.mlflow import upload_reference

    version = register(registry, "mlflow-run", training_csv(tmp_path))
    summary = upload_reference("mlflow-run", version, context="training", label="repaid", url=server.url, client=registry)
    assert summary["rows"] == 1_000 and {"age", "city"} <= {one["name"] for one in summary["series"]}
    assert registry.get_model_version("mlflow-run", version).tags["plumbline.reference_id"] == summary["reference_id"]


def test_takes_the_reference_from_a_frame(registry: Any, server: Server) -> None:
    from plumbline.mlflow import upload_reference

    version = register(registry, "mlflow-frame")
    frame = pandas.DataFrame({"age": range(500)})
    assert upload_reference("mlflow-frame", version, frame, url=server.url, client=registry)["rows"] == 500


def test_says_why_a_run_gives_no_reference(registry: Any, server: Server, tmp_path: Path) -> None:
    from plumbline.mlflow import upload_reference

    without = register(registry, "mlflow-nothing")
    with pytest.raises(PlumblineError, match="logged 0 data sets: name one by `context`, or pass `frame`"):
        upload_reference("mlflow-nothing", without, url=server.url, client=registry)
    data = training_csv(tmp_path)
    version = register(registry, "mlflow-gone", data)
    data.unlink()
    with pytest.raises(PlumblineError, match="cannot be read as CSV or Parquet"):
        upload_reference("mlflow-gone", version, url=server.url, client=registry)


def test_reports_a_new_version_to_a_run(scripted_server: ScriptedServer, server: Server) -> None:
    from plumbline.mlflow import report_version

    seen = []

    def answer() -> Any:
        seen.append(1)
        return (200, {"content-type": "application/json"}, b'{"status":"succeeded"}')

    scripted_server.answer = answer
    # A call-back address carries its own right.
    assert report_version(f"{scripted_server.url}/v1/retraining-runs/r/status?token=t", "8") == {"status": "succeeded"}
    assert scripted_server.events == [{"status": "succeeded", "version": "8", "detail": ""}] and len(seen) == 1
    with pytest.raises(PlumblineError, match="404"):
        report_version("no-such-run", "8", url=server.url)
