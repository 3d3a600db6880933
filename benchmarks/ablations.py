"""What each choice behind the released model is worth: the same short training, one thing changed at a time.

Run it with ``python -m benchmarks.ablations runs/<version>`` after ``vigie train``; it renews the table in
docs/models.md. A variant trains once over a twelfth of the run's corpus, and a run goes on where it was cut.
"""

import hashlib
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from serving.engine.engine import Engine
from training.artefact import build_artefact
from training.evaluate.report import headline, insert_between, number, table
from training.evaluate.run import METRICS_FILES, Evaluation, evaluate, read_metrics, write_metrics
from training.evaluate.suites import get_suite
from training.finetune import WEIGHTS_FILE, finetune, prepare_encoder, save_trained
from training.recipe import Recipe, read_recipe
from training.run import RECIPE_FILE, load_or_build_corpus, run_tokenizer, write_corpus
from training.sources.base import CARRIED, Example

SHARE = 12
"""One training example in so many, and one validation example."""

SUITES = (
    "hatecheck_en",
    "multilingual_hatecheck",
    "edos_test",
    "germeval2018_test",
    "sexism_politicians_fr",
    "cyberagression_v1_fr",
    "telecom_fr_test",
    "perfume_chat_fr_test",
    "everyday_fr",
)
PAGE = Path(__file__).parent.parent / "docs" / "models.md"


@dataclass(frozen=True)
class Variant:
    """One thing changed: which examples are shown, and how; or the training recipe."""

    name: str
    show: Callable[[Example], Example | None] = lambda example: example
    training: Mapping[str, object] = field(default_factory=dict)


def _without_authored(example: Example) -> Example | None:
    return None if example.source == "vigie_authored" else example


def _soft_no_unknown(example: Example) -> Example:
    """As the first model had it: what is only softly not toxic is not known."""
    soft = 0 < example.labels.get("toxicity", 0) < CARRIED
    if example.labels.get("hate") == 0 and soft:
        return replace(example, labels={n: v for n, v in example.labels.items() if n != "toxicity"})
    return example


VARIANTS = (
    Variant("as released"),
    Variant("without the messages written for Vigie", _without_authored),
    Variant("no toxicity known where an adversarial source says no hate", _soft_no_unknown),
    Variant("the vocabulary frozen", training={"train_embeddings": False}),
    Variant("no fast tier", training={"fast_weight": 0.0}),
    Variant("no disguised spellings", training={"disguised": 0.0}),
    Variant("no foreign contexts", training={"random_context": 0.0}),
    Variant("dropout 0.1 in the encoder", training={"dropout": 0.1}),
)


def _drawn(example: Example) -> bool:
    return int(hashlib.sha256(example.id.encode()).hexdigest(), 16) % SHARE == 0


def measure(variant: Variant, run: Path, folder: Path) -> Evaluation:
    """Train and evaluate a variant in ``folder``, or read what it gave the last time."""
    metrics = folder / METRICS_FILES["full"]
    if metrics.exists():
        return read_metrics(metrics)
    whole = read_recipe(run / RECIPE_FILE)
    recipe = whole.model_copy(
        update={"training": whole.training.model_copy(update={"epochs": 1, **variant.training})}
    )
    _train(variant, recipe, run, folder)
    build_artefact(recipe, folder, folder / "artefact")
    evaluation = evaluate(Engine(folder / "artefact"), [get_suite(name) for name in SUITES])
    write_metrics(evaluation, metrics)
    return evaluation


def _train(variant: Variant, recipe: Recipe, run: Path, folder: Path) -> None:
    if (folder / WEIGHTS_FILE).exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(run / RECIPE_FILE, folder / RECIPE_FILE)
    corpus = load_or_build_corpus(recipe, run)
    texts = (text for example in corpus.train for text in (example.text, *example.context))
    encoder = prepare_encoder(recipe, texts, folder).model  # of the whole corpus: one vocabulary for all
    drawn = [shown for example in corpus.train if _drawn(example) and (shown := variant.show(example))]
    validation = [example for example in corpus.validation if _drawn(example)]
    write_corpus(replace(corpus, train=drawn, validation=validation), folder)
    model = finetune(encoder, run_tokenizer(recipe, folder), drawn, recipe.training, folder)
    save_trained(model, folder)


def report(evaluations: Mapping[str, Evaluation]) -> str:
    """Every suite's headline figure, by variant."""
    first = next(iter(evaluations.values()))
    header = ["variant"]
    for result in first.results:
        header.append(f"{result.title}, {headline(result, result.questions[0])[0]}")
    rows = [[name, *_figures(evaluation)] for name, evaluation in evaluations.items()]
    return table(header, rows)


def _figures(evaluation: Evaluation) -> list[str]:
    return [number(headline(result, result.questions[0])[1]) for result in evaluation.results]


def main(run: Path, names: Sequence[str]) -> None:
    """Measure the variants that are named, or all, and renew the table."""
    evaluations = {}
    for variant in VARIANTS:
        folder = run / "ablations" / variant.name.replace(" ", "-")
        if not names or variant.name in names or (folder / METRICS_FILES["full"]).exists():
            evaluations[variant.name] = measure(variant, run, folder)
            insert_between(PAGE, "ablations", report(evaluations))
    print(report(evaluations))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
