"""Tables: pandas and polars DataFrames, mappings of lists, lists of mappings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, Iterator, List, Mapping, Optional, Sequence

if TYPE_CHECKING:
    from ._client import Plumbline


def columns_of(frame: Any) -> Dict[str, List[Any]]:
    """The columns of a table by name, as plain Python values where the library offers that. Raises TypeError for what is no table."""
    if isinstance(frame, Mapping):
        columns = {str(name): list(values) for name, values in frame.items()}
    elif hasattr(frame, "columns"):
        columns = {str(name): _values(frame[name]) for name in frame.columns}
    elif isinstance(frame, Sequence) and all(isinstance(row, Mapping) for row in frame):
        names = dict.fromkeys(name for row in frame for name in row)
        columns = {str(name): [row.get(name) for row in frame] for name in names}
    else:
        raise TypeError(f"{type(frame).__name__} is no table: pass a DataFrame, a mapping of lists or a list of mappings")
    if len({len(values) for values in columns.values()}) > 1:
        raise ValueError("the columns have different lengths")
    return columns


def log_frame(
    client: "Plumbline",
    frame: Any,
    *,
    model: Optional[str] = None,
    version: Optional[str] = None,
    features: Optional[Sequence[str]] = None,
    ignore: Sequence[str] = (),
    prediction_id: Optional[str] = None,
    timestamp: Optional[str] = None,
    predicted_label: Optional[str] = None,
    predicted_value: Optional[str] = None,
    score: Optional[str] = None,
    scores: Optional[Mapping[str, str]] = None,
    latency_ms: Optional[str] = None,
    entity_id: Optional[str] = None,
    tags: Sequence[str] = (),
    true_label: Optional[str] = None,
    true_value: Optional[str] = None,
    timeout: float = 60.0,
) -> List[str]:
    """Queues a prediction for each row, and a label where ``true_label`` or ``true_value`` is not missing. Returns the ids.

    Arguments name columns; columns named nowhere are features unless ``features`` lists them. ``scores`` maps classes to columns.
    Waits for room in the queue for at most ``timeout`` seconds at a time, as ``log_batch`` does: for batch jobs, not for request handlers.
    Raises KeyError for a column that is not there, TypeError for what is no table.
    """
    columns = columns_of(frame)
    scores = scores or {}
    named = [prediction_id, timestamp, predicted_label, predicted_value, score, latency_ms, entity_id, true_label, true_value]
    used = {name for name in named if name is not None} | set(tags) | set(scores.values()) | set(ignore)
    chosen = [name for name in columns if name not in used] if features is None else list(features)
    for name in (*used, *chosen):
        if name not in columns and name not in ignore:
            raise KeyError(f'there is no column "{name}": the columns are {", ".join(columns)}')

    def cell(name: Optional[str], row: int) -> Any:
        value = None if name is None else columns[name][row]
        return None if is_missing(value) else value

    def predictions() -> Iterator[Dict[str, Any]]:
        for row in range(len(next(iter(columns.values()), []))):
            output = {
                "label": cell(predicted_label, row),
                "value": cell(predicted_value, row),
                "score": cell(score, row),
                "scores": {label: cell(name, row) for label, name in scores.items()} or None,
            }
            yield {
                "model": model,
                "version": version,
                "prediction_id": None if cell(prediction_id, row) is None else str(cell(prediction_id, row)),
                "timestamp": cell(timestamp, row),
                "features": {name: columns[name][row] for name in chosen},
                "prediction": output if any(value is not None for value in output.values()) else None,
                "latency_ms": cell(latency_ms, row),
                "entity_id": None if cell(entity_id, row) is None else str(cell(entity_id, row)),
                "tags": {name: cell(name, row) for name in tags} or None,
            }

    ids = client.log_batch(predictions(), timeout=timeout)
    if true_label is not None or true_value is not None:
        for row, id_ in enumerate(ids):
            label, value = cell(true_label, row), cell(true_value, row)
            if label is not None or value is not None:
                client.wait_for_room(timeout)
                client.log_label(model=model, prediction_id=id_, label=label, value=value)
    return ids


def is_missing(value: Any) -> bool:
    """Whether a cell is empty: None, NaN, and what pandas has for them."""
    return value is None or type(value).__name__ in ("NAType", "NaTType") or (isinstance(value, float) and value != value)


def _values(column: Any) -> List[Any]:
    for name in ("tolist", "to_list"):
        convert = getattr(column, name, None)
        if callable(convert):
            return list(convert())
    return list(column)
