"""Log predictions and labels of deployed models to Plumbline."""

from ._client import Plumbline
from ._default import get_client, init
from ._errors import PlumblineError
from ._monitor import monitor
from ._request_log import RequestLog
from ._statistics import Statistics
from ._transport import HttpTransport, MemoryTransport, Transport, TransportRequest, TransportResponse
from ._uuid7 import uuid7
from ._version import VERSION as __version__

__all__ = [
    "HttpTransport",
    "MemoryTransport",
    "Plumbline",
    "PlumblineError",
    "RequestLog",
    "Statistics",
    "Transport",
    "TransportRequest",
    "TransportResponse",
    "__version__",
    "get_client",
    "init",
    "monitor",
    "uuid7",
]
