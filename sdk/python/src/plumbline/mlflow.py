"""MLflow: a registered model version and a version in Plumbline, linked; the reference from a run; news for a retraining run.

Needs ``mlflow`` or ``mlflow-skinny`` (``pip install plumbline[mlflow]``).
"""

from __future__ import annotations

import json
from typing import Any, Dict, NamedTuple, Optional
from urllib.parse import quote

from mlflow.tracking import MlflowClient

from . import reference
from ._api import Api
from ._errors import PlumblineError


class VersionLink(NamedTuple):
    """What a version of a registered model is called in Plumbline: the arguments ``model`` and ``version`` of a client."""

    model: str
    version: str


def link_version(
    name: str,
    version: str,
    *,
    model: Optional[str] = None,
    url: Optional[str] = None,
    client: Optional[MlflowClient] = None,
) -> VersionLink:
    """Says at a version of a registered model where it is watched, by the tags ``plumbline.model``, ``plumbline.version`` and ``plumbline.url``.

    ``model``: its name in Plumbline, when that differs. Raises MLflow's own exception when there is no such version.
    """
    api = Api(url)
    mlflow = client or MlflowClient()
    link = VersionLink(model or name, str(version))
    tags = {"plumbline.model": link.model, "plumbline.version": link.version, "plumbline.url": api.url}
    for key, value in tags.items():
        mlflow.set_model_version_tag(name, str(version), key, value)
    return link


def upload_reference(
    name: str,
    version: str,
    frame: Any = None,
    *,
    context: Optional[str] = None,
    model: Optional[str] = None,
    url: Optional[str] = None,
    api_key: Optional[str] = None,
    client: Optional[MlflowClient] = None,
    **columns: Any,
) -> Dict[str, Any]:
    """Makes the reference of a registered model version: from ``frame``, else from the data set that its run logged. Returns the server's summary.

    ``context``: which data set of the run, by the context it was logged with (``training``); without it there must be just one.
    ``columns``: as for ``reference.upload``.

    Raises PlumblineError (refused) when there is no such data set, or its source is not a CSV or Parquet file that can be read here.
    """
    mlflow = client or MlflowClient()
    if frame is None:
        frame = _logged_data(mlflow, name, str(version), context)
    summary = reference.upload(frame, model=model or name, version=str(version), url=url, api_key=api_key, **columns)
    mlflow.set_model_version_tag(name, str(version), "plumbline.reference_id", str(summary.get("reference_id", "")))
    return summary


def report_version(
    run: str,
    version: Optional[str] = None,
    *,
    status: str = "succeeded",
    detail: str = "",
    url: Optional[str] = None,
    api_key: Optional[str] = None,
) -> Dict[str, Any]:
    """Tells a retraining run of its outcome, so that the new version is compared with the old. Returns the run.

    ``run``: its id, or the ``callback_url`` that the pipeline was called with, which needs no key. Of a server that does not know its own address
    (``alerting.externalUrl``) that is a path, and ``url`` says where. ``version``: that of ``link_version``;
    none yet with the ``status`` ``running``, a sign of life, and ``failed``.
    """
    body = {"status": status, "detail": detail}
    if version is not None:
        body["version"] = str(version)
    is_address = run.startswith(("http://", "https://", "/"))
    path = run if is_address else f"/v1/retraining-runs/{quote(run, safe='')}/status"
    return Api(url, api_key).post(path, json.dumps(body).encode("utf-8"), is_signed=is_address)


def _logged_data(mlflow: MlflowClient, name: str, version: str, context: Optional[str]) -> Any:
    import pandas

    from mlflow.data import get_source

    run_id = mlflow.get_model_version(name, version).run_id
    if not run_id:
        raise PlumblineError("refused", f"version {version} of {name} names no run: pass the data as `frame`")
    inputs = mlflow.get_run(run_id).inputs
    found = [
        one.dataset
        for one in (inputs.dataset_inputs if inputs else [])
        if context is None or any(tag.key == "mlflow.data.context" and tag.value == context for tag in one.tags)
    ]
    if len(found) != 1:
        what = "data sets" if context is None else f'data sets with the context "{context}"'
        raise PlumblineError("refused", f"run {run_id} logged {len(found)} {what}: name one by `context`, or pass `frame`")
    dataset = found[0]
    try:
        path = str(get_source(dataset).load())
        read = pandas.read_parquet if path.endswith((".parquet", ".pq")) else pandas.read_csv
        frame = read(path)
    except Exception as cause:
        message = f'the source of data set "{dataset.name}" cannot be read as CSV or Parquet ({cause}): pass the data as `frame`'
        raise PlumblineError("refused", message) from cause
    return frame
