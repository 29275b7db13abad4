"""The people of an area, printed and drawn beside the published figures they were made from."""

import base64
import html
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from abm import people_margins
from abm import tables as published_tables
from abm.ages import N_AGES, SEXES
from abm.conditions import CONDITIONS, prevalence_by_age
from abm.people_margins import Margin, has
from abm.population import Population, synthesise
from experiments import population_figures

if TYPE_CHECKING:
    from rich.table import Table

    from experiments.console import Progress

REGISTERS = (
    "asthma", "diabetes", "chd", "copd", "heart_failure", "stroke", "cancer", "dementia", "smi", "depression",
    "perinatal",
)  # fmt: skip
BY_AGE = (
    "diabetes", "copd", "stroke", "chd", "heart_failure", "asthma", "cancer", "dementia", "frailty", "cmd",
    "depression", "smi", "personality_disorder", "eating_disorder", "perinatal", "child_emotional",
    "child_behavioural", "adhd", "autism", "substance_misuse", "self_harm",
    "learning_disability",
)  # fmt: skip
BY_DECILE = (
    *REGISTERS[:-1],
    "frailty",
    "cmd",
    "personality_disorder",
    "substance_misuse",
    "self_harm",
    "learning_disability",
)
ILLUSTRATIVE = (
    "Illustrative: age bands and deprivation are published; small areas, delivery systems and hospitals are made up "
    "to fit them, and single years of age, ethnic groups and illness follow England's."
)
PAIRS = (*CONDITIONS[:9], "cmd", *CONDITIONS[9:16], *CONDITIONS[20:22])


def report(
    area: str = "lsc", seed: int = 1, out: Path = Path("results"), progress: "Progress | None" = None
) -> dict[str, Any]:
    """Make the people of `area`, compare them with the tables, draw them, return all that is shown."""

    def step(done: int, doing: str) -> None:
        if progress is not None:
            progress(done, 4, doing)

    step(0, "Synthesising the people")
    population = synthesise(area, seed)
    step(1, "Comparing with published figures")
    document = describe(population)
    step(3, "Drawing")
    out = Path(out)
    out.mkdir(parents=True, exist_ok=True)
    figures = population_figures.draw(document, out)
    page = out / "population.html"
    page.write_text(html_page(document, figures), encoding="utf-8")
    document["files"] = [str(path) for path in (*figures.values(), page)]
    step(4, "Done")
    return document


def describe(population: Population) -> dict[str, Any]:
    """Return the people in numbers: pyramids, prevalences, pairs, margins modelled and published."""
    margins = people_margins.all_margins(population)
    people, areas = population.people, population.areas
    system = areas["system"][people["area"]]
    return {
        "area": population.area,
        "title": population.title,
        "illustrative": population.illustrative,
        "seed": population.seed,
        "digest": population.digest,
        "residents": population.n,
        "bytes_per_resident": population.bytes_per_resident,
        "pyramids": pyramids(population, system),
        "by_age": by_age(population),
        "by_decile": by_decile(population),
        "by_system": by_system(population, system),
        "comorbidity": {
            "names": list(PAIRS),
            "odds_ratio": people_margins.odds_matrix(population, PAIRS).tolist(),
        },
        "checks": [as_row(m) for m in margins if m.kind == "check"],
        "margins": [as_row(m) for m in margins if m.kind == "used"],
        "beyond_2_percent": [as_row(m) for m in margins if m.exceeds],
    }


def as_row(margin: Margin) -> dict[str, Any]:
    """Return a margin as a row of the answer."""
    return {
        "table": margin.table, "name": margin.name, "group": margin.group, "modelled": margin.modelled,
        "published": margin.published, "difference": margin.difference, "kind": margin.kind,
        "source": margin.source,
    }  # fmt: skip


def pyramids(population: Population, system: np.ndarray) -> dict[str, dict[str, list[int]]]:
    """Return residents by delivery system, sex and five years of age (85+ together)."""
    people = population.people
    band = np.minimum(people["age"] // 5, 17)
    cell = (system.astype(np.int64) * 2 + people["sex"]) * 18 + band
    count = np.bincount(cell, minlength=len(population.systems) * 36).reshape(-1, 2, 18)
    return {
        name: {sex: count[i, s].tolist() for s, sex in enumerate(SEXES)} for i, name in enumerate(population.systems)
    }


def by_age(population: Population) -> dict[str, dict[str, dict[str, list[float]]]]:
    """Return prevalence by sex and five years of age, and the table's rate (of registers, its shape)."""
    people = population.people
    rows = published_tables.read("prevalence")
    cell = people["sex"].astype(np.int64) * N_AGES + people["age"]
    residents = np.bincount(cell, minlength=2 * N_AGES).reshape(2, N_AGES)
    starts = np.arange(18) * 5
    result = {}
    for condition in BY_AGE:
        ill = np.bincount(cell, weights=has(population, condition), minlength=2 * N_AGES).reshape(2, N_AGES)
        table: np.ndarray = prevalence_by_age(condition, rows) * residents
        if condition in REGISTERS:
            table = table * (ill.sum() / table.sum())
        n = np.maximum(np.add.reduceat(residents, starts, axis=1), 1)
        shown = {
            "modelled": np.add.reduceat(ill, starts, axis=1) / n,
            "table": np.add.reduceat(table, starts, axis=1) / n,
        }
        result[condition] = {
            sex: {key: value[s].tolist() for key, value in shown.items()} for s, sex in enumerate(SEXES)
        }
    return result


def by_decile(population: Population) -> dict[str, dict[str, list[float]]]:
    """Return crude prevalence by tenth of deprivation over its mean, and, for registers, England's."""
    decile = population.areas["decile"][population.people["area"]].astype(np.int64) - 1
    n = np.bincount(decile, minlength=10)
    rows = published_tables.read("odds_ratios")
    result = {}
    for condition in BY_DECILE:
        rate = np.bincount(decile, weights=has(population, condition), minlength=10) / n
        published = [
            float(r["published"])
            for r in rows
            if r["condition"] == condition and r["factor"] == "decile" and r["published"]
        ]
        result[condition] = {"modelled": (rate / rate.mean()).tolist(), "published": published}
    return result


def by_system(population: Population, system: np.ndarray) -> dict[str, dict[str, dict[str, float]]]:
    """Return prevalence by delivery system on each register's denominator, and that of its districts."""
    people, areas = population.people, population.areas
    district = areas["district"][people["area"]].astype(np.int64)
    n_systems, n_districts = len(population.systems), len(areas["district_names"])
    rows = people_margins.register_rows(population)
    result: dict[str, dict[str, dict[str, float]]] = {}
    for condition in REGISTERS:
        own = [r for r in rows if r["condition"] == condition]
        published = np.array(
            [next(float(r["prevalence"]) for r in own if r["district"] == d) for d in areas["district_names"]]
        )
        within = (people["age"] >= int(own[0]["from_age"])) & (people["age"] <= int(own[0]["to_age"]))
        if own[0]["sex"] != "all":
            within &= people["sex"] == SEXES.index(own[0]["sex"])
        cell = system[within].astype(np.int64) * n_districts + district[within]
        residents = np.bincount(cell, minlength=n_systems * n_districts).reshape(n_systems, n_districts)
        ill = np.bincount(system[within], weights=has(population, condition)[within], minlength=n_systems)
        result[condition] = {
            name: {
                "modelled": float(ill[i] / residents[i].sum()),
                "published": float(residents[i] @ published / residents[i].sum()),
            }
            for i, name in enumerate(population.systems)
        }
    return result


def tables(document: Mapping[str, Any]) -> Iterator["Table"]:
    """Yield the answer's tables: the systems, the joint distribution, and every margin beyond 2 %."""
    from rich.table import Table

    systems = list(document["pyramids"])
    people = Table(
        title=f"{document['residents']:,} residents of {document['title']}, seed {document['seed']}",
        title_justify="left",
        caption=ILLUSTRATIVE if document["illustrative"] else None,
        caption_justify="left",
    )
    for column in ("", *systems):
        people.add_column(column, justify="right" if column else "left")
    people.add_row("residents", *(f"{sum(map(sum, document['pyramids'][s].values())):,}" for s in systems))
    for condition, row in document["by_system"].items():
        people.add_row(
            f"{population_figures.title_of(condition)}, % (published)",
            *(f"{100 * row[s]['modelled']:.2f} ({100 * row[s]['published']:.2f})" for s in systems),
        )
    yield people
    yield margin_table("How conditions come together, within age, sex and deprivation", document["checks"])
    used = document["margins"]
    beyond = [row for row in document["beyond_2_percent"] if row["kind"] == "used"]
    table = margin_table(f"Margins beyond 2 %: {len(beyond)} of {len(used)} the synthesis uses", beyond)
    table.caption = (
        f"{document['bytes_per_resident']:.0f} bytes a resident. Digest {document['digest']}. "
        f"Drawn in {', '.join(document.get('files', []))}"
    )
    yield table


def margin_table(title: str, rows: list[dict[str, Any]]) -> "Table":
    """Return margins as a table: modelled, published, difference."""
    from rich.table import Table

    table = Table(title=title, title_justify="left", caption_justify="left")
    for column in ("", "group", "modelled", "published", "difference"):
        table.add_column(column, justify="left" if column in ("", "group") else "right")
    for row in rows:
        table.add_row(
            population_figures.title_of(row["name"]), population_figures.title_of(row["group"]),
            f"{row['modelled']:.4g}", f"{row['published']:.4g}", f"{100 * row['difference']:+.1f} %",
        )  # fmt: skip
    return table


def html_page(document: Mapping[str, Any], figures: Mapping[str, Path]) -> str:
    """Return one page with every figure and every margin, needing nothing from elsewhere."""
    pictures = "\n".join(
        f'<h2>{name.replace("_", " ")}</h2><img alt="{name}" style="max-width:100%" '
        f'src="data:image/png;base64,{base64.b64encode(path.read_bytes()).decode()}">'
        for name, path in figures.items()
    )
    rows = "\n".join(html_row(row) for row in (*document["checks"], *document["margins"]))
    return f"""<!doctype html><html lang="en"><meta charset="utf-8">
<title>The people of {html.escape(document["title"])}</title>
<style>body{{font-family:sans-serif;margin:2em auto;max-width:1100px;color:#333}}
table{{border-collapse:collapse;font-size:80%}}
td,th{{padding:2px 8px;border-bottom:1px solid #ddd;text-align:left}}
.beyond td{{background:#fbe9e7}}</style>
<h1>{document["residents"]:,} residents of {html.escape(document["title"])}</h1>
{"<p><strong>" + ILLUSTRATIVE + "</strong></p>" if document["illustrative"] else ""}
<p>Seed {document["seed"]}, {document["bytes_per_resident"]:.0f} bytes each, digest {document["digest"]}.
Margins beyond 2 % are shaded. A margin in <em>used</em> rows was given to the synthesis; <em>check</em> rows
are properties of the finished people.</p>
{pictures}
<h2>margins</h2>
<table><tr><th></th><th>what</th><th>group</th><th>modelled</th><th>published</th><th>difference</th><th>source</th></tr>
{rows}</table></html>
"""


def html_row(row: Mapping[str, Any]) -> str:
    """Return a margin as a row of the page, shaded if it is beyond 2 %."""
    shade = ' class="beyond"' if abs(row["difference"]) > people_margins.TOLERANCE else ""
    words = (row["kind"], row["name"].replace("_", " "), row["group"].replace("_", " "))
    numbers = (f"{row['modelled']:.5g}", f"{row['published']:.5g}", f"{100 * row['difference']:+.2f} %")
    cells = (*words, *numbers, row["source"])
    return f"<tr{shade}>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in cells) + "</tr>"
