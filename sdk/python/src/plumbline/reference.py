"""References: what is normal for a version of a model."""

from __future__ import annotations

import json
from typing import Any, Dict, Iterator, List, Optional, Sequence, Tuple
from urllib.parse import quote

from ._api import Api
from ._wire import event_text
from .frames import columns_of, is_missing

#: Bytes of a piece of the upload.
_CHUNK_BYTES = 256 * 1024


def upload(
    frame: Any,
    *,
    model: str,
    version: str = "1",
    features: Optional[Sequence[str]] = None,
    ignore: Sequence[str] = (),
    prediction: Optional[str] = None,
    score: Optional[str] = None,
    label: Optional[str] = None,
    prediction_id: Optional[str] = None,
    timestamp: Optional[str] = None,
    url: Optional[str] = None,
    api_key: Optional[str] = None,
    timeout: float = 600.0,
) -> Dict[str, Any]:
    """Makes the reference of a version from a table: training data, or a good month. Returns the server's summary of it.

    Arguments name columns: ``prediction`` (the predicted class or value), ``score`` (probability of the positive class), ``label`` (the
    truth); columns named nowhere are features unless ``features`` lists them. Values keep their types: a text of digits stays a text.
    The key needs the scope ``admin``.

    Raises PlumblineError with what the server says of the table, TypeError for what is none, KeyError for a column that is not there.
    """
    columns = columns_of(frame)
    roles = {"prediction": prediction, "score": score, "label": label, "prediction_id": prediction_id, "timestamp": timestamp}
    mapping: Dict[str, Any] = {role: name for role, name in roles.items() if name is not None}
    for name in (*mapping.values(), *ignore, *(features or ())):
        if name not in columns:
            raise KeyError(f'there is no column "{name}": the columns are {", ".join(columns)}')
    # What is ignored does not travel.
    if features is not None:
        mapping["features"] = list(features)
    path = f"/v1/models/{quote(model, safe='')}/versions/{quote(version, safe='')}/reference?mapping={quote(json.dumps(mapping))}"
    lines = _lines({name: values for name, values in columns.items() if name not in ignore})
    return Api(url, api_key).post(path, lines, "application/x-ndjson", timeout=timeout)


def _lines(columns: Dict[str, List[Any]]) -> Iterator[bytes]:
    """The rows as NDJSON, in pieces."""
    piece: List[str] = []
    size = 0
    items: List[Tuple[str, List[Any]]] = list(columns.items())
    for row in range(len(items[0][1]) if items else 0):
        values = {name: None if is_missing(column[row]) else column[row] for name, column in items}
        # As features are written, so that dates, numpy's numbers and the like are.
        line = event_text({"features": values}, lambda name: False)[len('{"features":') : -1]
        piece.append(line)
        size += len(line)
        if size >= _CHUNK_BYTES:
            yield ("\n".join(piece) + "\n").encode("ascii")
            piece, size = [], 0
    if piece:
        yield ("\n".join(piece) + "\n").encode("ascii")
