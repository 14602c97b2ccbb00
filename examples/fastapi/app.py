"""A service that scores loans and logs to Plumbline.

Run it: PLUMBLINE_URL=http://127.0.0.1:8080 uvicorn app:app --port 3001
"""

from __future__ import annotations

import math
from contextlib import asynccontextmanager
from typing import AsyncIterator

from fastapi import FastAPI, Request
from pydantic import BaseModel

from plumbline import Plumbline
from plumbline.asgi import PlumblineMiddleware

# Where Plumbline is, and the key, come from PLUMBLINE_URL and PLUMBLINE_API_KEY.
plumbline = Plumbline(model="loans", version="1")


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    yield
    # What is queued goes out before the process ends.
    plumbline.close()


app = FastAPI(lifespan=lifespan)
app.add_middleware(
    PlumblineMiddleware,
    client=plumbline,
    paths=["/score"],
    features=lambda application: application,
    prediction=lambda answer: {"label": answer["approved"], "score": answer["probability"]},
)


class Application(BaseModel):
    age: float
    income: float
    country: str


class Outcome(BaseModel):
    id: str
    repaid: bool


@app.post("/score")
def score(application: Application, request: Request) -> dict[str, object]:
    """Stands where a real service calls its model."""
    log_odds = (application.income - 30_000) / 20_000 + (application.age - 40) / 40
    probability = 1 / (1 + math.exp(-log_odds))
    prediction_id = request.state.plumbline.prediction_id
    return {"approved": probability >= 0.5, "probability": probability, "id": prediction_id}


@app.post("/outcomes", status_code=204)
def outcome(outcome: Outcome) -> None:
    """How a loan went, weeks later."""
    plumbline.log_label(prediction_id=outcome.id, label=outcome.repaid)
