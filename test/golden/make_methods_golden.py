"""Golden values of the drift methods: numpy, scipy and the definitions of docs/statistics.md written down a second time.

Run with numpy 2, scipy 1.17 and mpmath 1.3:  python3 make_methods_golden.py > methods.json
"""

import json

import mpmath as mp
import numpy as np
from scipy import special, stats
from scipy.spatial.distance import jensenshannon

mp.mp.dps = 40
rng = np.random.default_rng(20261121)


def plain(value):
    value = float(value)
    return value if np.isfinite(value) else str(value).replace("inf", "Infinity").replace("nan", "NaN")


def psi(p, q):
    different = p != q
    return np.sum((p[different] - q[different]) * np.log(p[different] / q[different]))


def half_smoothed(a, b):
    kept = (a + b) > 0
    a, b = a[kept], b[kept]
    return psi((a + 0.5) / (a.sum() + 0.5 * len(a)), (b + 0.5) / (b.sum() + 0.5 * len(b)))


def without_zeros(p):
    smallest = p[p > 0].min()
    return np.where(p == 0, smallest / 1e6 if smallest <= 1e-4 else 1e-4, p)


def pooled(categories, expected):
    """Rule of five; ties by reference rows, then by current rows."""
    kept = [c for c in categories if expected(*c) >= 5]
    small = [c for c in categories if expected(*c) < 5]
    if not small:
        return kept
    pool = tuple(map(sum, zip(*small)))
    kept.sort(key=lambda c: (expected(*c), c[0], c[1]))
    while expected(*pool) < 5 and kept:
        c = kept.pop(0)
        pool = (pool[0] + c[0], pool[1] + c[1])
    return kept + [pool]


def of_counts(a, b):
    """What every profile over bins or categories makes of aligned counts."""
    a, b = np.asarray(a, float), np.asarray(b, float)
    n, m = a.sum(), b.sum()
    p, q = a / n, b / m
    held = [(x, y) for x, y in zip(a, b) if x + y > 0]
    freedom = len(held) - 1
    like_psi = lambda value: 1.0 if freedom < 1 else stats.chi2.sf(value / (1 / n + 1 / m), freedom)
    out = {}
    value = half_smoothed(a, b)
    out["psi.decile"] = [value, value, like_psi(value)]
    value = psi(p + 1e-6, q + 1e-6)
    out["psi.hopsworks"] = [value, value, like_psi(value)]
    for name, base, factor in [("js.base2", 2, 8 * np.log(2)), ("js.e", np.e, 8)]:
        value = float(jensenshannon(p, q, base))
        out[name] = [value, value, like_psi(factor * value**2)]
    divergence = float(jensenshannon(p, q, 2)) ** 2
    out["js.divergence"] = [divergence, divergence, like_psi(8 * np.log(2) * divergence)]
    value = np.sqrt(np.sum((np.sqrt(p) - np.sqrt(q)) ** 2) / 2)
    out["hellinger"] = [value, value, like_psi(8 * value**2)]
    table = pooled(held, lambda x, y: (x + y) * min(n, m) / (n + m))
    if len(table) < 2:
        homogeneity = 0.0, 1.0
    else:
        result = stats.chi2_contingency(np.array(table).T, correction=False)
        homogeneity = result.statistic, result.pvalue
    out["chi2.contingency"] = [homogeneity[0], np.sqrt(homogeneity[0] / (n + m)), homogeneity[1]]
    table = np.array(pooled(held, lambda x, y: x * m / n))
    if len(table) < 2:
        out["chi2.gof"] = [0.0, 0.0, 1.0]
    else:
        result = stats.chisquare(table[:, 1], table[:, 0] * m / n)
        out["chi2.gof"] = [result.statistic, np.sqrt(result.statistic / m), result.pvalue]
    for name, value in [
        ("kl", stats.entropy(p, q)),
        ("tv", np.abs(p - q).sum() / 2),
        ("linf", np.abs(p - q).max()),
    ]:
        out[name] = [value, value, homogeneity[1]]
    return out, like_psi


def count(values, edges):
    return np.bincount(np.searchsorted(edges, values, side="right"), minlength=len(edges) + 1)


def of_numbers(x, y):
    x, y = np.asarray(x, float), np.asarray(y, float)
    n, m = len(x), len(y)
    edges = np.unique(np.quantile(x, np.arange(1, 10) / 10))
    out, _ = of_counts(count(x, edges), count(y, edges))

    def like_psi(value, a, b):
        freedom = int(np.sum((a + b) > 0)) - 1
        return 1.0 if freedom < 1 else stats.chi2.sf(value / (1 / n + 1 / m), freedom)

    if len(np.unique(x)) > 20:
        histogram = np.histogram_bin_edges(np.concatenate([x, y]), bins="sturges")
        a, b = np.histogram(x, histogram)[0], np.histogram(y, histogram)[0]
    else:
        values = np.unique(np.concatenate([x, y]))
        a = np.array([(x == v).sum() for v in values])
        b = np.array([(y == v).sum() for v in values])
    value = psi(without_zeros(a / n), without_zeros(b / m))
    out["psi.evidently"] = [value, value, like_psi(value, a, b)]
    inner = np.linspace(x.min(), x.max(), 31)[1:-1] if x.max() > x.min() else np.array([])
    a, b = count(x, inner), count(y, inner)
    value = half_smoothed(a.astype(float), b.astype(float))
    out["psi.equal-width-30"] = [value, value, like_psi(value, a, b)]
    histogram = np.histogram_bin_edges(x, bins="doane")
    a, b = np.histogram(x, histogram)[0], np.histogram(y, histogram)[0]
    a, b = np.append(a, 0), np.append(b, m - b.sum())
    value = float(jensenshannon(a / n, b / m, 2))
    out["js.doane"] = [value, value, like_psi(8 * np.log(2) * value**2, a, b)]
    ks = stats.ks_2samp(x, y)
    out["ks"] = [ks.statistic, ks.statistic, ks.pvalue]
    raw = stats.wasserstein_distance(x, y)
    out["wasserstein.raw"] = [raw, raw, ks.pvalue]
    out["wasserstein.std"] = [raw / max(x.std(), 0.001)] * 2 + [ks.pvalue]
    shift = abs(y.mean() - x.mean()) / max(x.std(), 0.001)
    if n > 1 and m > 1 and x.std() + y.std() > 0:
        welch = stats.ttest_ind(x, y, equal_var=False).pvalue
        out["mean-shift"] = [shift, shift, welch]
    rank = stats.mannwhitneyu(y, x)
    value = abs(2 * rank.statistic / n / m - 1)
    out["mann-whitney"] = [value, value, rank.pvalue]
    return out


def written(results):
    return {name: [plain(v) for v in values] for name, values in results.items()}


def random_numbers(size):
    family = rng.integers(0, 6)
    if family == 0:
        return rng.normal(0, 1, size).round(6)
    if family == 1:
        return rng.standard_cauchy(size).round(6)
    if family == 2:
        return rng.poisson(4, size).astype(float)
    if family == 3:
        return np.where(rng.random(size) < 0.7, 0, rng.exponential(1, size).round(6))
    if family == 4:
        return rng.integers(0, 5, size).astype(float)
    return rng.lognormal(0, 1, size).round(6)


def special_values():
    out = {"gammaQ": [], "student": [], "beta": [], "normal": []}
    for _ in range(60):
        a = 10 ** rng.uniform(-1, 5.5)
        x = a * (1 + rng.normal() * rng.choice([1, 5, 15]) / np.sqrt(a))
        if x <= 0:
            continue
        a, x = float(a), float(x)
        am, xm = mp.mpf(a), mp.mpf(x)
        term, total, k = mp.mpf(1), mp.mpf(1), 1
        while term > total * mp.mpf(10) ** -38:
            term *= xm / (am + k)
            total += term
            k += 1
        lower = total * mp.exp(am * mp.log(xm) - xm - mp.loggamma(am + 1))
        fraction = mp.mpf(0)
        for k in range(6000, 0, -1):
            fraction = k * (am - k) / (xm + 2 * k + 1 - am + fraction)
        tail = mp.exp(am * mp.log(xm) - xm - mp.loggamma(am)) / (xm + 1 - am + fraction)
        q = 1 - lower if lower < 0.99 else tail
        if q > 1e-290 and lower > 1e-290:
            out["gammaQ"].append([a, x, float(q), float(lower)])
    for _ in range(60):
        df, t = float(10 ** rng.uniform(-0.3, 4)), float(10 ** rng.uniform(-3, 2.3))
        out["student"].append([t, df, float(stats.t.sf(t, df))])
    for _ in range(60):
        a, b, x = float(10 ** rng.uniform(-1, 3)), float(10 ** rng.uniform(-1, 3)), float(rng.random())
        out["beta"].append([a, b, x, float(special.betainc(a, b, x))])
    for x in [-8, -1, -1e-3, 0, 1e-9, 0.5, 1.96, 5, 12, 25, 37]:
        out["normal"].append([float(x), float(stats.norm.sf(x))])
    return out


numbers = []
for n, m in [(1, 1), (2, 5), (8, 6), (20, 20), (30, 7), (45, 60), (60, 45), (80, 30), (100, 100)] * 4:
    x, y = random_numbers(n), random_numbers(m)
    if rng.random() < 0.4:
        y = np.resize(x, m) + (rng.random(m) < 0.2)
    numbers.append({"x": x.tolist(), "y": y.tolist(), "expected": written(of_numbers(x, y))})

categories = []
for size in [1, 2, 3, 5, 8, 20] * 3:
    scale = int(rng.choice([3, 40, 900]))
    a = rng.integers(0, scale, size) * (rng.random(size) < 0.8)
    b = rng.integers(0, scale, size) * (rng.random(size) < 0.8)
    a[rng.integers(size)] += 1
    b[rng.integers(size)] += 1
    results, like_psi = of_counts(a, b)
    kept = (a + b) > 0
    value = psi(without_zeros(a[kept] / a.sum()), without_zeros(b[kept] / b.sum()))
    results["psi.evidently"] = [value, value, like_psi(value)]
    results["js.doane"] = results["js.base2"]
    categories.append({"reference": a.tolist(), "current": b.tolist(), "expected": written(results)})

print(json.dumps({"numbers": numbers, "categories": categories, "special": special_values()}))
