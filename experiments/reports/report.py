"""The report of a sizing or of simulated years: one page for planners, and one workbook.

answer → each delivery system → what they share → uncertain parameters → how it was found → what it rests on
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from abm.setting import Setting
from experiments.reports import workbook
from experiments.reports.blocks import Section
from experiments.reports.material import Case, Material
from experiments.reports.method import assumptions_section, method_section
from experiments.reports.page import rendered, write_whole
from experiments.reports.summary import summary
from experiments.reports.systems import shared_section, system_section
from experiments.reports.uncertain import uncertain_sections


def write(
    document: Mapping[str, Any] | None, cases: Sequence[Case], setting: Setting, out: Path | str
) -> dict[str, Path]:
    """Write `report.html` and `report.xlsx` into `out`, each whole or not at all, and return their paths by name.

    Parameters
    ----------
    document : the document of `parity size` (`docs/sizing.md`), or None for a report of simulated years alone
    cases : simulated years: the plan in question first, then those it is set beside
    setting : the area the cases were run in
    """
    material = Material(document, list(cases), setting)
    place = Path(out)
    place.mkdir(parents=True, exist_ok=True)
    written = {"html": place / "report.html", "xlsx": place / "report.xlsx"}
    write_whole(written["html"], page(material).encode("utf-8"))
    write_whole(written["xlsx"], workbook.made(material))
    return written


def page(material: Material) -> str:
    """Return the page as HTML text that needs nothing from outside."""
    document = material.document or {}
    heading = ", ".join(filter(None, (material.area, document.get("year"))))
    return rendered(
        sections(material),
        title=f"{'Staff and beds' if document else 'Simulated years'}: {heading}",
        kind="How many staff and beds" if document else "What was simulated",
        heading=heading,
        scenario=document.get("scenario") or material.main.about.get("title") or material.main.name,
        numbers_in="report.xlsx",
    )


def sections(material: Material) -> list[Section]:
    """Return the sections of the page in order."""
    return [
        summary(material),
        *(system_section(material, system) for system in material.systems),
        shared_section(material),
        *uncertain_sections(material),
        method_section(material),
        assumptions_section(material),
    ]
