"""Writes a released model's card in the Hugging Face form; all of it is generated."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from labels.taxonomy import INTENTS, LABELS
from serving.engine.artefact import ModelConfig
from training.corpus import LabelCount, SourceCount
from training.corpus_tables import corpus_tables
from training.evaluate.report import full_report, table, tiers_table
from training.evaluate.run import Evaluation
from training.recipe import read_recipe
from training.sources import get_source
from training.sources.base import Source

CARD_FILE = "README.md"

_TAGS = (
    "content-moderation",
    "hate-speech",
    "sexism",
    "racism",
    "toxicity",
    "customer-service",
    "multilingual",
)

_USES = (
    "Vigie scores a short message (a comment, a chat line, a direct message), read in its context where "
    "there is one, for the labels below. It helps moderators: it orders their queue, flags what a "
    "client's charter says, and leaves doubtful messages to people. French comes first; the languages "
    "above are those that the vocabulary covers, and the tables say how well each is measured.\n\n"
    "Not for: deciding alone about people, judging authors rather than messages, measuring what somebody "
    "believes, law enforcement, or long documents. Scores are calibrated on validation data like the "
    "training data; on other audiences, check the thresholds on your own messages first. A message in a "
    "script that the vocabulary does not cover is not scored."
)


@dataclass(frozen=True)
class Card:
    """What a card is written from.

    ``evaluation`` is the full tier's, ``fast`` the other's; ``facts`` name and tell (machine, time, checks of
    the export …); ``weaknesses`` is Markdown; ``plots`` are captions by file name, in the card's folder.
    """

    config: ModelConfig
    recipe: Path
    sources: Sequence[SourceCount]
    labels: Sequence[LabelCount]
    evaluation: Evaluation
    fast: Evaluation
    facts: Mapping[str, str]
    weaknesses: str
    plots: Mapping[str, str]


def write_card(card: Card, folder: Path) -> Path:
    """Write the card into the released model's folder; returns its path."""
    path = folder / CARD_FILE
    path.write_text(card_markdown(card), encoding="utf-8")
    return path


def card_markdown(card: Card) -> str:
    """The whole card."""
    sections = {
        "Intended use and limits": _USES,
        "Labels": _definitions(),
        "Training data": corpus_tables(card.sources, card.labels),
        "Training": _training(card),
        "Evaluation": full_report(card.evaluation).strip(),
        "The fast tier": tiers_table(card.evaluation, card.fast),
        "Plots": "\n\n".join(f"![{caption}]({name})" for name, caption in card.plots.items()),
        "Known weaknesses": card.weaknesses.strip(),
        "Making it again": _reproduction(card),
        "Attribution": _attribution(card),
    }
    body = "\n\n".join(f"## {title}\n\n{text}" for title, text in sections.items() if text)
    return f"{_front_matter(card)}\n# {card.config.version}\n\n{_opening(card)}\n\n{body}\n"


def _trained_on(card: Card) -> list[Source]:
    return [get_source(count.source) for count in card.sources if count.kept]


def _front_matter(card: Card) -> str:
    hubs = [source.hub.path for source in _trained_on(card) if source.hub]
    return "\n".join(
        [
            "---",
            _yaml_list("language", card.config.languages),
            "license: apache-2.0",
            "library_name: onnx",
            "pipeline_tag: text-classification",
            _yaml_list("tags", _TAGS),
            f"base_model: {json.dumps(read_recipe(card.recipe).encoder)}",
            *([_yaml_list("datasets", hubs)] if hubs else []),
            "---\n",
        ]
    )


def _yaml_list(key: str, values: Sequence[str]) -> str:
    """JSON strings are YAML; unquoted, the language ``no`` would be false."""
    return "\n".join([f"{key}:", *(f"- {json.dumps(value)}" for value in values)])


def _opening(card: Card) -> str:
    return (
        f"A content-moderation classifier: `{read_recipe(card.recipe).encoder}`, its vocabulary pruned where "
        "the recipe says so, fine-tuned for five labels and the intents of customers' cases at once, "
        "exported to ONNX and quantised to int8. It is served by [Vigie](../../README.md), which names this "
        "version in every answer."
    )


def _definitions() -> str:
    labels = table(
        ["label", "a message carries it when it", "en français", "source"],
        [[f"`{d.name}`", d.en, d.fr, d.source] for d in LABELS],
    )
    intents = table(
        ["SAV intent", "meaning", "en français"],
        [[f"`{d.name}`", d.en, d.fr] for d in INTENTS],
    )
    return (
        f"{labels}\n\nA message may carry several. Quoting, reporting or condemning such content is not "
        f"carrying it.\n\n{intents}"
    )


def _training(card: Card) -> str:
    facts = table(["fact", "value"], [[name, value] for name, value in card.facts.items()])
    recipe = f"```toml\n{card.recipe.read_text(encoding='utf-8').strip()}\n```"
    return "\n\n".join(part for part in (facts, "The recipe:", recipe) if part)


def _reproduction(card: Card) -> str:
    sums = table(["file", "SHA-256"], [[f"`{n}`", f"`{d}`"] for n, d in card.evaluation.checksums.items()])
    suites = table(
        ["evaluation set", "messages", "SHA-256 of messages and gold"],
        [[f"`{r.name}`", f"{r.rows:,}", f"`{r.sha256}`"] for r in card.evaluation.results],
    )
    libraries = ", ".join(f"{name} {version}" for name, version in card.evaluation.libraries.items())
    return (
        f"```sh\nvigie train {card.recipe}\n```\n\nThe released files:\n\n{sums}\n\n"
        f"Evaluated with {libraries}, on:\n\n{suites}"
    )


def _attribution(card: Card) -> str:
    trained = _trained_on(card)
    judged = {result.source for result in card.evaluation.results if result.source}
    judges = [get_source(name) for name in sorted(judged - {source.name for source in trained})]
    return (
        f"Trained on:\n\n{_credits(trained)}\n\nJudged by, besides held-out parts of the above; never "
        f"trained on:\n\n{_credits(judges)}"
    )


def _credits(sources: Sequence[Source]) -> str:
    return "\n".join(f"- {s.title}: {s.citation}. {s.origin}. {s.licence}." for s in sources) or "- nothing"
