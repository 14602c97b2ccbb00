"""Middleware for FastAPI, Starlette and other ASGI services."""

from __future__ import annotations

import json
from typing import Any, Awaitable, Callable, Collection, List, Mapping, MutableMapping, Optional

from ._client import Plumbline
from ._default import get_client
from ._request_log import RequestLog

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

#: Larger bodies are not looked into.
_MAX_BODY_BYTES = 1024 * 1024


class PlumblineMiddleware:
    """Logs each request as a prediction, with its latency and how it ended.

    ``features`` gets the JSON that the request holds, ``prediction`` the JSON that was answered; without them the handler says both by the
    request's log, ``request.state.plumbline.set(features=…, prediction=…)``. Requests without features, and those that the service refused
    (4xx), are no predictions.

    ``paths``: only these are looked at; all when absent.

    >>> app.add_middleware(PlumblineMiddleware, model="loans", paths=["/score"], features=lambda body: body)
    """

    def __init__(
        self,
        app: App,
        client: Optional[Plumbline] = None,
        *,
        model: Optional[str] = None,
        version: Optional[str] = None,
        paths: Optional[Collection[str]] = None,
        features: Optional[Callable[[Any], Optional[Mapping[str, Any]]]] = None,
        prediction: Optional[Callable[[Any], Optional[Mapping[str, Any]]]] = None,
        tags: Optional[Mapping[str, Any]] = None,
    ) -> None:
        self._app = app
        self._client = client
        self._known = {"model": model, "version": version, "tags": tags}
        self._paths = paths
        self._features = features
        self._prediction = prediction

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or (self._paths is not None and scope["path"] not in self._paths):
            await self._app(scope, receive, send)
            return
        client = self._client or get_client()
        log = RequestLog(client, **self._known)
        scope.setdefault("state", {})["plumbline"] = log
        asked = _Body(self._features is not None)
        answered = _Body(self._prediction is not None)
        status: List[int] = []

        async def receive_and_look() -> Message:
            message = await receive()
            if message["type"] == "http.request":
                asked.add(message.get("body", b""))
            return message

        async def send_and_look(message: Message) -> None:
            if message["type"] == "http.response.start":
                status.append(message["status"])
            elif message["type"] == "http.response.body":
                answered.add(message.get("body", b""))
            await send(message)

        try:
            await self._app(scope, receive_and_look, send_and_look)
        except Exception as error:
            self._end(client, log, asked, None, type(error).__name__)
            raise
        if not status or 400 <= status[0] < 500:
            return
        self._end(client, log, asked, answered, f"HTTP {status[0]}" if status[0] >= 500 else None)

    def _end(
        self, client: Plumbline, log: RequestLog, asked: "_Body", answered: Optional["_Body"], error: Optional[str]
    ) -> None:
        """What the service's own functions raise is told as ``invalid_call``, and goes no further."""
        try:
            if self._features is not None and not log.has_features:
                log.set(self._features(asked.json()))
            if self._prediction is not None and not log.has_prediction and error is None and answered is not None:
                log.set(prediction=self._prediction(answered.json()))
        except Exception as cause:
            client.report_invalid_call(cause)
            return
        log.end(error)


class _Body:
    """What passes by of a body, as far as somebody wants it."""

    def __init__(self, wanted: bool) -> None:
        self._chunks: List[bytes] = []
        self._size = 0
        self._wanted = wanted

    def add(self, chunk: bytes) -> None:
        if not self._wanted:
            return
        self._size += len(chunk)
        if self._size <= _MAX_BODY_BYTES:
            self._chunks.append(chunk)
        else:
            self._chunks.clear()

    def json(self) -> Any:
        if self._size > _MAX_BODY_BYTES:
            raise ValueError(f"the body has more than {_MAX_BODY_BYTES} bytes: say the features by request.state.plumbline.set")
        return json.loads(b"".join(self._chunks))
