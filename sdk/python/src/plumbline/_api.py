"""Calls of the HTTP API that people wait for. They raise."""

from __future__ import annotations

import http.client
import json
import os
from typing import Any, Dict, Iterable, Mapping, Optional, Union
from urllib.parse import urlsplit

from ._errors import PlumblineError
from ._options import resolve_options


class Api:
    """A server and who asks; arguments, then PLUMBLINE_URL and PLUMBLINE_API_KEY. Raises PlumblineError (invalid_option) for a wrong address."""

    def __init__(self, url: Optional[str] = None, api_key: Optional[str] = None) -> None:
        settings, faults = resolve_options({"url": url, "api_key": api_key}, os.environ)
        for fault in faults:
            if fault.field == "url":
                raise fault
        self.url = settings.url.rstrip("/")
        self._api_key = settings.api_key

    def post(
        self,
        path_or_url: str,
        body: Union[bytes, Iterable[bytes]],
        content_type: str = "application/json",
        *,
        timeout: float = 600.0,
        is_signed: bool = False,
    ) -> Dict[str, Any]:
        """The JSON that is answered. Raises PlumblineError (refused, with what the server says; retrying, when it does not answer).

        ``is_signed``: the address carries its own right, so the key stays here.
        """
        url = path_or_url if "://" in path_or_url else self.url + path_or_url
        headers = {"content-type": content_type, "accept": "application/json"}
        if self._api_key and not is_signed:
            headers["authorization"] = f"Bearer {self._api_key}"
        try:
            status, text = _request(url, body, headers, timeout)
        except (OSError, http.client.HTTPException) as cause:
            raise PlumblineError("retrying", f"the server at {url.split('?')[0]} does not answer: {cause}") from cause
        reply = _parse(text)
        if 200 <= status < 300:
            return reply
        raise PlumblineError("refused", f"the server answered {status}: {reply.get('detail', text[:500])}", status=status)


def _request(url: str, body: Union[bytes, Iterable[bytes]], headers: Mapping[str, str], timeout: float) -> "tuple[int, str]":
    parts = urlsplit(url)
    make = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = make(parts.hostname or "", parts.port, timeout=timeout)
    try:
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", path, body=body, headers=dict(headers), encode_chunked=not isinstance(body, bytes))
        response = connection.getresponse()
        return response.status, response.read().decode("utf-8", "replace")
    finally:
        connection.close()


def _parse(text: str) -> Dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
