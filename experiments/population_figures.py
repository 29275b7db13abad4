"""The people drawn: pyramids, who is ill at which age and where, and which conditions come together."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WOMEN, MEN, INK, PUBLISHED = "#7a3e9d", "#2a7f8e", "#333333", "#d1495b"
TITLES = {
    "copd": "COPD", "chd": "coronary heart disease", "cmd": "common mental disorder",
    "smi": "severe mental illness", "adhd": "ADHD",
}  # fmt: skip


def title_of(condition: str) -> str:
    """Return a condition's name as a reader would write it."""
    return TITLES.get(condition, condition.replace("_", " "))


def draw(document: Mapping[str, Any], out: Path) -> dict[str, Path]:
    """Draw every figure of a population document into `out` and return their files by name."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    plt.rcParams.update({"font.size": 9, "axes.spines.top": False, "axes.spines.right": False, "figure.dpi": 110})
    figures = {
        "pyramids": pyramids(document),
        "prevalence_by_age": by_age(document),
        "prevalence_by_deprivation": by_deprivation(document),
        "prevalence_by_system": by_system(document),
        "comorbidity": comorbidity(document),
    }
    files = {}
    for name, figure in figures.items():
        files[name] = out / f"{name}.png"
        figure.savefig(files[name], bbox_inches="tight")
        plt.close(figure)
    return files


def pyramids(document: Mapping[str, Any]) -> "Figure":
    """Draw women and men by five years of age in each delivery system, the whole area as an outline."""
    import matplotlib.pyplot as plt

    data = document["pyramids"]
    everyone = {sex: np.sum([p[sex] for p in data.values()], axis=0) for sex in ("female", "male")}
    total = sum(side.sum() for side in everyone.values())
    ages = np.arange(18) * 5
    wide = max(2.7 * len(data), 4.2)
    figure, (axes,) = plt.subplots(1, len(data), figsize=(wide, 4.2), sharey=True, sharex=True, squeeze=False)
    for axis, (system, sides) in zip(axes, data.items(), strict=True):
        n = sum(np.sum(side) for side in sides.values())
        for sex, sign, colour in (("male", -1, MEN), ("female", 1, WOMEN)):
            axis.barh(ages + 2.5, sign * 100 * np.array(sides[sex]) / n, height=4.6, color=colour, alpha=0.8)
            axis.step(
                sign * 100 * np.append(everyone[sex], everyone[sex][-1]) / total,
                np.append(ages, 90),
                color=INK,
                lw=0.8,
            )
        axis.set_title(f"{system}\n{n:,.0f} residents", fontsize=9)
        axis.set_xticks([-4, -2, 0, 2, 4], ["4", "2", "0", "2", "4"])
    axes[0].set_ylabel("age (85+ together)")
    axes[0].text(-4.2, 86, "men", color=MEN)
    axes[0].text(2.2, 86, "women", color=WOMEN)
    figure.supxlabel("% of the system's residents; line: the whole area", fontsize=9)
    figure.tight_layout()
    return figure


def by_age(document: Mapping[str, Any]) -> "Figure":
    """Draw prevalence by age and sex (lines), beside the published or assumed rate the tables hold (dots)."""
    import matplotlib.pyplot as plt

    data = document["by_age"]
    figure, axes = plt.subplots(4, 6, figsize=(15, 9), sharex=True)
    for axis, (condition, sides) in zip(axes.flat, data.items(), strict=False):
        for sex, colour in (("female", WOMEN), ("male", MEN)):
            axis.plot(np.arange(18) * 5 + 2.5, 100 * np.array(sides[sex]["modelled"]), color=colour, lw=1.5)
            axis.plot(
                np.arange(18) * 5 + 2.5,
                100 * np.array(sides[sex]["table"]),
                "o",
                ms=3,
                color=colour,
                mfc="none",
            )
        axis.set_title(title_of(condition), fontsize=9)
        axis.set_ylim(bottom=0)
    for axis in axes.flat[len(data) :]:
        axis.set_visible(False)
    figure.supylabel("% of residents of that age and sex")
    figure.supxlabel("age.  Lines: modelled L&SC, women purple, men teal.  Circles: the table's England rate or shape")
    figure.tight_layout()
    return figure


def by_deprivation(document: Mapping[str, Any]) -> "Figure":
    """Draw crude prevalence by national tenth of deprivation, over its mean, beside England's registers."""
    import matplotlib.pyplot as plt

    data = document["by_decile"]
    figure, axes = plt.subplots(3, 5, figsize=(14, 7.5), sharex=True)
    for axis, (condition, row) in zip(axes.flat, data.items(), strict=False):
        axis.plot(range(1, 11), row["modelled"], color=INK, lw=1.5)
        if row["published"]:
            axis.plot(range(1, 11), row["published"], "o", color=PUBLISHED, ms=4, mfc="none")
        axis.axhline(1, color="#cccccc", lw=0.7, zorder=0)
        axis.set_title(title_of(condition), fontsize=9)
        axis.set_xticks([1, 5, 10])
    for axis in axes.flat[len(data) :]:
        axis.set_visible(False)
    figure.supylabel("prevalence ÷ mean of the tenths")
    figure.supxlabel(
        "tenth of deprivation (1 most deprived).  Line: modelled L&SC.  Circles: England, QOF 2019/20 (crude)"
    )
    figure.tight_layout()
    return figure


def by_system(document: Mapping[str, Any]) -> "Figure":
    """Draw prevalence in each delivery system (bars) and the published registers of its districts."""
    import matplotlib.pyplot as plt

    data = document["by_system"]
    systems = list(document["pyramids"])
    figure, axes = plt.subplots(2, 6, figsize=(15, 5.6))
    for axis, (condition, rows) in zip(axes.flat, data.items(), strict=False):
        y = np.arange(len(systems))
        axis.barh(y, [100 * rows[s]["modelled"] for s in systems], color="#9db4c0", height=0.65)
        axis.plot([100 * rows[s]["published"] for s in systems], y, "o", color=PUBLISHED, mfc="none")
        axis.set_yticks(y, systems if axis in axes[:, 0] else [""] * len(systems))
        axis.invert_yaxis()
        axis.set_title(title_of(condition), fontsize=9)
    for axis in axes.flat[len(data) :]:
        axis.set_visible(False)
    figure.supxlabel("% of the register's own denominator.  Bars: modelled.  Circles: published", fontsize=9)
    figure.tight_layout()
    return figure


def comorbidity(document: Mapping[str, Any]) -> "Figure":
    """Draw the odds ratio of every pair of conditions within age, sex and deprivation."""
    import matplotlib.pyplot as plt

    names = document["comorbidity"]["names"]
    matrix = np.array(document["comorbidity"]["odds_ratio"], float)
    lower = np.where(np.tri(len(names), k=-1, dtype=bool), np.log2(np.clip(matrix, 0.25, 32)), np.nan)
    figure, (axis, side) = plt.subplots(1, 2, figsize=(15, 8), width_ratios=[2.2, 1])
    image = axis.imshow(lower, cmap="PuOr_r", vmin=-4, vmax=4)
    for i in range(len(names)):
        for j in range(i):
            known = np.isfinite(matrix[i, j])
            colour = "white" if known and abs(lower[i, j]) > 2.6 else INK
            label = f"{matrix[i, j]:.1f}" if known else "–"
            axis.text(j, i, label, ha="center", va="center", fontsize=6.5, color=colour)
    axis.set_xticks(range(len(names)), [title_of(n) for n in names], rotation=90)
    axis.set_yticks(range(len(names)), [title_of(n) for n in names])
    axis.set_title("odds ratio of each pair, within age, sex and deprivation", fontsize=10)
    bar = figure.colorbar(image, ax=axis, shrink=0.6, ticks=[-4, -2, 0, 2, 4])
    bar.ax.set_yticklabels(["1/16", "1/4", "1", "4", "16"])
    rows = document["checks"]
    y = np.arange(len(rows))
    side.plot([r["modelled"] for r in rows], y, "s", color=INK, ms=5, label="modelled")
    side.plot([r["published"] for r in rows], y, "o", color=PUBLISHED, ms=8, mfc="none", label="published")
    side.set_yticks(y, [f"{title_of(r['name'])}: {title_of(r['group'])}" for r in rows])
    side.invert_yaxis()
    side.set_xscale("log")
    side.set_xticks([1, 2, 3, 5, 7], ["1", "2", "3", "5", "7"])
    side.minorticks_off()
    side.axvline(1, color="#cccccc", lw=0.7)
    side.legend(frameon=False)
    side.set_title("odds ratios (severe mental illness: prevalence ratios)\nof the finished people", fontsize=10)
    figure.tight_layout()
    return figure
