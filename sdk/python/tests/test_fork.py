"""Processes that fork while they log, as gunicorn's do."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import threading
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from conftest import ScriptedServer, free_port, until
from plumbline import Plumbline

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
CHILDREN = 4
EVENTS = 50


def test_children_send_their_own_and_not_what_the_parent_had_queued(scripted_server: ScriptedServer) -> None:
    plumbline = Plumbline(scripted_server.url, model="m", flush_interval=60, exit_timeout=60)
    for i in range(EVENTS):
        plumbline.log_prediction(features={"i": i}, tags={"from": "parent"})
    children = []
    for child in range(CHILDREN):
        process = os.fork()
        if process == 0:
            # No return into pytest from here.
            try:
                for i in range(EVENTS):
                    plumbline.log_prediction(features={"i": i}, tags={"from": f"child-{child}"})
                os._exit(0 if plumbline.flush(60) and plumbline.statistics().logged == EVENTS else 1)
            finally:
                os._exit(2)
        children.append(process)
    assert [os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) for process in children] == [0] * CHILDREN
    assert plumbline.flush(60)
    assert plumbline.statistics().accepted == EVENTS
    plumbline.close()
    count = {name: 0 for name in ["parent", *(f"child-{child}" for child in range(CHILDREN))]}
    for event in scripted_server.events:
        count[event["tags"]["from"]] += 1
    assert set(count.values()) == {EVENTS}
    assert len({event["prediction_id"] for event in scripted_server.events}) == (CHILDREN + 1) * EVENTS


def test_forks_in_the_middle_of_logging_leave_no_lock_behind(scripted_server: ScriptedServer) -> None:
    plumbline = Plumbline(scripted_server.url, model="m", flush_interval=0.001, exit_timeout=60)
    stop = threading.Event()

    def log() -> None:
        while not stop.is_set():
            plumbline.log_prediction(features={"from": "parent"})

    threads = [threading.Thread(target=log) for _ in range(3)]
    for thread in threads:
        thread.start()
    codes = []
    for _ in range(10):
        process = os.fork()
        if process == 0:
            try:
                plumbline.log_prediction(features={"from": "child"})
                os._exit(0 if plumbline.flush(60) else 1)
            finally:
                os._exit(2)
        codes.append(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]))
    stop.set()
    for thread in threads:
        thread.join()
    assert codes == [0] * 10
    assert plumbline.close(60)
    assert sum(event["features"]["from"] == "child" for event in scripted_server.events) == 10


def _log_and_return(plumbline: Any) -> None:
    plumbline.log_prediction(features={"from": "multiprocessing"})


def test_children_of_multiprocessing_send_at_their_end(scripted_server: ScriptedServer) -> None:
    plumbline = Plumbline(scripted_server.url, model="m", flush_interval=60, exit_timeout=60)
    context = multiprocessing.get_context("fork")
    child = context.Process(target=_log_and_return, args=(plumbline,))
    child.start()
    child.join(120)
    assert child.exitcode == 0
    assert [event["features"]["from"] for event in scripted_server.events] == ["multiprocessing"]
    plumbline.close()


def test_workers_of_gunicorn_that_loaded_the_service_before_they_forked(
    scripted_server: ScriptedServer, tmp_path: Path
) -> None:
    pytest.importorskip("gunicorn")
    (tmp_path / "service.py").write_text(
        "import os\n"
        "from plumbline import Plumbline\n"
        "plumbline = Plumbline(model='m', flush_interval=60, exit_timeout=60)\n"
        "plumbline.log_prediction(features={'from': 'master'})\n"
        "def app(environ, start_response):\n"
        "    plumbline.log_prediction(features={'from': 'worker', 'pid': os.getpid()})\n"
        "    start_response('200 OK', [('content-length', '0')])\n"
        "    return [b'']\n"
    )
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "--preload", "--workers", "2", "--graceful-timeout", "60"]
    process = subprocess.Popen(
        [*command, "--bind", f"127.0.0.1:{port}", "--log-level", "critical", "service:app"],
        cwd=tmp_path,
        env={**os.environ, "PLUMBLINE_URL": scripted_server.url},
    )
    answered = [0]

    def ask() -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=30):
                answered[0] += 1
        except OSError:
            pass
        return answered[0] >= 40

    try:
        until("the service answers", ask)
    finally:
        process.terminate()
        process.wait(120)
    sent = [event["features"]["from"] for event in scripted_server.events]
    assert sent.count("master") == 1
    assert sent.count("worker") == answered[0]
