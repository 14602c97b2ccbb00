"""A decorator for functions that predict."""

from __future__ import annotations

import functools
import inspect
from typing import Any, Callable, Dict, Mapping, Optional, TypeVar, cast

from ._client import Plumbline
from ._default import get_client
from ._request_log import RequestLog

_Function = TypeVar("_Function", bound=Callable[..., Any])
_OUTPUT_FIELDS = frozenset(("label", "value", "score", "scores"))


def monitor(
    model: Optional[str] = None,
    *,
    version: Optional[str] = None,
    client: Optional[Plumbline] = None,
    features: Optional[Callable[..., Optional[Mapping[str, Any]]]] = None,
    prediction: Optional[Callable[[Any], Optional[Mapping[str, Any]]]] = None,
    tags: Optional[Mapping[str, Any]] = None,
) -> Callable[[_Function], _Function]:
    """Logs each call of a function as a prediction, with its latency and the class of what it raises. Works on ``async def`` too.

    ``features`` gets the arguments of the call; without it a single mapping among them holds the features, or else the arguments do, by name.
    ``prediction`` gets the result; without it a mapping of label, value, score and scores is taken as it is, a float as the value, and
    a text, a whole number or a boolean as the label. What the function returns and raises is left alone.

    ``client`` defaults to ``plumbline.get_client()`` at the time of the call.
    """

    def decorate(function: _Function) -> _Function:
        read_features = features or _features_by_signature(function)
        read_prediction = prediction or _prediction_of

        def begin(args: Any, kwargs: Any) -> RequestLog:
            used = client or get_client()
            log = RequestLog(used, model=model, version=version, tags=tags)
            try:
                log.set(read_features(*args, **kwargs))
            except Exception as cause:
                used.report_invalid_call(cause)
            return log

        def end(log: RequestLog, result: Any) -> None:
            try:
                output = read_prediction(result)
                if output is not None:
                    log.set(prediction=output)
            except Exception as cause:
                (client or get_client()).report_invalid_call(cause)
                return
            log.end()

        if inspect.iscoroutinefunction(function):

            @functools.wraps(function)
            async def call_async(*args: Any, **kwargs: Any) -> Any:
                log = begin(args, kwargs)
                try:
                    result = await function(*args, **kwargs)
                except Exception as error:
                    log.end(type(error).__name__)
                    raise
                end(log, result)
                return result

            return cast(_Function, call_async)

        @functools.wraps(function)
        def call(*args: Any, **kwargs: Any) -> Any:
            log = begin(args, kwargs)
            try:
                result = function(*args, **kwargs)
            except Exception as error:
                log.end(type(error).__name__)
                raise
            end(log, result)
            return result

        return cast(_Function, call)

    return decorate


def _features_by_signature(function: Callable[..., Any]) -> Callable[..., Mapping[str, Any]]:
    signature = inspect.signature(function)

    def read(*args: Any, **kwargs: Any) -> Mapping[str, Any]:
        bound = signature.bind(*args, **kwargs)
        values: Dict[str, Any] = {}
        for name, value in bound.arguments.items():
            kind = signature.parameters[name].kind
            if kind is inspect.Parameter.VAR_KEYWORD:
                values.update(value)
            elif kind is not inspect.Parameter.VAR_POSITIONAL and name not in ("self", "cls"):
                values[name] = value
        mappings = [value for value in values.values() if isinstance(value, Mapping)]
        return mappings[0] if len(mappings) == 1 else values

    return read


def _prediction_of(result: Any) -> Optional[Mapping[str, Any]]:
    if isinstance(result, Mapping):
        known = {name: value for name, value in result.items() if name in _OUTPUT_FIELDS}
        return known or None
    item = getattr(result, "item", None)
    value = item() if callable(item) else result
    if isinstance(value, float):
        return {"value": value}
    return {"label": value} if isinstance(value, (str, int)) else None
