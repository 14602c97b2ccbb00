"""What logging costs the caller in Python: µs per call of log_prediction. Started by sdk.mjs."""

import statistics
import time

from plumbline import MemoryTransport, Plumbline, TransportResponse

CALLS = 5_000
ROUNDS = 5


class Sink(MemoryTransport):
    """Takes everything and keeps nothing."""

    def send(self, request, timeout):
        return TransportResponse(200)


def measure(count: int) -> float:
    """Median over calls, of the calling thread; the other one sends meanwhile."""
    inputs = [
        {f"feature_{i}": f"category {(call + i) % 17}" if i % 5 == 4 else call * 0.37 + i / 7 for i in range(count)}
        for call in range(CALLS)
    ]
    took = []
    with Plumbline(model="m", transport=Sink(), exit_timeout=60) as plumbline:
        for features in inputs:
            start = time.perf_counter()
            plumbline.log_prediction(features=features, prediction={"label": 1, "score": 0.71})
            took.append(time.perf_counter() - start)
    return statistics.median(took) * 1e6


for count in (20, 100):
    figures = sorted(measure(count) for _ in range(ROUNDS))
    print(f"python log_prediction, {count} features: {figures[ROUNDS // 2]:.1f} µs a call")
