"""Processes that fork while they log, as gunicorn's do."""

from __future__ import annotations

import multiprocessing
import os
import threading
from typing import Any

import pytest

from conftest import ScriptedServer
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
