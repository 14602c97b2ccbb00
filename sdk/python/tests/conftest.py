"""The real standalone server, built, as a child process; and a server that answers what a test says."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, Optional, Tuple, TypeVar

import pytest

ROOT = Path(__file__).resolve().parents[3]
MAIN = ROOT / "apps" / "standalone" / "dist" / "main.js"
#: Generous: the machine may be busy with other suites.
WAIT_SECONDS = 120.0

T = TypeVar("T")


def until(what: str, probe: Callable[[], Optional[T]], timeout: float = WAIT_SECONDS) -> T:
    """The first answer of the probe that is something."""
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        answer = probe()
        if answer:
            return answer
        time.sleep(0.02)
    raise AssertionError(f"{what}: not within {timeout} s")


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


class Server:
    """A standalone server on a folder of its own; it may be killed and started again on the same port."""

    def __init__(self) -> None:
        self.data_dir = tempfile.mkdtemp(prefix="plumbline-python-")
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: Optional[subprocess.Popen[bytes]] = None

    def start(self) -> None:
        environment = {
            "PATH": os.environ["PATH"],
            "PLUMBLINE_DATA_DIR": self.data_dir,
            "PLUMBLINE_HTTP_PORT": str(self.port),
            "PLUMBLINE_EVALUATION_ENABLED": "false",
            # What nobody is woken for, tests would wait half a minute for.
            "PLUMBLINE_ALERTING_SCAN": "2s",
            # The pipelines that retraining runs call are servers of the tests.
            "PLUMBLINE_ALERTING_ALLOWED_ADDRESSES": "127.0.0.0/8",
            "PLUMBLINE_ALERTING_ALLOW_HTTP": "true",
        }
        self._process = subprocess.Popen(
            ["node", str(MAIN)], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        until("the server is ready", self._is_ready)

    def signal(self, number: int) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def kill(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)
            self._process.kill()
            self._process.wait()
            self._process = None

    def remove(self) -> None:
        self.kill()
        shutil.rmtree(self.data_dir, ignore_errors=True)

    def request(self, method: str, path: str, body: Optional[Dict[str, Any]] = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            self.url + path, data=data, method=method, headers={"content-type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=WAIT_SECONDS) as response:
            return json.load(response)

    def stored(self, model: str) -> int:
        """Distinct predictions of a model in the raw table, after the cells were found equal to them."""
        self.request("POST", f"/v1/models/{model}/cells/verify", {"repair": True})
        verified = self.request("POST", f"/v1/models/{model}/cells/verify", {})
        assert verified["mismatches"] == 0
        return int(verified["predictions"])

    def _is_ready(self) -> bool:
        assert self._process is not None and self._process.poll() is None, "the server ended: is it built?"
        try:
            with urllib.request.urlopen(self.url + "/readyz", timeout=5):
                return True
        except OSError:
            return False


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """One for all tests; who kills it starts it again. Tests use models of their own."""
    started = Server()
    try:
        started.start()
        yield started
    finally:
        started.remove()


class ScriptedTransport:
    """Keeps the requests and gives the answers of a list; the last one, or 200, for all that follow. An exception is raised."""

    def __init__(self, *answers: Any) -> None:
        self.requests: List[Any] = []
        self._answers = list(answers)
        self._lock = threading.Lock()

    def answer_with(self, answer: Any) -> None:
        with self._lock:
            self._answers = [answer]

    def send(self, request: Any, timeout: float) -> Any:
        from plumbline import TransportResponse

        with self._lock:
            self.requests.append(request)
            answer = self._answers.pop(0) if len(self._answers) > 1 else (self._answers or [200])[0]
        if isinstance(answer, Exception):
            raise answer
        return TransportResponse(answer) if isinstance(answer, int) else answer

    def close(self) -> None:
        pass

    @property
    def batches(self) -> List[List[Dict[str, Any]]]:
        return [events_of(request.headers, request.body) for request in list(self.requests)]

    @property
    def events(self) -> List[Dict[str, Any]]:
        return [event for batch in self.batches for event in batch]


def events_of(headers: Any, body: bytes) -> List[Dict[str, Any]]:
    plain = gzip.decompress(body) if headers.get("content-encoding") == "gzip" else body
    return [json.loads(line) for line in plain.decode().split("\n") if line]


class ScriptedServer:
    """An HTTP server that counts events and answers with what `answer` gives: status, headers, body."""

    def __init__(self) -> None:
        self.events: List[Dict[str, Any]] = []
        self.arrived_at: List[float] = []
        self.answer: Callable[[], Tuple[int, Dict[str, str], bytes]] = lambda: (200, {}, b"")
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                outer.arrived_at.append(time.monotonic())
                body = self.rfile.read(int(self.headers["content-length"]))
                status, headers, text = outer.answer()
                if status < 300:
                    outer.events.extend(events_of(self.headers, body))
                self.send_response(status)
                for name, value in {"content-length": str(len(text)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_: Any) -> None:
                pass

        class Quiet(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request: Any, client_address: Any) -> None:
                """Clients that did not wait for the answer are part of the tests."""

        self._server = Quiet(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def scripted_server() -> Iterator[ScriptedServer]:
    started = ScriptedServer()
    yield started
    started.stop()
