"""Carries batches to a server."""

from __future__ import annotations

import gzip
import http.client
import json
from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Optional, Protocol
from urllib.parse import urlsplit

#: A reply lists at most a thousand rejections; more than this is not from a Plumbline server.
_MAX_REPLY_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True)
class TransportRequest:
    """One batch on its way, as HTTP carries it."""

    path: str
    #: Names in lower case.
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class TransportResponse:
    status: int
    body: str = ""
    retry_after: Optional[str] = None


class Transport(Protocol):
    """Raises when there is no answer; then the same batch is sent again. Called by one thread at a time."""

    def send(self, request: TransportRequest, timeout: float) -> TransportResponse:
        """``timeout`` in seconds."""
        ...

    def close(self) -> None:
        """Lets go of connections."""
        ...


class HttpTransport:
    """Sends over HTTP or HTTPS, on one connection that is kept open."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._secure = parts.scheme == "https"
        self._host = parts.hostname or ""
        self._port = parts.port
        self._path = parts.path.rstrip("/")
        self._connection: Optional[http.client.HTTPConnection] = None

    def send(self, request: TransportRequest, timeout: float) -> TransportResponse:
        connection = self._connection or self._connect(timeout)
        self._connection = connection
        try:
            connection.request("POST", self._path + request.path, body=request.body, headers=dict(request.headers))
            response = connection.getresponse()
            body = response.read(_MAX_REPLY_BYTES + 1)
            if len(body) > _MAX_REPLY_BYTES:
                raise http.client.HTTPException(f"the reply has more than {_MAX_REPLY_BYTES} bytes")
        except BaseException:
            # Whatever it was, the connection is in no known state.
            self.close()
            raise
        return TransportResponse(response.status, body.decode("utf-8", "replace"), response.getheader("retry-after"))

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _connect(self, timeout: float) -> http.client.HTTPConnection:
        make = http.client.HTTPSConnection if self._secure else http.client.HTTPConnection
        return make(self._host, self._port, timeout=timeout)


class MemoryTransport:
    """Keeps what is sent in memory and takes everything: for tests of services. Call ``flush()`` of the client before looking."""

    def __init__(self) -> None:
        self.predictions: List[Dict[str, Any]] = []
        self.labels: List[Dict[str, Any]] = []

    def send(self, request: TransportRequest, timeout: float) -> TransportResponse:
        body = gzip.decompress(request.body) if request.headers.get("content-encoding") == "gzip" else request.body
        events = [json.loads(line) for line in body.decode("utf-8").split("\n") if line]
        (self.labels if request.path.endswith("/labels") else self.predictions).extend(events)
        return TransportResponse(200, json.dumps({"accepted": len(events), "rejected_count": 0, "rejected": []}))

    def close(self) -> None:
        pass

    def clear(self) -> None:
        """Forgets everything."""
        self.predictions.clear()
        self.labels.clear()
