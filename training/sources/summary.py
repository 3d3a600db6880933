"""What a source says, counted: label by language, so that a label confounded with a language is seen."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from labels.taxonomy import LABEL_NAMES, LabelName
from training.sources.base import CARRIED, Example


@dataclass
class LanguageCounts:
    """Messages of one language: how many say yes, no, or nothing of each label."""

    rows: int = 0
    positives: Counter[LabelName] = field(default_factory=Counter)
    negatives: Counter[LabelName] = field(default_factory=Counter)
    with_context: int = 0
    with_intent: int = 0

    def unknown(self, label: LabelName) -> int:
        """Messages of which the source does not say whether they carry the label."""
        return self.rows - self.positives[label] - self.negatives[label]


def count_by_language(examples: Iterable[Example]) -> dict[str, LanguageCounts]:
    """Counts by language; a soft label counts as yes from one half."""
    counts: dict[str, LanguageCounts] = {}
    for example in examples:
        language = counts.setdefault(example.lang, LanguageCounts())
        language.rows += 1
        language.with_context += bool(example.context)
        language.with_intent += example.intent is not None
        for name in LABEL_NAMES:
            if name in example.labels:
                side = language.positives if example.labels[name] >= CARRIED else language.negatives
                side[name] += 1
    return counts
