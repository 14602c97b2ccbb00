"""Writes performance.json beside this file: what scikit-learn answers for the performance metrics of labelled predictions.

Run with python3 (numpy 2.4, scikit-learn 1.9). Deterministic. Small cases hold their rows; a large case says only how many rows of
which shape `draw` makes, which the specification repeats with the same generator. NaN and infinities are written as strings.
"""

import json
import math
import warnings
from pathlib import Path

import numpy as np
import sklearn
from sklearn import metrics

warnings.simplefilter("ignore")
rng = np.random.default_rng(20261121)


def plain(value):
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, np.ndarray)):
        return [plain(item) for item in value]
    if isinstance(value, (str, bool)) or value is None:
        return value
    if isinstance(value, (int, np.integer)):
        return int(value)
    number = float(value)
    return number if math.isfinite(number) else str(number).replace("inf", "Infinity").replace("nan", "NaN")


def defined(values):
    return {name: value for name, value in values.items() if math.isfinite(value)}


def class_metrics(truth, predicted, positive):
    found = {
        "accuracy": metrics.accuracy_score(truth, predicted),
        "balanced_accuracy": metrics.balanced_accuracy_score(truth, predicted),
        "mcc": metrics.matthews_corrcoef(truth, predicted),
    }
    for average in ("macro", "micro", "weighted"):
        rates = metrics.precision_recall_fscore_support(truth, predicted, average=average, zero_division=0)
        for name, value in zip(("precision", "recall", "f1"), rates):
            found[f"{name}_{average}"] = value
    if positive is None:
        found |= {name: found[f"{name}_macro"] for name in ("precision", "recall", "f1")}
        tables = metrics.multilabel_confusion_matrix(truth, predicted)
        found["specificity"] = np.mean([t[0, 0] / max(1, t[0].sum()) for t in tables])
    else:
        hit, said = np.array(truth) == positive, np.array(predicted) == positive
        rates = metrics.precision_recall_fscore_support(hit, said, average="binary", pos_label=True, zero_division=0)
        found |= dict(zip(("precision", "recall", "f1"), rates))
        found["specificity"] = metrics.recall_score(hit, said, pos_label=False, zero_division=0)
    return found


def calibration_error(confidence, hits, bins=15):
    index = np.minimum(bins - 1, np.floor(np.asarray(confidence) * bins).astype(int))
    gaps = [abs(hits[index == b].sum() - confidence[index == b].sum()) for b in range(bins)]
    return sum(gaps) / len(confidence)


def score_metrics(truth, scores):
    """Of a binary model: truth is 0 or 1."""
    truth, scores = np.array(truth), np.array(scores, dtype=float)
    found = {
        "log_loss": metrics.log_loss(truth, scores, labels=[0, 1]),
        "brier": np.mean((scores - truth) ** 2),
        "ece": calibration_error(scores, truth),
    }
    if 0 < truth.sum() < len(truth):
        found["brier"] = metrics.brier_score_loss(truth, scores)
        found["roc_auc"] = metrics.roc_auc_score(truth, scores)
        found["pr_auc"] = metrics.average_precision_score(truth, scores)
    return found


def several_scores(truth, scores, classes):
    truth, scores = np.array(truth), np.array(scores, dtype=float)
    binary = np.array([[t == name for name in classes] for t in truth], dtype=int)
    top = scores.argmax(axis=1)
    return {
        "log_loss": metrics.log_loss(truth, scores, labels=classes),
        "brier": metrics.brier_score_loss(truth, scores, labels=classes),
        "ece": calibration_error(scores.max(axis=1), np.array([classes[i] for i in top]) == truth),
        "roc_auc": metrics.roc_auc_score(truth, scores, multi_class="ovr", average="macro", labels=classes),
        "roc_auc_weighted": metrics.roc_auc_score(truth, scores, multi_class="ovr", average="weighted", labels=classes),
        "pr_auc": metrics.average_precision_score(binary, scores, average="macro"),
    }


def error_metrics(truth, values):
    truth, values = np.array(truth, dtype=float), np.array(values, dtype=float)
    errors = np.abs(values - truth)
    found = {
        "mae": metrics.mean_absolute_error(truth, values),
        "rmse": metrics.root_mean_squared_error(truth, values),
        "mape": metrics.mean_absolute_percentage_error(truth, values),
        "bias": np.mean(values - truth),
    }
    if len(truth) > 1:
        found["r2"] = metrics.r2_score(truth, values)
    for q in (50, 90, 95):
        found[f"absolute_error_p{q}"] = np.quantile(errors, q / 100, method="inverted_cdf")
    return found


def binary_cases():
    shapes = {
        "uniform": lambda n: rng.random(n),
        "near 0": lambda n: 10 ** rng.uniform(-9, -1, n),
        "near 1": lambda n: 1 - 10 ** rng.uniform(-9, -1, n),
        "two decimals": lambda n: np.round(rng.random(n), 2),
        "float32": lambda n: rng.random(n).astype(np.float32).astype(float),
        "in one narrow range": lambda n: 0.3 + rng.random(n) / 1000,
        "three values": lambda n: rng.choice([0.0, 0.25, 1.0], n),
        "all the same": lambda n: np.full(n, 0.4),
    }
    cases = []
    for name, shape in shapes.items():
        for n in (12, 90):
            scores = np.sort(shape(n))
            rank = np.arange(n) / n
            truth = (rng.random(n) < 0.15 + 0.7 * rank).astype(int)
            order = rng.permutation(n)
            scores, truth = scores[order], truth[order]
            predicted = (scores >= np.median(scores)).astype(int)
            cases.append((f"{name}, {n} rows", scores, truth, predicted))
    cases.append(("one row", np.array([0.7]), np.array([1]), np.array([1])))
    cases.append(("no positives", np.array([0.7, 0.2, 0.1]), np.array([0, 0, 0]), np.array([1, 0, 0])))
    cases.append(("no negatives", np.array([0.7, 0.2]), np.array([1, 1]), np.array([1, 0])))
    cases.append(("always wrong", np.array([1.0, 0.0, 1.0]), np.array([0, 1, 0]), np.array([1, 0, 1])))
    return [
        {
            "name": name,
            "scores": scores,
            "truth": truth,
            "predicted": predicted,
            "expected": defined(class_metrics(truth, predicted, 1) | score_metrics(truth, scores)),
        }
        for name, scores, truth, predicted in cases
    ]


def multiclass_cases():
    cases = []
    for classes in (["a", "b", "c"], ["10", "2", "x:1", "日本"], ["0", "1", "2", "3", "4", "5", "6"]):
        for n in (30, 110):
            raw = rng.dirichlet(np.full(len(classes), 0.6), n)
            scores = np.round(raw, 6)
            scores[:, -1] = 1 - scores[:, :-1].sum(axis=1)
            scores = np.clip(scores, 0, 1)
            truth = [classes[rng.choice(len(classes), p=0.7 * row / row.sum() + 0.3 / len(classes))] for row in scores]
            truth[: len(classes)] = classes
            predicted = [classes[i] for i in scores.argmax(axis=1)]
            cases.append(
                {
                    "name": f"{len(classes)} classes, {n} rows",
                    "classes": classes,
                    "scores": scores,
                    "truth": truth,
                    "predicted": predicted,
                    "expected": defined(class_metrics(truth, predicted, None) | several_scores(truth, scores, classes)),
                }
            )
    cases.append(
        {
            "name": "classes that are only predicted or only true, no scores",
            "classes": [],
            "scores": [],
            "truth": ["a", "a", "b", "d"],
            "predicted": ["a", "c", "c", "a"],
            "expected": defined(class_metrics(["a", "a", "b", "d"], ["a", "c", "c", "a"], None)),
        }
    )
    return cases


def regression_cases():
    n = 80
    shapes = {
        "normal": rng.normal(10, 3, n),
        "large mean": 1e9 + rng.normal(0, 1, n),
        "with zeros": rng.poisson(1, n).astype(float),
        "heavy tails": rng.standard_cauchy(n) * 100,
        "tiny": rng.random(n) * 1e-12,
        "negative": -rng.lognormal(3, 1, n),
    }
    cases = [(name, truth, truth + rng.normal(0, 0.3 * np.median(np.abs(truth - np.median(truth))) + 1e-15, n)) for name, truth in shapes.items()]
    cases += [
        ("one row", np.array([2.0]), np.array([3.0])),
        ("constant truth", np.full(20, 0.1), 0.1 + rng.normal(0, 1, 20)),
        ("constant truth, all right", np.full(20, 5.0), np.full(20, 5.0)),
        ("all right", np.arange(10.0), np.arange(10.0)),
        ("all the same error", np.arange(10.0), np.arange(10.0) + 2),
    ]
    found = []
    for name, truth, values in cases:
        expected = error_metrics(truth, values)
        # numpy's mean of equal numbers is off by rounding, which scikit-learn takes for spread.
        if name == "constant truth":
            expected["r2"] = 0.0
        found.append({"name": name, "truth": truth, "values": values, "expected": defined(expected)})
    return found


def draw(rows, shape, seed):
    """Scores and labels from a generator that is easy to repeat: state times 48271 modulo 2^31 − 1."""
    state = seed
    scores, truth = [], []

    def random():
        nonlocal state
        state = state * 48271 % 2147483647
        return state / 2147483647

    for _ in range(rows):
        u, chance = random(), random()
        scores.append({"uniform": u, "near 0": u**8, "near 1": 1 - u**8, "narrow": 0.3 + u / 1024}[shape])
        truth.append(1 if chance < 0.02 + 0.5 * u * u else 0)
    return scores, truth


def large_cases():
    cases = []
    for seed, (rows, shape) in enumerate(((60000, "uniform"), (60000, "near 0"), (60000, "near 1"), (60000, "narrow"))):
        scores, truth = draw(rows, shape, seed + 1)
        cases.append({"rows": rows, "shape": shape, "seed": seed + 1, "expected": defined(score_metrics(truth, scores))})
    return cases


golden = {
    "versions": {"numpy": np.__version__, "sklearn": sklearn.__version__},
    "binary": binary_cases(),
    "multiclass": multiclass_cases(),
    "regression": regression_cases(),
    "large": large_cases(),
}
Path(__file__).with_name("performance.json").write_text(json.dumps(plain(golden), separators=(",", ":"), ensure_ascii=False) + "\n")
