"""From sources to one training corpus: sampled, decontaminated, de-duplicated, unconfounded.

Deterministic from the recipe's seed: rows are ordered by a hash of the seed and their id, never by chance.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from labels.taxonomy import LABEL_NAMES, LabelName
from training.near_duplicates import NearDuplicateIndex, message_key
from training.recipe import CorpusRecipe
from training.sources import all_sources, get_source
from training.sources.base import Example, Split

TRAINABLE_FOLDERS = ("open", "authored")
POSITIVE = 0.5
"""A soft label at or above this counts as a positive in sampling and in tables."""


class CorpusError(Exception):
    """The recipe asks for what must not be trained on."""


@dataclass(frozen=True)
class SourceCount:
    """What became of one source's training rows."""

    source: str
    available: int
    sampled: int
    like_evaluation: int
    near_duplicates: int
    kept: int


@dataclass(frozen=True)
class LabelCount:
    """Known training labels of one label in one language."""

    label: str
    language: str
    positives: int
    negatives: int
    masked_negatives: int


@dataclass(frozen=True)
class Corpus:
    """Training and validation examples, and how they came about."""

    train: list[Example]
    validation: list[Example]
    sources: list[SourceCount]
    labels: list[LabelCount]


def build_corpus(recipe: CorpusRecipe) -> Corpus:
    """Sample every source of the recipe, drop what resembles an evaluation, and mask confounded labels.

    Raises CorpusError when a source may only judge, and SourceError when one cannot be read.
    """
    for name in recipe.rows:
        if get_source(name).folder not in TRAINABLE_FOLDERS:
            folder = get_source(name).folder
            raise CorpusError(f"{name} is in {folder}/: it may judge a model, never train one")
    held_out = NearDuplicateIndex()
    for example in evaluation_examples():
        held_out.find_or_add(_key(example))
    seen = NearDuplicateIndex()
    validation: list[Example] = []
    train: list[Example] = []
    counts: list[SourceCount] = []
    pools = {name: _pools(name) for name in recipe.rows}
    for name, rows in recipe.rows.items():
        share = max(1, round(rows * recipe.validation_share))
        sampled = _sample(pools[name]["validation"], share, recipe.seed)
        validation.extend(merged for merged in _merge(sampled) if not seen.find_or_add(_key(merged)))
    for name, rows in recipe.rows.items():
        sampled = _sample(pools[name]["train"], rows, recipe.seed)
        merged = _merge(sampled)
        clean = [example for example in merged if _key(example) not in held_out]
        fresh = [example for example in clean if not seen.find_or_add(_key(example))]
        train.extend(fresh)
        counts.append(
            SourceCount(
                source=name,
                available=len(pools[name]["train"]),
                sampled=len(sampled),
                like_evaluation=len(merged) - len(clean),
                near_duplicates=len(sampled) - len(merged) + len(clean) - len(fresh),
                kept=len(fresh),
            )
        )
    train, label_counts = mask_confounded(train, recipe.negatives_per_positive, recipe.seed)
    repeated = [example for example in train for _ in range(recipe.repeats.get(example.source, 1))]
    return Corpus(repeated, validation, counts, label_counts)


def evaluation_examples() -> Iterator[Example]:
    """All that may only judge: the evaluation folders, and the test splits of the trainable sources."""
    for source in all_sources().values():
        judges_only = source.folder not in TRAINABLE_FOLDERS
        for example in source.examples():
            if judges_only or example.split == "test":
                yield example


def _pools(name: str) -> dict[Split, list[Example]]:
    pools: dict[Split, list[Example]] = {"train": [], "validation": [], "test": []}
    for example in get_source(name).examples():
        pools[example.split].append(example)
    return pools


def _key(example: Example) -> str:
    return message_key(example.text, example.context)


def _order(example: Example, seed: int) -> bytes:
    return hashlib.sha256(f"{seed}/{example.source}/{example.group}".encode()).digest()


def _is_positive(example: Example) -> bool:
    return any(value >= POSITIVE for value in example.labels.values())


def _sample(examples: Sequence[Example], rows: int, seed: int) -> list[Example]:
    """At most ``rows`` examples, of which up to half carry a label where the source has that many."""
    ordered = sorted(examples, key=lambda example: _order(example, seed))
    positives = [example for example in ordered if _is_positive(example)]
    others = [example for example in ordered if not _is_positive(example)]
    take_positives = max(rows // 2, rows - len(others))
    return [*positives[:take_positives], *others[: rows - min(take_positives, len(positives))]]


def _merge(examples: Iterable[Example]) -> list[Example]:
    """One example for rows that are the same message: their known labels are averaged, as votes are."""
    groups: dict[str, list[Example]] = defaultdict(list)
    for example in examples:
        groups[_key(example)].append(example)
    return [_vote(group) if len(group) > 1 else group[0] for group in groups.values()]


def _vote(group: Sequence[Example]) -> Example:
    labels: dict[LabelName, float] = {}
    for name in LABEL_NAMES:
        votes = [example.labels[name] for example in group if name in example.labels]
        if votes:
            labels[name] = sum(votes) / len(votes)
    intents = Counter(example.intent for example in group if example.intent)
    intent = intents.most_common(1)[0][0] if intents else None
    return replace(group[0], labels=labels, intent=intent)


def mask_confounded(
    examples: Sequence[Example], negatives_per_positive: float, seed: int
) -> tuple[list[Example], list[LabelCount]]:
    """Mask known negatives beyond a ratio to the positives of the same label in the same language.

    Without it a label that a language's sources never carry teaches "this language is never that".
    Examples left without any known label are dropped.
    """
    masked: dict[int, set[LabelName]] = defaultdict(set)
    counts: list[LabelCount] = []
    cells: dict[tuple[LabelName, str], list[int]] = defaultdict(list)
    for index, example in enumerate(examples):
        for name in example.labels:
            cells[name, example.lang].append(index)
    for (name, language), indexes in sorted(cells.items()):
        negatives = [index for index in indexes if examples[index].labels[name] < POSITIVE]
        positives = len(indexes) - len(negatives)
        negatives.sort(key=lambda index: _order(examples[index], seed))
        excess = negatives[int(positives * negatives_per_positive) :]
        for index in excess:
            masked[index].add(name)
        counts.append(LabelCount(name, language, positives, len(negatives) - len(excess), len(excess)))
    kept = [
        replace(example, labels={n: v for n, v in example.labels.items() if n not in masked[index]})
        for index, example in enumerate(examples)
    ]
    return [example for example in kept if example.labels], counts
