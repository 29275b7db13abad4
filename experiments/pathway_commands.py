"""`parity pathway`: run a pathway that stands alone, and check, draw or export any."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from experiments.console import answer, progress_bar
from experiments.options import Json, PathwayFile, Seed, within

app = typer.Typer(no_args_is_help=True, help="Pathway files: run one alone, check, draw or export it.")


@app.command(
    "run",
    epilog="parity pathway run crisis-line.toml --days 100 --replications 50\n\n"
    "parity pathway run crisis-line.toml --every '1 h' --json > answer.json",
)
def pathway_run(
    file: PathwayFile,
    days: Annotated[int, typer.Option(callback=within(1), help="Days measured, after the warm-up.")] = 365,
    warm_up: Annotated[int, typer.Option(callback=within(0), help="Days before measuring begins.")] = 90,
    replications: Annotated[int, typer.Option(callback=within(1), help="Runs, each with luck of its own.")] = 20,
    seed: Seed = 1,
    every: Annotated[str | None, typer.Option(help="Also a series: one row per interval, such as '1 h'.")] = None,
    json: Json = False,
) -> None:
    """Run a stand-alone pathway, one that brings its own arrivals and teams."""
    from experiments import standalone, standalone_tables

    with progress_bar("Replications") as progress:
        document = standalone.run(
            file,
            days=days,
            warm_up=warm_up,
            replications=replications,
            seed=seed,
            every=every,
            progress=progress,
        )
    answer(document, standalone_tables.tables, json)


@app.command(
    "size",
    epilog="parity pathway size crisis-line.toml --within '15 min' --share 0.9",
)
def pathway_size(
    file: PathwayFile,
    within_time: Annotated[
        str | None,
        typer.Option("--within", help="A standard for every state of the file that has staff or places and none."),
    ] = None,
    share: Annotated[
        float, typer.Option(callback=within(0.01, 1), help="With --within: share of patients who must be in time.")
    ] = 0.95,
    assurance: Annotated[
        float, typer.Option(callback=within(0.01, 0.99), help="Share of years in which each target must hold.")
    ] = 0.8,
    confidence: Annotated[
        float, typer.Option(callback=within(0.5, 0.9999), help="Confidence of each decision.")
    ] = 0.95,
    budget: Annotated[str, typer.Option(help="Time to stop after; what is open is then shown as a bracket.")] = "2 min",
    days: Annotated[int, typer.Option(callback=within(1), help="Days of a simulated year.")] = 365,
    warm_up: Annotated[int, typer.Option(callback=within(0), help="Days before measuring begins.")] = 90,
    seed: Seed = 1,
    json: Json = False,
) -> None:
    """The least staff and places with which a stand-alone pathway keeps its standards."""
    from experiments.planning import sizing
    from pathways.durations import seconds

    budget_seconds = seconds(budget, key="--budget")
    standards = sizing.standards_for(file, within_time, share) if within_time else {}
    with progress_bar("Sizing") as progress:
        document = sizing.size_standalone(
            file,
            standards=standards,
            assurance=assurance,
            confidence=confidence,
            budget_seconds=budget_seconds,
            days=days,
            warm_up=warm_up,
            seed=seed,
            progress=progress,
        )
    answer(document, sizing.tables, json)


@app.command("check", epilog="parity pathway check crisis-line.toml")
def pathway_check(file: PathwayFile, json: Json = False) -> None:
    """Check a pathway file; says what is wrong, where, and what was probably meant."""
    from pathways import checks, files

    pathway = files.read(file)
    checks.check(pathway)
    document = {
        "file": file,
        "name": pathway.name,
        "right": True,
        "states": len(pathway.states()),
        "routes": len(list(pathway.routes())),
    }
    answer(
        document,
        lambda d: [f"{d['file']}: right ({d['name']}: {d['states']} states, {d['routes']} routes)"],
        json,
    )


@app.command("draw", epilog="parity pathway draw crisis-line.toml --out crisis-line.svg")
def pathway_draw(
    file: PathwayFile,
    out: Annotated[Path | None, typer.Option(help="Picture to write (.svg, .png). Default: FILE.svg here.")] = None,
    json: Json = False,
) -> None:
    """Draw a pathway."""
    from pathways import drawing, files

    target = out or Path(file.stem + ".svg")
    drawing.draw(files.read(file), target)
    answer({"file": file, "written": target}, lambda d: [f"wrote {d['written']}"], json)


@app.command("export", epilog="parity pathway export crisis-line.toml --out crisis-line.mmd")
def pathway_export(
    file: PathwayFile,
    out: Annotated[
        Path | None,
        typer.Option(help="File to write: .graphml, .mmd (Mermaid) or .dot. Default: FILE.graphml here."),
    ] = None,
    json: Json = False,
) -> None:
    """Write a pathway for other programs: GraphML, Mermaid, DOT."""
    from pathways import exporting, files

    target = out or Path(file.stem + ".graphml")
    exporting.export(files.read(file), target)
    answer({"file": file, "written": target}, lambda d: [f"wrote {d['written']}"], json)


@app.command("reached", epilog="parity pathway reached results --least 30")
def pathway_reached(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a finished run.")],
    least: Annotated[int, typer.Option(callback=within(1), help="How often something should have been taken.")] = 30,
    markdown: Annotated[Path | None, typer.Option(help="Write the rarer ones as a page as well.")] = None,
    json: Json = False,
) -> None:
    """Which states and routes people took in a finished run; what was rarer, with its number expected in a year."""
    from experiments import reached

    document = reached.reached(run, least)
    if markdown is not None:
        markdown.write_text(reached.markdown(document), encoding="utf-8")
    answer(document, reached.tables, json)
