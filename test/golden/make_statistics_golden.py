"""Writes statistics.json beside this file: what numpy, scipy and scikit-learn answer for the functions of libs/statistics.

Run with python3 (numpy 2.4, scipy 1.17, scikit-learn 1.9). Deterministic; definitions that no library offers (PSI with its
smoothing, pooling of small chi-square categories) are written out here on their own, not translated from the TypeScript.
NaN and infinities are written as strings.
"""

import json
import math
import warnings
from fractions import Fraction
from pathlib import Path

import numpy as np
import scipy
import sklearn
from scipy import special, stats
from scipy.spatial import distance
from sklearn import metrics

warnings.simplefilter("ignore")
rng = np.random.default_rng(20240607)


def plain(value):
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, np.ndarray)):
        return [plain(item) for item in value]
    if isinstance(value, (bool, str)) or value is None:
        return value
    if isinstance(value, (int, np.integer)):
        return int(value)
    number = float(value)
    return number if math.isfinite(number) else str(number).replace("inf", "Infinity").replace("nan", "NaN")


def count_pairs():
    """Aligned counts of two samples: balanced, skewed, tiny, huge, with empty bins on one side or both."""
    pairs = [
        ([32, 16, 28, 4, 20], [40, 10, 70, 30, 10]),
        ([1], [7]),
        ([5, 5], [50, 50]),
        ([10, 0], [0, 10]),
        ([4, 4, 2], [5, 0, 5]),
        ([0, 100, 200, 0, 50], [0, 30, 80, 4, 0]),
        ([1, 0, 0, 0], [0, 0, 0, 1]),
        ([10**9, 2 * 10**9, 3], [10**6, 2 * 10**6, 40]),
    ]
    for bins in (2, 3, 5, 10, 20, 64):
        for n, m in ((50, 20), (1000, 100), (30000, 1000), (100, 100000)):
            p = rng.dirichlet(np.full(bins, 0.7))
            q = p if n == 1000 else rng.dirichlet(np.full(bins, 0.7))
            pairs.append((rng.multinomial(n, p).tolist(), rng.multinomial(m, q).tolist()))
    return pairs


def psi(reference, current):
    kept = [(r, c) for r, c in zip(reference, current) if r + c > 0]
    bins, n, m = len(kept), sum(reference), sum(current)
    total = 0.0
    for r, c in kept:
        p, q = (r + 0.5) / (n + bins / 2), (c + 0.5) / (m + bins / 2)
        total += (p - q) * math.log(p / q)
    scale = 1 / n + 1 / m
    return {
        "value": total,
        "bins": bins,
        "pValue": stats.chi2.sf(total / scale, bins - 1) if bins > 1 else 1.0,
        "critical05": stats.chi2.isf(0.05, bins - 1) * scale if bins > 1 else 0.0,
    }


def distances():
    cases = []
    for reference, current in count_pairs():
        p, q = np.array(reference) / sum(reference), np.array(current) / sum(current)
        cases.append(
            {
                "reference": reference,
                "current": current,
                "psi": psi(reference, current),
                "js2": distance.jensenshannon(p, q, base=2),
                "jsE": distance.jensenshannon(p, q),
                "hellinger": np.linalg.norm(np.sqrt(p) - np.sqrt(q)) / math.sqrt(2),
                "tv": np.abs(p - q).sum() / 2,
                "linf": np.abs(p - q).max(),
                "kl": stats.entropy(p, q),
                "ksAtEdges": np.abs(np.cumsum(p) - np.cumsum(q)).max(),
            }
        )
    return cases


def chi_square():
    """scipy on the table as it is (minimum 0) and on the table pooled by the documented rule (minimum 5)."""
    cases = []
    for reference, current in count_pairs():
        columns = [[r, c] for r, c in zip(reference, current) if r + c > 0]
        n, m = sum(reference), sum(current)

        def small(column):
            return min(n, m) * sum(column) / (n + m) < 5

        pool = [column for column in columns if small(column)]
        kept = sorted((column for column in columns if not small(column)), key=lambda c: (sum(c), c[0]))
        if pool:
            merged = [sum(c[0] for c in pool), sum(c[1] for c in pool)]
            while small(merged) and kept:
                smallest = kept.pop(0)
                merged = [merged[0] + smallest[0], merged[1] + smallest[1]]
            kept.append(merged)
        for minimum, table in ((0, columns), (5, kept)):
            result = stats.chi2_contingency(np.array(table).T, correction=False)
            cases.append(
                {
                    "reference": reference,
                    "current": current,
                    "minimumExpected": minimum,
                    "statistic": result.statistic,
                    "pValue": result.pvalue,
                    "degreesOfFreedom": result.dof,
                    "cramersV": math.sqrt(result.statistic / (n + m)),
                }
            )
    return cases


def samples():
    """Pairs of raw samples: continuous, heavy-tailed, tied, constant, single."""
    return [
        ([1.0], [1.0]),
        ([1.0], [2.0]),
        ([3.0] * 9, [3.0] * 4),
        ([3.0] * 9, [3.0, 4.0]),
        ([0.1 + 0.2, 0.3], [0.3, 0.3, 0.30000000000000004]),
        (rng.integers(0, 5, 60).tolist(), rng.integers(0, 6, 45).tolist()),
        (rng.normal(size=80).tolist(), (rng.normal(size=50) + 0.4).tolist()),
        (rng.standard_t(1.5, size=100).tolist(), rng.standard_t(1.5, size=33).tolist()),
        (rng.lognormal(10, 3, size=70).tolist(), rng.lognormal(10, 3, size=70).tolist()),
        ((rng.normal(size=64) * 1e-15).tolist(), (rng.normal(size=64) * 1e-15).tolist()),
        ((1e15 + rng.integers(0, 9, 30)).tolist(), (1e15 + rng.integers(0, 9, 31)).tolist()),
        (np.where(rng.random(90) < 0.7, 0, rng.exponential(size=90)).tolist(), rng.exponential(size=40).tolist()),
    ]


def raw_distances():
    cases = []
    for x, y in samples():
        test = stats.ks_2samp(x, y)
        cases.append(
            {
                "x": sorted(x),
                "y": sorted(y),
                "ks": test.statistic,
                "pValue": test.pvalue,
                "wasserstein": stats.wasserstein_distance(x, y),
            }
        )
    return cases


def ks_p_values():
    """Exact (both sizes at most 10 000) and asymptotic p-values, from evenly spread samples pushed apart by `shift`."""
    sizes = [(1, 1), (2, 3), (10, 10), (30, 7), (100, 100), (100, 37), (1000, 1000), (1000, 999), (2500, 300), (10000, 700)]
    sizes += [(10001, 1), (10001, 5), (10001, 40), (12000, 150), (20000, 3000), (50000, 5000), (100000, 100000), (400000, 100)]
    sizes += [(3000000, 3000000)]
    cases = []
    for n, m in sizes:
        x = np.arange(n) / n
        # Few of the largest: their tails are sums over as many terms as rows.
        shifts = (0.0, 0.002, 0.01) if n >= 50000 else (0.0, 0.002, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.7)
        for shift in shifts:
            y = np.minimum((np.arange(m) + 0.5) / m + shift, 1.5)
            result = stats.ks_2samp(x, y)
            cases.append({"n": n, "m": m, "d": result.statistic, "pValue": result.pvalue})
    # The one-sample distribution behind the asymptotic form, over its regimes: x·√n from 0.2 to 12.
    for n in (1, 2, 3, 5, 10, 50, 140, 141, 500, 2000, 30000, 100000, 200000):
        for z in (0.2, 0.3, 0.5, 0.8, 1.0, 1.2, 1.45, 1.5, 2.0, 3.0, 6.0, 12.0):
            d = z / math.sqrt(n)
            if d < 1 and (n <= 2000 or z <= 1.45 or (n == 30000 and z == 3.0)):
                cases.append({"effective": n, "d": d, "pValue": stats.kstwo.sf(d, n)})
    return cases


def quantile_edges():
    cases = []
    for x, y in samples() + [(rng.normal(size=1000).tolist(), rng.gamma(0.3, size=257).tolist())]:
        for sample in (x, y):
            for bins in (1, 2, 3, 10, 64):
                values = np.sort(np.array(sample, dtype=float))
                levels = np.array([k / bins for k in range(1, bins)])
                edges = np.unique(np.quantile(values, levels, method="linear")) if bins > 1 else []
                cases.append({"sample": values, "binCount": bins, "edges": edges})
    # One copy of each sample keeps the file small.
    distinct = []
    for case in cases:
        if not distinct or not np.array_equal(distinct[-1]["sample"], case["sample"]):
            distinct.append({"sample": case["sample"], "bins": []})
        distinct[-1]["bins"].append({"binCount": case["binCount"], "edges": case["edges"]})
    return distinct


def tails():
    chi2 = [
        {"x": x, "df": df, "survival": stats.chi2.sf(x, df)}
        for df in (1, 2, 3, 4, 9, 19, 63, 255, 1000)
        for x in (1e-12, 0.01, 0.5, 1, 2, 3.84, 10, df * 0.5, df, df * 1.5, df * 2.5, 100, 700, 1300)
    ]
    return {
        "chi2": [case for case in chi2 if 1e-300 < case["survival"]],
        "chi2Critical": [
            {"alpha": alpha, "df": df, "critical": stats.chi2.isf(alpha, df)}
            for df in (1, 2, 3, 4, 9, 19, 63, 255, 1000)
            for alpha in (1e-200, 1e-50, 1e-12, 1e-6, 0.001, 0.01, 0.05, 0.1, 0.5, 0.9, 0.99)
        ],
        "normal": [
            {"x": x, "survival": stats.norm.sf(x)}
            for x in (-40, -8, -3, -1.96, -1, -0.1, -1e-9, 0, 1e-9, 0.1, 0.5, 1, 1.6, 1.7, 1.8, 1.96, 2.5, 3, 6, 8, 15, 25, 37)
        ],
        "normalQuantile": [
            {"p": p, "quantile": stats.norm.ppf(p)}
            for p in (1e-300, 1e-100, 1e-20, 1e-11, 1e-10, 1e-6, 0.001, 0.025, 0.07, 0.08, 0.3, 0.5, 0.6, 0.925, 0.93, 0.975, 0.9999)
        ],
        "gammaQ": [
            {"a": a, "x": x, "q": special.gammaincc(a, x), "p": special.gammainc(a, x)}
            for a in (0.1, 0.5, 1, 2.3, 17.7, 300.5)
            for x in (0.001, 0.3, 1, 1.7, 5, 20, 250, 310, 500)
        ],
    }


def families():
    cases = []
    for size in (1, 2, 7, 50):
        p = rng.random(size) ** 3
        p[: size // 5] = p[0]
        cases.append({"pValues": p, "adjusted": stats.false_discovery_control(p, method="bh")})
    return cases


def wilson():
    cases = []
    for k, n in ((0, 1), (1, 1), (0, 20), (20, 20), (3, 17), (50, 100), (999, 1000), (12345, 5_000_000)):
        for confidence in (0.8, 0.95, 0.999):
            interval = stats.binomtest(k, n).proportion_ci(confidence, method="wilson")
            cases.append({"k": k, "n": n, "confidence": confidence, "lower": interval.low, "upper": interval.high})
    return cases


def fisher():
    """Exact rational arithmetic, because scipy's logarithms of factorials lose digits for large counts."""
    cases = []
    for a, n, b, m in (
        (0, 10, 0, 10), (0, 10, 3, 10), (1, 100, 3, 20), (5, 100, 1, 100), (2, 2, 2, 2), (0, 5, 5, 5), (7, 9, 1, 8),
        (50, 1000, 80, 1000), (50, 1000, 50, 1000), (50, 1000, 40, 1000), (300, 30000, 25, 1000), (300, 30000, 60, 1000),
        (300, 30000, 400, 1000), (1, 30000, 1, 1000), (1200, 3000, 1300, 3000), (20, 20000, 0, 500),
    ):  # fmt: skip
        successes, rows = a + b, n + m
        tail = sum(math.comb(successes, k) * math.comb(rows - successes, m - k) for k in range(b, min(successes, m) + 1))
        cases.append({"counts": [a, n, b, m], "pValue": float(Fraction(tail, math.comb(rows, m)))})
    return cases


def auc():
    cases = []
    for bins in (1, 2, 5, 64, 256):
        negatives, positives = rng.integers(0, 20, bins), rng.integers(0, 20, bins)
        if bins == 5:
            negatives[1:], positives[:-1] = 0, 0
        labels = np.repeat([0, 1], [negatives.sum(), positives.sum()])
        scores = np.concatenate([np.repeat(np.arange(bins), negatives), np.repeat(np.arange(bins), positives)])
        cases.append({"negatives": negatives, "positives": positives, "auc": metrics.roc_auc_score(labels, scores)})
    return cases


def confusion():
    cases = []
    tables = [
        (["0", "1"], [[50, 10], [5, 35]]),
        (["0", "1"], [[50, 0], [10, 0]]),
        (["0", "1"], [[0, 0], [0, 9]]),
        (["a", "b", "c"], [[10, 2, 3], [0, 0, 4], [1, 0, 8]]),
        (["a", "b", "c"], [[0, 0, 3], [0, 0, 0], [0, 0, 5]]),
    ]
    for classes, table in tables:
        cells = [
            {"label": classes[i], "predicted": classes[j], "n": table[i][j]}
            for i in range(len(classes))
            for j in range(len(classes))
        ]
        labels = [cell["label"] for cell in cells for _ in range(cell["n"])]
        predicted = [cell["predicted"] for cell in cells for _ in range(cell["n"])]
        for positive in [None] + (classes if len(classes) == 2 else []):
            if positive is None:
                scores = metrics.precision_recall_fscore_support(labels, predicted, average="macro", zero_division=0)
            else:
                scores = metrics.precision_recall_fscore_support(
                    labels, predicted, labels=[positive], average="macro", zero_division=0
                )
            cases.append(
                {
                    "cells": cells,
                    "positiveClass": positive,
                    "accuracy": metrics.accuracy_score(labels, predicted),
                    "precision": scores[0],
                    "recall": scores[1],
                    "f1": scores[2],
                }
            )
    return cases


def main():
    golden = {
        "versions": {"numpy": np.__version__, "scipy": scipy.__version__, "sklearn": sklearn.__version__},
        "distances": distances(),
        "chiSquare": chi_square(),
        "raw": raw_distances(),
        "ksPValues": ks_p_values(),
        "quantileEdges": quantile_edges(),
        "tails": tails(),
        "families": families(),
        "wilson": wilson(),
        "fisher": fisher(),
        "auc": auc(),
        "confusion": confusion(),
    }
    path = Path(__file__).with_name("statistics.json")
    path.write_text(json.dumps(plain(golden), allow_nan=False, separators=(",", ":")) + "\n")


main()
