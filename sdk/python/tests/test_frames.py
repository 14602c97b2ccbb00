"""Tables: logged row by row, and as a reference."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any, Dict, List

import pytest

from conftest import Server
from plumbline import MemoryTransport, Plumbline, PlumblineError, reference
from plumbline.frames import columns_of

DAY = datetime(2026, 1, 1, tzinfo=timezone.utc)


def table(rows: int) -> Dict[str, List[Any]]:
    return {
        "id": [f"row-{i}" for i in range(rows)],
        "at": [DAY.isoformat()] * rows,
        "age": [20 + i % 50 for i in range(rows)],
        "income": [None if i % 10 == 0 else 1_000.5 * i for i in range(rows)],
        "postcode": [f"0{i % 7}" for i in range(rows)],
        "approved": [i % 2 for i in range(rows)],
        "p": [(i % 100) / 100 for i in range(rows)],
        "repaid": [None if i % 5 == 0 else i % 3 % 2 for i in range(rows)],
    }


def pandas_frame(rows: int) -> Any:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(table(rows))
    frame["at"] = pandas.to_datetime(frame["at"])
    frame["postcode"] = frame["postcode"].astype("category")
    frame["age"] = frame["age"].astype("int32")
    return frame


def list_of_rows(rows: int) -> Any:
    columns = table(rows)
    return [dict(zip(columns, values)) for values in zip(*columns.values())]


@pytest.mark.parametrize("make", [table, pandas_frame, list_of_rows])
def test_logs_each_row(make: Any) -> None:
    memory = MemoryTransport()
    with Plumbline(model="loans", transport=memory, exit_timeout=60) as plumbline:
        ids = plumbline.log_dataframe(
            make(20),
            prediction_id="id",
            timestamp="at",
            predicted_label="approved",
            score="p",
            true_label="repaid",
        )
    assert ids == [f"row-{i}" for i in range(20)]
    event = memory.predictions[3]
    assert event["prediction_id"] == "row-3" and event["prediction"] == {"label": 1, "score": 0.03}
    assert event["features"] == {"age": 23, "income": 3001.5, "postcode": "03"}
    assert memory.predictions[0]["features"]["income"] is None
    assert event["timestamp"] in (1767225600000, "2026-01-01T00:00:00+00:00")
    assert [label["prediction_id"] for label in memory.labels] == [f"row-{i}" for i in range(20) if i % 5]


def test_a_frame_larger_than_the_queue_loses_nothing() -> None:
    memory = MemoryTransport()
    with Plumbline(model="loans", transport=memory, max_queue_events=50, max_batch_events=10, exit_timeout=60) as plumbline:
        plumbline.log_dataframe(table(1_000), ignore=["id", "at"], true_label="repaid")
    assert (len(memory.predictions), len(memory.labels)) == (1_000, 800)


def test_says_what_is_wrong_with_a_table() -> None:
    with Plumbline(model="loans", transport=MemoryTransport()) as plumbline:
        with pytest.raises(KeyError, match='no column "nothing": the columns are id, at'):
            plumbline.log_dataframe(table(3), score="nothing")
        with pytest.raises(TypeError, match="int is no table"):
            plumbline.log_dataframe(7)
    with pytest.raises(ValueError, match="different lengths"):
        columns_of({"a": [1], "b": []})


@pytest.mark.parametrize("make", [table, pandas_frame])
def test_makes_a_reference(server: Server, make: Any) -> None:
    model = f"reference-{make.__name__}"
    columns = {"prediction": "approved", "score": "p", "label": "repaid", "ignore": ["id", "at"]}
    summary = reference.upload(make(2_000), model=model, version="7", url=server.url, **columns)
    assert (summary["model"], summary["version"], summary["rows"]) == (model, "7", 2_000)
    series = {one["name"]: one for one in summary["series"]}
    assert {name: one["kind"] for name, one in series.items() if not name.startswith("$")} == {
        "age": "numeric",
        "income": "numeric",
        "postcode": "categorical",
    }
    assert series["income"]["missing"] == 200
    assert summary["performance"]
    assert server.request("GET", f"/v1/models/{model}/versions/7/reference")["reference_id"] == summary["reference_id"]


def test_says_why_a_reference_was_refused(server: Server) -> None:
    with pytest.raises(PlumblineError, match="the server answered 4") as caught:
        reference.upload({"age": [1, 2, 3]}, model="bad name", url=server.url)
    assert caught.value.reason == "refused" and caught.value.status in (400, 422)
    with pytest.raises(KeyError):
        reference.upload({"age": [1]}, model="bad", label="nothing", url=server.url)
    with pytest.raises(PlumblineError, match="is no address"):
        reference.upload({"age": [1]}, model="bad", url="nowhere")
    with pytest.raises(PlumblineError, match="does not answer"):
        reference.upload({"age": [1]}, model="bad", url="http://127.0.0.1:1")
