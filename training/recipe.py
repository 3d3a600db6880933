"""A training recipe: all that makes a model, in one TOML file that is kept with it."""

import tomllib
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError

from labels.errors import VigieError
from serving.engine.artefact import Frozen, TokenLimits


class RecipeError(VigieError):
    """A recipe cannot be read; the message says where and what is expected."""


class VocabularyRecipe(Frozen):
    """Which pieces stay: those that the commonest words of these languages need."""

    languages: tuple[str, ...]
    words_per_language: int = Field(gt=0)


class CorpusRecipe(Frozen):
    """How many training rows each source gives at most, and how lopsided a label may be in a language.

    Known negatives beyond ``negatives_per_positive`` times the positives of the same label in the same
    language are masked, so that a language never stands for a label. ``repeats`` shows a source's rows more
    than once an epoch.
    """

    seed: int
    negatives_per_positive: float = Field(gt=0)
    validation_share: float = Field(gt=0, lt=1)
    rows: dict[str, int]
    repeats: dict[str, int] = Field(default_factory=dict)


class TrainingRecipe(Frozen):
    """The fine-tuning run.

    ``train_embeddings`` lets the vocabulary's vectors learn too (a sixth more time a step); ``dropout`` is
    the encoder's; ``random_context`` and ``disguised`` are the shares of messages that get a
    foreign context, and a disguised spelling. The fast tier reads the states after ``fast_layers`` layers;
    its loss weighs ``fast_weight``.
    """

    seed: int
    epochs: int = Field(gt=0)
    batch_tokens: int = Field(gt=0)
    learning_rate: float = Field(gt=0)
    head_learning_rate: float = Field(gt=0)
    layer_decay: float = Field(gt=0, le=1)
    warmup_share: float = Field(ge=0, lt=1)
    weight_decay: float = Field(ge=0)
    train_embeddings: bool
    dropout: float = Field(ge=0, lt=1)
    random_context: float = Field(ge=0, lt=1)
    disguised: float = Field(ge=0, lt=1)
    intent_weight: float = Field(ge=0)
    fast_layers: int = Field(gt=0)
    fast_weight: float = Field(ge=0)
    precision: Literal["fp32", "bf16"]
    checkpoint_steps: int = Field(gt=0)


class ExportRecipe(Frozen):
    """How the graph is quantised.

    ``reduce_range`` keeps int8 exact on CPUs without VNNI (7-bit weights). ``float_matrices`` names, by a
    part of their path in the graph, matrices that stay float32 as outliers in their input cost too much.
    ``adapters`` names those that a client's low-rank matrices may change.
    """

    reduce_range: bool
    float_matrices: tuple[str, ...] = ()
    adapters: tuple[str, ...] = ()


class ThresholdRecipe(Frozen):
    """The shares of clean validation messages that a default threshold may flag, at most, per label.

    Of all of them, and of those from ``everyday_sources``, where hardly anybody is abused: a clean message of
    an adversarial source is far harder than what people write all day.
    """

    false_alarm_rate: float = Field(gt=0, lt=1)
    everyday_false_alarm_rate: float = Field(gt=0, lt=1)
    everyday_sources: tuple[str, ...] = ()


class Recipe(Frozen):
    """A whole recipe. ``encoder`` is a Hugging Face model id or a folder."""

    version: str = Field(pattern=r"^[a-z0-9][a-z0-9.\-]*$")
    encoder: str
    tokens: TokenLimits
    vocabulary: VocabularyRecipe | None = None
    corpus: CorpusRecipe
    training: TrainingRecipe
    export: ExportRecipe
    thresholds: ThresholdRecipe


def read_recipe(path: Path) -> Recipe:
    """Read and check a recipe.

    Raises RecipeError naming the file and every wrong key.
    """
    try:
        return Recipe.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        raise RecipeError(f"{path}: no such recipe") from error
    except tomllib.TOMLDecodeError as error:
        raise RecipeError(f"{path} is not TOML: {error}") from error
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise RecipeError(f"{path}: {wrong}") from error
