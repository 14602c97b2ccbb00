"""Events as they go on the wire."""

from __future__ import annotations

import json
import math
from datetime import date, datetime, timezone
from decimal import Decimal
from typing import Any, Callable, Dict, Mapping, Optional, Union

#: Seconds since 1970 as ``time.time()`` gives them, a datetime (UTC when it has no zone), or ISO 8601 text with a zone.
Instant = Union[int, float, str, datetime]
WireEvent = Dict[str, Any]


def wire_prediction(
    *,
    model: Optional[str],
    version: Optional[str],
    prediction_id: str,
    timestamp: Optional[Instant],
    now_ms: int,
    features: Mapping[str, Any],
    prediction: Optional[Mapping[str, Any]] = None,
    latency_ms: Optional[float] = None,
    error: Union[str, bool, None] = None,
    tags: Optional[Mapping[str, Any]] = None,
    entity_id: Optional[str] = None,
    trace_id: Optional[str] = None,
) -> WireEvent:
    """The prediction as it goes on the wire; what is None is not there. Raises TypeError without features."""
    if not hasattr(features, "keys"):
        raise TypeError("features must be a mapping of values by name, {} when there are none")
    optional: Dict[str, Any] = {
        "prediction": None if prediction is None else {k: v for k, v in prediction.items() if v is not None},
        "latency_ms": latency_ms,
        "error": error,
        "tags": None if tags is None else {str(k): _tag_text(v) for k, v in tags.items() if v is not None},
        "entity_id": entity_id,
        "trace_id": trace_id,
    }
    # The server says what is wrong with a model that is missing, as it does for every other field.
    event: WireEvent = {"model": model or ""}
    if version is not None:
        event["version"] = version
    event["prediction_id"] = prediction_id
    event["timestamp"] = _instant(timestamp, now_ms)
    event["features"] = dict(features)
    event.update((name, value) for name, value in optional.items() if value is not None)
    return event


def wire_label(
    *,
    model: Optional[str],
    prediction_id: str,
    timestamp: Optional[Instant],
    now_ms: int,
    label: Union[str, int, float, bool, None] = None,
    value: Optional[float] = None,
    weight: Optional[float] = None,
) -> WireEvent:
    """The label as it goes on the wire; what is None is not there."""
    event: WireEvent = {"model": model or "", "prediction_id": prediction_id}
    event.update((name, given) for name, given in (("label", label), ("value", value)) if given is not None)
    event["timestamp"] = _instant(timestamp, now_ms)
    if weight is not None:
        event["weight"] = weight
    return event


def event_text(event: WireEvent, is_redacted: Callable[[str], bool]) -> str:
    """The event as JSON, without the features and tags that must not leave the process. Raises TypeError or ValueError for what JSON cannot say."""
    parts: Dict[str, Any] = {
        name: {key: item for key, item in event[name].items() if not is_redacted(key)}
        for name in ("features", "tags")
        if name in event
    }
    slim = {**event, **parts}
    try:
        return _ENCODE(slim)
    except ValueError:
        # A number that is none, or a cycle, which fails again.
        features = slim.pop("features", {})
        return f'{_ENCODE(slim)[:-1]},"features":{_features_text(features)}}}'


def _features_text(features: Mapping[str, Any]) -> str:
    return "{" + ",".join(f"{_ENCODE(str(name))}:{_value_text(value)}" for name, value in features.items()) + "}"


def _value_text(value: Any) -> str:
    plain = value if isinstance(value, (str, int, float, bool, dict, list)) or value is None else _plain(value)
    if isinstance(plain, float) and not math.isfinite(plain):
        # JSON has no NaN, which means missing, and no infinity; a number too large to hold is read as one, and counted as invalid.
        return "null" if math.isnan(plain) else "1e999" if plain > 0 else "-1e999"
    return _ENCODE(plain)


def _plain(value: Any) -> Any:
    """What numpy, pandas and the standard library have beside JSON's own types."""
    if type(value).__name__ in ("NAType", "NaTType"):
        return None
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    item = getattr(value, "item", None)
    if callable(item):
        plain = item()
        if type(plain) is not type(value):
            return plain
    raise TypeError(f"{type(value).__name__} is no value of a feature: send a number, a text, a boolean or None")


_ENCODE = json.JSONEncoder(ensure_ascii=True, allow_nan=False, separators=(",", ":"), default=_plain).encode


def _tag_text(value: Any) -> str:
    return value if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else str(value)


def _instant(given: Optional[Instant], now_ms: int) -> Union[int, str]:
    if given is None:
        return now_ms
    if isinstance(given, datetime):
        aware = given if given.tzinfo is not None else given.replace(tzinfo=timezone.utc)
        return round(aware.timestamp() * 1000)
    return given if isinstance(given, str) else round(given * 1000)
