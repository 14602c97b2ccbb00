"""Settings of a client: arguments, then the environment, then defaults."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Callable, List, Mapping, Optional, Sequence, Tuple
from urllib.parse import urlsplit

from ._errors import EventKind, PlumblineError
from ._wire import WireEvent

#: Sees each event before it is queued; may change it, or give None to drop it.
BeforeSend = Callable[[WireEvent, EventKind], Optional[WireEvent]]

MEBIBYTE = 1024 * 1024
DEFAULT_URL = "http://127.0.0.1:8080"
_TRUE = frozenset(("", "1", "true", "yes", "on"))
_FALSE = frozenset(("0", "false", "no", "off"))


@dataclass(frozen=True)
class Settings:
    """All settings with their defaults; what they mean stands at ``Plumbline``."""

    url: str = DEFAULT_URL
    api_key: Optional[str] = None
    model: Optional[str] = None
    version: Optional[str] = None
    enabled: bool = True
    sample_rate: float = 1.0
    redact: Sequence[str] = ()
    max_batch_events: int = 500
    max_batch_bytes: int = MEBIBYTE
    flush_interval: float = 1.0
    max_queue_events: int = 50_000
    max_queue_bytes: int = 32 * MEBIBYTE
    max_event_bytes: int = MEBIBYTE
    request_timeout: float = 35.0
    exit_timeout: float = 2.0
    spool_dir: Optional[str] = None
    max_spool_bytes: int = 256 * MEBIBYTE
    gzip: bool = True


_LEAST = {
    "max_batch_events": 1,
    "max_batch_bytes": 1,
    "flush_interval": 0,
    "max_queue_events": 1,
    "max_queue_bytes": 1,
    "max_event_bytes": 1,
    "request_timeout": 0.001,
    "exit_timeout": 0,
    "max_spool_bytes": 1,
}


def resolve_options(given: Mapping[str, Any], environment: Mapping[str, str]) -> Tuple[Settings, List[PlumblineError]]:
    """The settings, and a fault for each one that is wrong: such a one takes its default, a wrong address turns the client off."""
    faults: List[PlumblineError] = []

    def fault(field: str, message: str) -> None:
        faults.append(PlumblineError("invalid_option", f"{field} {message}", field=field))

    said = {name: value for name, value in given.items() if value is not None}
    for name, variable in (("url", "PLUMBLINE_URL"), ("api_key", "PLUMBLINE_API_KEY"), ("spool_dir", "PLUMBLINE_SPOOL_DIR")):
        if name not in said and environment.get(variable):
            said[name] = environment[variable]
    if "enabled" not in said:
        text = environment.get("PLUMBLINE_ENABLED", "").strip().lower()
        if text not in _TRUE and text not in _FALSE:
            fault("PLUMBLINE_ENABLED", "must be true or false; true is used")
        said["enabled"] = text not in _FALSE
    said.setdefault("sample_rate", environment.get("PLUMBLINE_SAMPLE_RATE", 1.0))
    try:
        said["sample_rate"] = float(said["sample_rate"])
    except (TypeError, ValueError):
        said["sample_rate"] = -1.0
    if not 0 <= said["sample_rate"] <= 1:
        fault("sample_rate", "must be a number from 0 to 1; 1 is used")
        said["sample_rate"] = 1.0
    for name, least in _LEAST.items():
        value = said.get(name, least)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not value >= least:
            fault(name, f"must be a number of at least {least}; {getattr(Settings, name)} is used")
            del said[name]
    settings = replace(Settings(), **said)
    if not _is_address(settings.url):
        fault("url", f'"{settings.url}" is no address of a server: write it as in {DEFAULT_URL}. Nothing is sent')
        settings = replace(settings, enabled=False, url=DEFAULT_URL)
    redact = settings.redact
    if isinstance(redact, str) or not all(isinstance(name, str) for name in redact):
        # What must not leave is not known then, so nothing does.
        fault("redact", "must be a list of names. Nothing is sent")
        settings = replace(settings, enabled=False, redact=())
    return settings, faults


def _is_address(text: Any) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port >= 0)
    except (ValueError, TypeError, AttributeError):
        return False
