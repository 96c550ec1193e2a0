"""How good the matching is, against gold standards: `make bench-quality`.

Reads the development data from the folder named by KONNECT_QUALITY, by default
`../shared/quality` beside the project; the data is not part of the project. What needs no data
runs in any case. Writes `bench/results/quality.json`.
"""

from __future__ import annotations

import importlib.util
import json
import os
import platform
import random
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from bench import expertise, koen_ranking, market
from bench.encoded import Encoder, load_encoder
from bench.expertise_baselines import language_model, tf_idf
from matching.scoring.terms import STORED

ROOT = Path(__file__).resolve().parent.parent
FOLDER = Path(os.environ.get("KONNECT_QUALITY", ROOT.parent / "shared" / "quality"))
RESULT = ROOT / "bench" / "results" / "quality.json"
DRAWS, RESAMPLES, SEED = 10, 1_000, 20_230_323
METRICS = ("loss", "easy", "hard")
PORTAL = "KONNECT, final ranking"
# Stelmakh et al., arXiv 2303.16750, and the openreview-expertise README; all 58 participants.
PUBLISHED = {
    "ELMo": (0.34, 0.70, 0.57),
    "ACL scorer": (0.30, 0.78, 0.62),
    "TPMS": (0.28, 0.80, 0.62),
    "SPECTER": (0.27, 0.85, 0.57),
    "SPECTER+MFR": (0.24, 0.88, 0.60),
    "SPECTER2": (0.22, 0.89, 0.61),
    "SciNCL": (0.22, 0.90, 0.65),
    "SPECTER2+SciNCL": (0.21, 0.91, 0.65),
}


def main() -> int:
    """Measure what can be measured here, print and record it."""
    started = time.process_time()
    result: dict[str, Any] = {
        "machine": f"{platform.machine()}, Python {platform.python_version()}"
    }
    if (FOLDER / "data").is_dir():
        encoder = load_encoder()
        result["expertise"] = print_expertise(expertise_report(encoder))
        result["korean_english"] = korean_english(encoder)
    else:
        print(f"No data in {FOLDER}: expertise and Korean-English are left out.")
        print("KONNECT_QUALITY names another folder.\n")
    result["market"] = market.market_report()
    market.print_report(result["market"])
    result["cpu_seconds"] = round(time.process_time() - started, 1)
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(result, indent=1))
    print(f"\n{result['cpu_seconds']} CPU seconds; written to {RESULT.relative_to(ROOT)}")
    return 0


def read(name: str) -> Any:
    """Return one file of the data."""
    return json.loads((FOLDER / "data" / name).read_text(encoding="utf-8"))


def script(name: str) -> ModuleType:
    """Return the module that defines the figures: it comes with the data."""
    specification = importlib.util.spec_from_file_location(name, FOLDER / f"{name}.py")
    if specification is None or specification.loader is None:
        raise FileNotFoundError(FOLDER / f"{name}.py")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def expertise_report(encoder: Encoder) -> dict[str, Any]:
    """Return the figures of the portal and of older ways, and their paired differences."""
    papers, targets = read("dev_papers.json"), read("dev_targets.json")
    union = read("dev_profiles.json")
    draws = expertise.draws_of(read("dev_profile_draws.json"))
    systems: dict[str, list[expertise.Scores]] = {
        PORTAL: [expertise.score(draw, papers, targets, encoder) for draw in draws],
        f"{PORTAL}, all papers": [expertise.score(union, papers, targets, encoder)],
        "TPMS-like language model": [language_model(draw, papers, targets) for draw in draws],
        "TF-IDF, mean": [tf_idf(draw, papers, targets) for draw in draws],
    }
    return compare(script("evaluate"), systems)


def compare(evaluate: ModuleType, systems: Mapping[str, list[expertise.Scores]]) -> dict[str, Any]:
    """Return each system's figures with intervals, and the portal's minus each other's."""
    gold = evaluate.read_gold(FOLDER / "data" / "dev_expertise.json")
    chooser = random.Random(SEED)
    samples = [[chooser.randrange(len(gold)) for _ in gold] for _ in range(RESAMPLES)]
    scored = {name: evaluate.score(gold, draws, samples) for name, draws in systems.items()}
    _point, portal = scored[PORTAL]
    report = {}
    for name, (point, resampled) in scored.items():
        rows = enumerate(METRICS)
        report[name] = {m: figure(evaluate, point[i], column(resampled, i)) for i, m in rows}
        difference = [one[0] - other[0] for one, other in zip(portal, resampled, strict=True)]
        lead = scored[PORTAL][0][0] - point[0]
        report[name]["portal minus this, loss"] = figure(evaluate, lead, difference)
    return report


def column(rows: Sequence[Sequence[float]], place: int) -> list[float]:
    """Return one column of a table."""
    return [row[place] for row in rows]


def figure(evaluate: ModuleType, value: float, resampled: list[float]) -> list[float]:
    """Return a value with its 95 % interval."""
    low, high = evaluate.interval(resampled)
    return [round(number, 4) for number in (value, low, high)]


def print_expertise(report: dict[str, Any]) -> dict[str, Any]:
    """Print the published figures and ours; return ours."""
    print("Expertise, gold standard; a lower loss and a higher accuracy are better")
    print(f"{'published, all 58 participants':36}" + "".join(f"{name:>8}" for name in METRICS))
    for name, row in PUBLISHED.items():
        print(f"{name:36}" + "".join(f"{value:8.2f}" for value in row))
    print("\nmeasured here, development half, profile draws averaged [95 %]")
    for name, row in report.items():
        print(f"{name:36}" + "  ".join(f"{m} {shown(row[m])}" for m in METRICS))
    print("\nloss of the final ranking minus that of ... (paired)")
    for name, row in report.items():
        if not name.startswith(PORTAL):
            print(f"{name:36}{shown(row['portal minus this, loss'], signed=True)}")
    print(flush=True)
    return report


def shown(figure: Sequence[float], *, signed: bool = False) -> str:
    """Return a value with its interval as text."""
    value, low, high = (f"{number:+.3f}" if signed else f"{number:.3f}" for number in figure)
    return f"{value} [{low}; {high}]"


def korean_english(encoder: Encoder) -> dict[str, Any]:
    """Print and return how translations are found, by the embedder and by the final ranking."""
    pairs = read("dev_koen.json")
    measure = script("evaluate_koen").measure
    neutral = {
        f"{name}_{language}": encoder.every.embed([row[language] for row in rows]) / STORED
        for name, rows in pairs.items()
        for language in ("en", "ko")
    }
    english = {
        f"{name}_en": encoder.english.embed([row["en"] for row in rows]) / STORED
        for name, rows in pairs.items()
    }
    embedder = {name: measure(neutral[f"{name}_en"], neutral[f"{name}_ko"]) for name in pairs}
    print("Korean-English, accuracy at 1; mixed: among all other texts of both languages")
    print(f"{'embedder':16}{'pairs':>7}{'ko>en':>10}{'en>ko':>10}{'mixed':>10}")
    for name, row in embedder.items():
        print(
            f"{name:16}{row['pairs']:7}{row['ko>en']:10.3f}{row['en>ko']:10.3f}{row['mixed']:10.3f}"
        )
    ranking = koen_ranking.ranking_report(pairs, neutral, english)
    koen_ranking.print_report(ranking)
    print(flush=True)
    return {"embedder": embedder, "final_ranking": ranking}


if __name__ == "__main__":
    sys.exit(main())
