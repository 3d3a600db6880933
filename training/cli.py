"""Commands for those who make models: ``vigie data``, ``train``, ``release``, ``evaluate``."""

import logging
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

app = typer.Typer(no_args_is_help=True)
data = typer.Typer(no_args_is_help=True, help="The labelled data that models are made of.")
app.add_typer(data, name="data")

RunFolder = Annotated[
    Path | None,
    typer.Option("--run", help="The run's folder (default: runs/<version>); resumes what is there."),
]

ModelFolder = Annotated[
    Path | None, typer.Option("--model", help="A released model's folder (default: VIGIE_MODEL).")
]


@data.command("list")
def list_sources() -> None:
    """Every source: what it may be used for, languages, licence, and whether it is at hand."""
    from training.sources import all_sources

    table = Table("name", "folder", "languages", "licence", "at hand", title="Sources")
    for name, source in sorted(all_sources().items()):
        at_hand = "yes" if source.is_local() else "Hub" if source.hub else "no"
        table.add_row(name, source.folder, " ".join(source.languages), source.licence, at_hand)
    Console().print(table)


@data.command("show")
def show_source(name: str) -> None:
    """One source: where it comes from, and its labels counted by language."""
    from labels.taxonomy import LABEL_NAMES
    from training.sources import get_source
    from training.sources.summary import count_by_language

    source = get_source(name)
    console = Console()
    console.print(f"[bold]{source.title}[/bold] ({source.name}, {source.folder}/)")
    console.print(f"origin: {source.origin}\nlicence: {source.licence}\ncitation: {source.citation}")
    table = Table("language", "label", "yes", "no", "unknown")
    for language, counts in sorted(count_by_language(source.examples()).items()):
        table.add_section()
        title = f"{language}: {counts.rows} rows, {counts.with_context} with context"
        for label in LABEL_NAMES:
            cells = (counts.positives[label], counts.negatives[label], counts.unknown(label))
            table.add_row(title, label, *map(str, cells))
            title = ""
    console.print(table)


@data.command("pin")
def pin_suites() -> None:
    """Record the checksums of the evaluation suites that are at hand, as they are now."""
    from training.evaluate.pins import PINS_FILE
    from training.evaluate.pins import pin_suites as pin

    changed = pin()
    typer.echo(f"{PINS_FILE}: {', '.join(changed) or 'nothing'} changed")


@app.command()
def evaluate(
    what: Annotated[str, typer.Argument(help="A suite's name, 'all', or a JSON Lines file with labels.")],
    model: ModelFolder = None,
    out: Annotated[Path | None, typer.Option(help="Write the figures as JSON, too.")] = None,
) -> None:
    """Put an evaluation suite, or your own labelled file, to a model as it is served."""
    from serving.engine.engine import Engine
    from serving.settings import Settings
    from training.evaluate.report import full_report
    from training.evaluate.run import evaluate as put
    from training.evaluate.run import evaluate_file, write_metrics
    from training.evaluate.suites import SUITES, get_suite

    settings = Settings()
    engine = Engine(model or settings.model, settings.threads, settings.tier)
    if Path(what).is_file():
        evaluation = evaluate_file(engine, Path(what))
    else:
        everything = what == "all"
        suites = SUITES if everything else [get_suite(what)]
        evaluation = put(engine, suites, skip_missing=everything)
    if out is not None:
        write_metrics(evaluation, out)
    typer.echo(full_report(evaluation))


@app.command()
def release(
    run: Path,
    folder: Annotated[Path | None, typer.Option(help="Default: model_cards/<version>.")] = None,
    readme: Annotated[Path | None, typer.Option(help="A README whose evaluation section to renew.")] = None,
    page: Annotated[Path | None, typer.Option(help="A page whose table of targets to renew.")] = None,
) -> None:
    """Evaluate a trained run on every suite and write its released folder: model, metrics, plots, card."""
    from training.evaluate.report import insert_between, readme_section
    from training.evaluate.targets import targets_table
    from training.recipe import read_recipe
    from training.release import release as write_release
    from training.run import RECIPE_FILE

    target = folder or Path("model_cards", read_recipe(run / RECIPE_FILE).version)
    evaluations = write_release(run, target)
    if readme is not None:
        insert_between(readme, "evaluation", readme_section(evaluations["full"]))
    if page is not None:
        insert_between(page, "targets", targets_table(evaluations["full"], evaluations["fast"]))
    typer.echo(f"released {evaluations['full'].model} in {target}")


@app.command()
def train(recipe: Path, run: RunFolder = None) -> None:
    """Fine-tune a model from a recipe, then export and calibrate it; goes on where it was cut off."""
    from training.artefact import build_artefact
    from training.recipe import read_recipe
    from training.run import start_or_resume

    logging.basicConfig(format="%(asctime)s %(message)s")
    logging.getLogger("training").setLevel(logging.INFO)
    folder = run or Path("runs", read_recipe(recipe).version)
    checks = build_artefact(start_or_resume(recipe, folder), folder, folder / "artefact")
    typer.echo(
        f"{folder / 'artefact'}: {checks.model_bytes / 1e6:.1f} MB; validation macro-F1 in int8 (in fp32): "
        + ", ".join(
            f"{tier} {macro_f1:.4f} ({checks.macro_f1_fp32[tier]:.4f})"
            for tier, macro_f1 in checks.macro_f1_int8.items()
        )
    )
