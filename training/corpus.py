"""From sources to one training corpus: sampled, decontaminated, de-duplicated, unconfounded.

Deterministic from the recipe's seed: rows are ordered by a hash of the seed and their id, never by chance.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from labels.errors import VigieError
from labels.taxonomy import LABEL_NAMES, LabelName
from training.near_duplicates import MessageKey, NearDuplicateIndex, message_key
from training.recipe import CorpusRecipe
from training.sources import all_sources, get_source
from training.sources.base import CARRIED, Example, Source, SourceError, Split

TRAINABLE_FOLDERS = ("open", "authored")


class CorpusError(VigieError):
    """The recipe asks for what must not be trained on."""


@dataclass(frozen=True)
class SourceCount:
    """What became of one source's training rows.

    Of the ``sampled`` ones, ``votes`` were joined with another reading of the same message, ``held_out`` are
    like a message that judges or validates, ``duplicates`` repeat a message of this or another source,
    ``nothing_known`` lost all their labels to masking, and ``kept`` are trained on.
    """

    source: str
    available: int
    sampled: int
    votes: int
    held_out: int
    duplicates: int
    nothing_known: int
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
    """Training and validation examples, and how they came about.

    ``missing_judges`` are the evaluation sources that were not at hand, so that nothing could be compared
    with them.
    """

    train: list[Example]
    validation: list[Example]
    sources: list[SourceCount]
    labels: list[LabelCount]
    missing_judges: list[str]


def build_corpus(recipe: CorpusRecipe) -> Corpus:
    """Sample every source of the recipe, drop what resembles a held-out message, mask confounded labels.

    Raises CorpusError when a source may only judge, and SourceError when one cannot be read.
    """
    for name in recipe.rows:
        folder = get_source(name).folder
        if folder not in TRAINABLE_FOLDERS:
            raise CorpusError(f"{name} is in {folder}/: it may judge a model, never train one")
    pools = {name: _pools(name) for name in recipe.rows}
    held_out, missing = _judges(recipe)
    validation = _validation(recipe, pools, held_out)
    for example in validation:
        held_out.add(_key(example))
    seen = NearDuplicateIndex()
    drawn = {name: _draw(name, pools[name]["train"], recipe, held_out, seen) for name in recipe.rows}
    unmasked = [example for _, examples in drawn.values() for example in examples]
    train, labels = mask_confounded(unmasked, recipe.negatives_per_positive, recipe.seed)
    kept = Counter(example.source for example in train)
    sources = [
        replace(count, kept=kept[name], nothing_known=len(examples) - kept[name])
        for name, (count, examples) in drawn.items()
    ]
    repeated = [example for example in train for _ in range(recipe.repeats.get(example.source, 1))]
    return Corpus(repeated, validation, sources, labels, missing)


def _judges(recipe: CorpusRecipe) -> tuple[NearDuplicateIndex, list[str]]:
    """Every message that may only judge, and the names of the judging sources that are not at hand."""
    index = NearDuplicateIndex()
    missing: list[str] = []
    for source in all_sources().values():
        try:
            for example in judging_examples(source):
                index.add(_key(example))
        except SourceError:
            if source.name in recipe.rows:
                raise
            missing.append(source.name)
    return index, missing


def judging_examples(source: Source) -> Iterator[Example]:
    """What of a source may only judge: all of an evaluation source, the test split of a trainable one."""
    judges_only = source.folder not in TRAINABLE_FOLDERS
    return (example for example in source.examples() if judges_only or example.split == "test")


def _validation(
    recipe: CorpusRecipe, pools: Mapping[str, Mapping[Split, list[Example]]], judges: NearDuplicateIndex
) -> list[Example]:
    """Validation examples of every source: unlike the judges, for thresholds are chosen on them."""
    seen = NearDuplicateIndex()
    validation: list[Example] = []
    for name, rows in recipe.rows.items():
        share = max(1, round(rows * recipe.validation_share))
        for example in _merge(_sample(pools[name]["validation"], share, recipe.seed)):
            key = _key(example)
            if not judges.has_text(key) and not seen.has_message(key):
                seen.add(key)
                validation.append(example)
    return validation


def _draw(
    name: str,
    pool: Sequence[Example],
    recipe: CorpusRecipe,
    held_out: NearDuplicateIndex,
    seen: NearDuplicateIndex,
) -> tuple[SourceCount, list[Example]]:
    """A source's training examples before masking; they are added to ``seen``."""
    sampled = _sample(pool, recipe.rows[name], recipe.seed)
    merged = _merge(sampled)
    clean = [example for example in merged if not held_out.has_text(_key(example))]
    fresh: list[Example] = []
    for example in clean:
        key = _key(example)
        if not seen.has_message(key):
            seen.add(key)
            fresh.append(example)
    count = SourceCount(
        source=name,
        available=len(pool),
        sampled=len(sampled),
        votes=len(sampled) - len(merged),
        held_out=len(merged) - len(clean),
        duplicates=len(clean) - len(fresh),
        nothing_known=0,
        kept=len(fresh),
    )
    return count, fresh


def _pools(name: str) -> dict[Split, list[Example]]:
    pools: dict[Split, list[Example]] = {"train": [], "validation": [], "test": []}
    for example in get_source(name).examples():
        pools[example.split].append(example)
    return pools


def _key(example: Example) -> MessageKey:
    return message_key(example.text, example.context)


def _order(example: Example, seed: int) -> bytes:
    return hashlib.sha256(f"{seed}/{example.source}/{example.group}".encode()).digest()


def _is_positive(example: Example) -> bool:
    return any(value >= CARRIED for value in example.labels.values())


def _sample(examples: Sequence[Example], rows: int, seed: int) -> list[Example]:
    """At most ``rows`` examples, of which up to half carry a label where the source has that many."""
    ordered = sorted(examples, key=lambda example: _order(example, seed))
    positives = [example for example in ordered if _is_positive(example)]
    others = [example for example in ordered if not _is_positive(example)]
    take_positives = max(rows // 2, rows - len(others))
    return [*positives[:take_positives], *others[: rows - min(take_positives, len(positives))]]


def _merge(examples: Iterable[Example]) -> list[Example]:
    """One example for rows that are the same message: their known labels are averaged, as votes are."""
    groups: dict[MessageKey, list[Example]] = defaultdict(list)
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
        negatives = [index for index in indexes if examples[index].labels[name] < CARRIED]
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
