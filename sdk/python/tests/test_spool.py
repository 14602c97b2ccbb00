"""The spool folder: what it holds through crashes, and who takes over."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any, List, Tuple

from conftest import ScriptedServer, ScriptedTransport, until
from plumbline import Plumbline, PlumblineError

#: No process has it: the largest that Linux gives is smaller.
DEAD_PID = 99_999_999
AWAY = ConnectionError("away")


def set_up(folder: Path, *answers: Any, **options: Any) -> Tuple[Plumbline, ScriptedTransport, List[PlumblineError]]:
    transport = ScriptedTransport(*answers)
    errors: List[PlumblineError] = []
    defaults = {"model": "m", "flush_interval": 60, "spool_dir": str(folder), "transport": transport}
    return Plumbline(on_error=errors.append, **{**defaults, **options}), transport, errors


def lines_in(folder: Path) -> int:
    return sum(len(path.read_bytes().splitlines()) for path in folder.rglob("*.ndjson"))


def leave(folder: Path, *ids: str, tail: str = "") -> None:
    folder.mkdir(parents=True)
    lines = [json.dumps({"model": "m", "prediction_id": id_, "timestamp": 0, "features": {}}) + "\n" for id_ in ids]
    (folder / "0000000000.prediction.ndjson").write_text("".join(lines) + tail)


def test_holds_what_waits_and_nothing_that_has_arrived(tmp_path: Path) -> None:
    plumbline, transport, _ = set_up(tmp_path, AWAY, max_batch_events=2)
    for _ in range(5):
        plumbline.log_prediction(features={})
    assert lines_in(tmp_path) == 5
    transport.answer_with(200)
    assert plumbline.close(60)
    assert list(tmp_path.rglob("*")) == []


def test_the_next_client_sends_what_could_not_be_sent(tmp_path: Path) -> None:
    first, _, _ = set_up(tmp_path, AWAY, max_batch_events=2)
    ids = [first.log_prediction(features={}) for _ in range(5)]
    first.log_label(prediction_id=ids[0], label=1)
    assert not first.close(0.01)
    assert (first.statistics().spooled, first.statistics().dropped) == (6, 0)
    second, transport, _ = set_up(tmp_path)
    assert second.flush(60)
    assert sorted(event["prediction_id"] for event in transport.events) == sorted([*ids, ids[0]])
    assert (second.statistics().logged, second.statistics().accepted) == (6, 6)
    second.close()


def test_takes_over_from_processes_that_have_ended_only(tmp_path: Path) -> None:
    host = socket.gethostname()
    leave(tmp_path / f"{host}-{DEAD_PID}-000000000001", "dead", tail='{"cut')
    leave(tmp_path / f"{host}-{os.getppid()}-000000000002", "alive")
    leave(tmp_path / f"{host}-{os.getpid()}-000000000003", "same-pid-earlier")
    leave(tmp_path / "elsewhere-1-000000000004", "foreign-alive")
    leave(tmp_path / "elsewhere-1-000000000005", "foreign-gone")
    os.utime(tmp_path / "elsewhere-1-000000000005", (0, 0))
    plumbline, transport, _ = set_up(tmp_path)
    assert plumbline.close(60)
    assert sorted(event["prediction_id"] for event in transport.events) == ["dead", "foreign-gone", "same-pid-earlier"]


def test_holds_more_than_memory_may(tmp_path: Path) -> None:
    plumbline, transport, _ = set_up(tmp_path, AWAY, max_batch_events=10, max_queue_events=50)
    ids = [plumbline.log_prediction(features={"i": i}) for i in range(300)]
    assert (plumbline.statistics().queued, plumbline.statistics().dropped) == (300, 0)
    transport.answer_with(200)
    assert plumbline.flush(60)
    assert list(dict.fromkeys(event["prediction_id"] for event in transport.events)) == ids
    assert (plumbline.statistics().accepted, plumbline.statistics().queued_bytes) == (300, 0)
    plumbline.close()


def test_is_bounded_too(tmp_path: Path) -> None:
    options = {"max_batch_events": 2, "max_queue_events": 4, "max_spool_bytes": 1_000}
    plumbline, _, _ = set_up(tmp_path, AWAY, **options)
    for _ in range(30):
        plumbline.log_prediction(features={"text": "x" * 100})
    statistics = plumbline.statistics()
    assert statistics.dropped > 0 and statistics.queued + statistics.dropped == 30
    plumbline.close(0)


def test_tells_when_the_folder_cannot_be_used_and_goes_on_in_memory(tmp_path: Path) -> None:
    (tmp_path / "a-file").write_text("")
    plumbline, transport, errors = set_up(tmp_path / "a-file" / "below")
    plumbline.log_prediction(features={})
    assert plumbline.close(60)
    assert [(error.reason, error.count) for error in errors] == [("spool_failed", 0)]
    assert len(transport.events) == 1


def test_counts_events_whose_file_was_taken_away(tmp_path: Path) -> None:
    plumbline, transport, errors = set_up(tmp_path, AWAY, max_batch_events=10, max_queue_events=20)
    for _ in range(40):
        plumbline.log_prediction(features={})
    for path in tmp_path.rglob("*.ndjson"):
        path.unlink()
    transport.answer_with(200)
    plumbline.flush(60)
    statistics = plumbline.statistics()
    assert statistics.dropped > 0 and statistics.accepted + statistics.dropped == statistics.logged == 40
    assert any(error.reason == "spool_failed" and error.count for error in errors)
    plumbline.close()


def test_a_process_that_is_killed_loses_nothing_it_logged(tmp_path: Path, scripted_server: ScriptedServer) -> None:
    code = "import time; from plumbline import Plumbline; p = Plumbline(model='m', flush_interval=60)\n"
    code += "for i in range(100): p.log_prediction(features={'i': i})\n"
    code += "print('logged', flush=True); time.sleep(600)"
    environment = {**os.environ, "PLUMBLINE_URL": scripted_server.url, "PLUMBLINE_SPOOL_DIR": str(tmp_path)}
    process = subprocess.Popen([sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE)
    assert process.stdout is not None and process.stdout.readline() == b"logged\n"
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    assert lines_in(tmp_path) == 100 and scripted_server.events == []
    plumbline = Plumbline(scripted_server.url, model="m", spool_dir=str(tmp_path))
    until("what was left is sent, though nothing is logged", lambda: len(scripted_server.events) == 100)
    assert plumbline.close(60)
    assert lines_in(tmp_path) == 0
