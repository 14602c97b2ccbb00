"""Writes conformance.json beside this file: what independent sources answer for the 1 000 random cases of
test/conformance/random-cases.ts, one number per case and profile.

Run with python3 (numpy 2.4, scipy 1.17). The samples are made here a second time, bit for bit. Each profile is written down from its
published definition, with numpy and scipy for everything they have; nothing is translated from the TypeScript. NaN and infinities are
strings, a profile that is not defined for a case is null.
"""

import json
import math
import struct
import warnings
import zlib
from fractions import Fraction
from pathlib import Path

import numpy as np
import scipy
from scipy import stats
from scipy.spatial import distance

warnings.simplefilter("ignore")

CASES = 1000
SIZES = [1, 2, 3, 5, 8, 20, 60, 150, 400, 1000]
LARGE_SIZE = 11000
MASK = 0xFFFFFFFF


class Uniform:
    """mulberry32."""

    def __init__(self, seed):
        self.state = seed & MASK

    def next(self):
        state = self.state = (self.state + 0x6D2B79F5) & MASK
        bits = ((state ^ (state >> 15)) * (1 | state)) & MASK
        bits = ((bits + (((bits ^ (bits >> 7)) * (61 | bits)) & MASK)) ^ bits) & MASK
        return (bits ^ (bits >> 14)) / 4294967296

    def below(self, limit):
        return math.floor(self.next() * limit)

    def size(self):
        place = self.below(len(SIZES) * 4 + 1)
        return LARGE_SIZE if place == len(SIZES) * 4 else SIZES[place % len(SIZES)]

    def bell(self):
        total = 0.0
        for _ in range(12):
            total += self.next()
        return total - 6

    def successes(self, trials, probability):
        return sum(1 for _ in range(trials) if self.next() < probability)


def cauchy(random):
    divided = random.bell()
    by = random.bell()
    return 0.0 if by == 0 else divided / by


def pareto_without_mean(random):
    share = 1 - random.next()
    return 1 / (share * share)


FAMILIES = [
    lambda random: random.bell(),
    lambda random: random.next(),
    cauchy,
    lambda random: 1 / (1 - random.next()),
    pareto_without_mean,
    lambda random: float(random.successes(20, 0.2)),
    lambda random: float(random.below(5)),
    lambda random: 0.0 if random.next() < 0.7 else 1 / (1 - random.next()),
    lambda random: 7.0,
    lambda random: math.floor(random.bell() * 10) / 10,
    lambda random: 1e9 + random.bell(),
    lambda random: random.bell() * 1e-9,
    lambda random: (-4 if random.next() < 0.3 else 4) + random.bell(),
    lambda random: 1e9 if random.next() < 0.01 else random.bell(),
]


def case(index):
    random = Uniform((index + 1) * 0x9E3779B1)
    n = random.size()
    m = random.size()
    if index % 4 == 3:
        categories = [1, 2, 3, 5, 10, 50, 200][random.below(7)]
        moved = 1 if random.below(3) == 0 else 0

        def draw():
            share = random.next()
            return math.floor(categories * share * share)

        return "categorical", np.array([draw() for _ in range(n)]), np.array([draw() + moved for _ in range(m)])
    draw = FAMILIES[random.below(len(FAMILIES))]
    reference = [draw(random) for _ in range(n)]
    change = random.below(6)
    current = []
    for _ in range(m):
        value = draw(random)
        current.append(value + 0.5 if change == 0 else value * 2 if change == 1 else 3.0 if change == 2 else value)
    return "numeric", np.array(reference), np.array(current)


def decile_counts(reference, current):
    edges = np.unique(np.quantile(reference, np.arange(1, 10) / 10, method="linear"))
    count = lambda values: np.bincount(np.searchsorted(edges, values, side="right"), minlength=len(edges) + 1)
    return count(reference), count(current)


def value_counts(reference, current):
    values = np.unique(np.concatenate([reference, current]))
    count = lambda sample: np.array([np.sum(sample == value) for value in values])
    return count(reference), count(current)


def equal_width_counts(reference, current, bins):
    low, high = reference.min(), reference.max()
    inner = np.linspace(low, high, bins + 1)[1:-1] if low < high else np.array([])
    count = lambda values: np.bincount(np.searchsorted(inner, values, side="right"), minlength=len(inner) + 1)
    return count(reference), count(current)


def evidently_counts(reference, current):
    if len(np.unique(reference)) <= 20:
        return value_counts(reference, current)
    edges = np.histogram_bin_edges(np.concatenate([reference, current]), bins="sturges")
    return np.histogram(reference, edges)[0], np.histogram(current, edges)[0]


def doane_counts(reference, current):
    edges = np.histogram_bin_edges(reference, bins="doane")
    p, q = np.histogram(reference, edges)[0], np.histogram(current, edges)[0]
    return np.append(p, 0), np.append(q, len(current) - q.sum())


def shares(counts):
    return counts / counts.sum()


def psi_half(p_counts, q_counts):
    """Shares (c + 1/2)/(n + B/2) over the bins that hold anything."""
    occupied = (p_counts + q_counts) > 0
    p_counts, q_counts = p_counts[occupied], q_counts[occupied]
    half = len(p_counts) / 2
    p = (p_counts + 0.5) / (p_counts.sum() + half)
    q = (q_counts + 0.5) / (q_counts.sum() + half)
    return float(np.sum((p - q) * np.log(p / q)))


def psi_evidently(p_counts, q_counts):
    """As evidently.legacy.calculations.stattests 0.7.23: what replaces a share of 0 depends on the smallest share above 0."""

    def filled(counts):
        share = shares(counts)
        smallest = share[share > 0].min()
        share[share == 0] = smallest / 1e6 if smallest <= 1e-4 else 1e-4
        return share

    p, q = filled(p_counts), filled(q_counts)
    return float(np.sum((p - q) * np.log(p / q)))


def psi_hopsworks(p_counts, q_counts):
    p, q = shares(p_counts) + 1e-6, shares(q_counts) + 1e-6
    return float(np.sum((p - q) * np.log(p / q)))


def jensen_shannon(p_counts, q_counts, base):
    with np.errstate(all="ignore"):
        p, q = shares(p_counts), shares(q_counts)
        middle = (p + q) / 2
        # scipy takes the root of rounding below 0; rel_entr is its own sum without that.
        left, right = scipy.special.rel_entr(p, middle).sum(), scipy.special.rel_entr(q, middle).sum()
        ours = math.sqrt(max(0.0, (left + right) / 2) / math.log(base))
        theirs = distance.jensenshannon(p, q, base)
        assert math.isnan(theirs) or abs(ours - theirs) < 1e-7, (ours, theirs)
        return ours


def pooled(p_counts, q_counts, expected, least=5):
    """Categories expected below `least` in one; the smallest others join it until it is not below either."""
    cells = [(int(p), int(q)) for p, q in zip(p_counts, q_counts) if p + q > 0]
    small = [cell for cell in cells if expected(*cell) < least]
    large = sorted((cell for cell in cells if expected(*cell) >= least), key=lambda cell: (expected(*cell), *cell))
    if not small:
        return np.array(cells)
    pool = tuple(map(sum, zip(*small)))
    while expected(*pool) < least and large:
        pool = tuple(map(sum, zip(pool, large.pop(0))))
    return np.array(large + [pool])


def contingency(p_counts, q_counts):
    n, m = int(p_counts.sum()), int(q_counts.sum())
    table = pooled(p_counts, q_counts, lambda p, q: (p + q) * min(n, m) / (n + m))
    if len(table) < 2:
        return 0.0, 1.0
    result = stats.chi2_contingency(table.T, correction=False)
    return float(result.statistic), float(result.pvalue)


def goodness_of_fit(p_counts, q_counts):
    n, m = int(p_counts.sum()), int(q_counts.sum())
    table = pooled(p_counts, q_counts, lambda p, q: p * m / n)
    if len(table) < 2:
        return 0.0, 1.0
    observed, expected = table[:, 1].astype(float), table[:, 0] * m / n
    if (expected == 0).any():
        return math.inf, 0.0
    statistic = float(np.sum((observed - expected) ** 2 / expected))
    return statistic, float(stats.chi2.sf(statistic, len(table) - 1))


def of_counts(result, p_counts, q_counts):
    """The profiles that take whichever counts a numeric column or the categories give."""
    p, q = shares(p_counts), shares(q_counts)
    result["psi.decile"] = psi_half(p_counts, q_counts)
    result["psi.hopsworks"] = psi_hopsworks(p_counts, q_counts)
    result["js.base2"] = jensen_shannon(p_counts, q_counts, 2)
    result["js.e"] = jensen_shannon(p_counts, q_counts, math.e)
    result["js.divergence"] = jensen_shannon(p_counts, q_counts, 2) ** 2
    result["chi2.contingency"], result["chi2.contingency p"] = contingency(p_counts, q_counts)
    result["chi2.gof"], result["chi2.gof p"] = goodness_of_fit(p_counts, q_counts)
    result["hellinger"] = math.sqrt(np.sum((np.sqrt(p) - np.sqrt(q)) ** 2) / 2)
    result["kl"] = float(scipy.special.rel_entr(p, q).sum())
    result["tv"] = float(np.abs(p - q).sum() / 2)
    result["linf"] = float(np.abs(p - q).max())


def moments(values):
    """Mean and variance (ddof 0) without rounding: in doubles the means of values near 1e9 lose what tells them apart."""
    exact = [Fraction(value) for value in values.tolist()]
    mean = sum(exact) / len(exact)
    return mean, sum((value - mean) ** 2 for value in exact) / len(exact)


def welch(reference, current):
    (mean, variance), (other_mean, other_variance) = moments(reference), moments(current)
    n, m = len(reference), len(current)
    left, right = float(variance) / (n - 1), float(other_variance) / (m - 1)
    freedom = (left + right) ** 2 / (left**2 / (n - 1) + right**2 / (m - 1))
    return float(2 * stats.t.sf(float(abs(other_mean - mean)) / math.sqrt(left + right), freedom))


def of_numbers(result, reference, current):
    of_counts(result, *decile_counts(reference, current))
    result["psi.equal-width-30"] = psi_half(*equal_width_counts(reference, current, 30))
    result["psi.evidently"] = psi_evidently(*evidently_counts(reference, current))
    result["js.doane"] = jensen_shannon(*doane_counts(reference, current), 2)
    ks = stats.ks_2samp(reference, current)
    result["ks"], result["ks p"] = float(ks.statistic), float(ks.pvalue)
    wasserstein = float(stats.wasserstein_distance(reference, current))
    mean, variance = moments(reference)
    unit = max(math.sqrt(variance), 0.001)
    result["wasserstein.raw"], result["wasserstein.std"] = wasserstein, wasserstein / unit
    result["mean-shift"] = float(abs(moments(current)[0] - mean)) / unit
    if len(reference) > 1 and len(current) > 1 and np.ptp(reference) + np.ptp(current) > 0:
        result["mean-shift p"] = welch(reference, current)
    n, m = len(reference), len(current)
    u = stats.mannwhitneyu(reference, current)
    result["mann-whitney"] = abs(2 * float(u.statistic) - n * m) / (n * m)
    # Of one value everywhere scipy says NaN.
    if np.ptp(np.concatenate([reference, current])) > 0:
        result["mann-whitney p"] = float(u.pvalue)


def of_categories(result, reference, current):
    p_counts, q_counts = value_counts(reference, current)
    of_counts(result, p_counts, q_counts)
    result["psi.evidently"] = psi_evidently(p_counts, q_counts)
    # NannyML's categorical distance: what the reference does not know is one bin.
    known = p_counts > 0
    result["js.doane"] = jensen_shannon(
        np.append(p_counts[known], 0), np.append(q_counts[known], q_counts[~known].sum()), 2
    )


def plain(number):
    if number is None or math.isfinite(number):
        return number
    return "NaN" if math.isnan(number) else "Infinity" if number > 0 else "-Infinity"


results, checksums = [], []
for index in range(CASES):
    kind, reference, current = case(index)
    result = {}
    (of_numbers if kind == "numeric" else of_categories)(result, reference, current)
    results.append(result)
    values = list(map(float, reference)) + list(map(float, current))
    checksums.append(zlib.crc32(struct.pack(f"<{len(values)}d", *values)))

columns = sorted({name for result in results for name in result})
answers = {name: [plain(result.get(name)) for result in results] for name in columns}
versions = {"numpy": np.__version__, "scipy": scipy.__version__}
path = Path(__file__).with_name("conformance.json")
path.write_text(json.dumps({"versions": versions, "crc32": checksums, "answers": answers}, separators=(",", ":")) + "\n")
print(path.stat().st_size, "bytes")
