"""The client of a process that needs only one."""

from __future__ import annotations

import threading
from typing import Any, Optional

from ._client import Plumbline

_lock = threading.Lock()
_client: Optional[Plumbline] = None


def init(url: Optional[str] = None, api_key: Optional[str] = None, **options: Any) -> Plumbline:
    """Makes the client that ``get_client`` gives, with the arguments of ``Plumbline``. One that was there before is closed."""
    global _client
    client = Plumbline(url, api_key, **options)
    with _lock:
        before, _client = _client, client
    if before is not None:
        before.close()
    return client


def get_client() -> Plumbline:
    """The client of this process; without ``init`` one made of the environment."""
    global _client
    with _lock:
        if _client is None:
            _client = Plumbline()
        return _client
