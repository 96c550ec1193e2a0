"""The results as text."""

from __future__ import annotations

from typing import Any

from bench.speed.targets import Target

COLUMNS = ("CPU s", "x ours", "ns/pair", "recall", "peak MiB", "how")


def case_table(case: dict[str, Any]) -> str:
    """Return one case's contenders, the fastest first, those that did not run last."""
    results = case["results"]
    ours = results.get("ours", {}).get("cpu")
    ran = sorted((row for row in results.values() if "cpu" in row), key=lambda row: row["cpu"])
    lines = [
        f"\n{case['count']:,} + {case['count']:,} people, {case['dimension']} dimensions,"
        f" {case['rounds']} rounds, best 50 for both sides, one thread",
        line_of("", COLUMNS),
    ]
    lines += [line_of(row["title"], cells(row, case["count"], ours)) for row in ran]
    lines += [
        f"{name:48}not run: {row['missing']}" for name, row in results.items() if "missing" in row
    ]
    return "\n".join(lines)


def line_of(title: str, columns: tuple[str, ...]) -> str:
    """Return one line."""
    *figures, how = columns
    return f"{title:48}" + "".join(f"{figure:>10}" for figure in figures) + f"  {how}"


def cells(row: dict[str, Any], count: int, ours: float | None) -> tuple[str, ...]:
    """Return a contender's figures."""
    recall = row.get("recall")
    return (
        f"{row['cpu']:.2f}",
        f"{row['cpu'] / ours:.2f}" if ours else "",
        f"{1e9 * row['cpu'] / count**2:.2f}",
        f"{recall:.4f}" if isinstance(recall, float) else "",
        f"{row['peak'] / 2**20:.0f}",
        how(row),
    )


def how(row: dict[str, Any]) -> str:
    """Return what one must know of a figure."""
    said = []
    if row["measured_share"] < 1 and "gflops" not in row:
        said.append(f"scaled from {100 * row['measured_share']:.2g} %")
    if "breadth" in row:
        said.append(f"breadth {row['breadth']}, of it two indexes {row['build_cpu']:.1f}")
    if row["title"].startswith("pgvector"):
        said.append("memory of the client alone")
    if "allowed" in row:
        said.append(f"{100 * row['allowed']:.1f} % of the pairs")
    if "int8" in row["title"] and row.get("found_by") == "float32":
        said.append("its audit failed: float32 was used")
    if "gflops" in row:
        said.append(f"{max(row['gflops'].values()):.0f} Gflop/s")
    return "; ".join(said)


def target_table(targets: list[Target]) -> str:
    """Return every target with its verdict."""
    lines = ["", f"{'target':64}{'people':>8}{'D':>6}{'reached':>10}{'goal':>10}  verdict"]
    for each in targets:
        reached = "" if each.value is None else f"{each.value:.3g}"
        goal = ("<= " if each.at_most else ">= ") + f"{each.goal:g}"
        lines.append(
            f"{each.what:64}{each.count:>8}{each.dimension:>6}{reached:>10}{goal:>10}"
            f"  {each.verdict}"
        )
    return "\n".join(lines)


def machine_lines(machine: dict[str, Any], kernels: dict[str, Any]) -> str:
    """Return what the figures depend on."""
    lines = [", ".join(f"{key} {value}" for key, value in machine.items() if key != "versions")]
    lines.append(", ".join(f"{name} {version}" for name, version in machine["versions"].items()))
    for library, found in kernels.items():
        tried = ", ".join(
            f"{'its own choice' if name == 'None' else name} {row['gflops']} {row['blas']}"
            for name, row in found["tried"].items() if row
        )  # fmt: skip
        chosen = found["chosen"] or "its own choice"
        lines.append(f"BLAS kernel of {library}: {chosen} (Gflop per CPU second: {tried})")
    return "\n".join(lines)
