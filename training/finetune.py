"""Fine-tunes one encoder for all labels at once: masked losses, soft labels, resumable."""

import json
import logging
import math
import os
from collections.abc import Callable, Iterable
from itertools import chain
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn import functional
from torch.optim import AdamW
from torch.optim.lr_scheduler import LambdaLR
from tqdm import tqdm
from transformers import AutoConfig, AutoModel, PreTrainedModel, set_seed

from serving.engine.artefact import TOKENIZER_FILE
from serving.engine.tokens import MessageTokenizer
from training.batches import NO_INTENT, BatchMaker, TrainingBatch
from training.checkpoint import load_checkpoint, save_checkpoint
from training.encoder.load import Pretrained, load_encoder, without_pooler
from training.encoder.vocabulary import prune_embeddings, prune_vocabulary, words_in_use
from training.model import ModerationModel, Outputs, share_segment_embedding
from training.recipe import Recipe, TrainingRecipe
from training.sources.base import Example

logger = logging.getLogger(__name__)

WEIGHTS_FILE = "model.safetensors"
SPECIAL_FILE = "special.json"
ORIGIN_FILE = "origin.txt"
ENCODER_FOLDER = "encoder"


def prepare_encoder(recipe: Recipe, texts: Iterable[str], run: Path) -> Pretrained:
    """The recipe's encoder, vocabulary pruned; its tokenizer and configuration are left in ``run``."""
    pretrained = load_encoder(recipe.encoder)
    tokenizer = pretrained.tokenizer
    if recipe.vocabulary is not None:
        words = words_in_use(recipe.vocabulary.languages, recipe.vocabulary.words_per_language)
        vocabulary = prune_vocabulary(tokenizer, chain(words, texts))
        prune_embeddings(pretrained.model, vocabulary)
        tokenizer = vocabulary.tokenizer
    share_segment_embedding(pretrained.model)
    (run / TOKENIZER_FILE).write_text(json.dumps(tokenizer, ensure_ascii=False), encoding="utf-8")
    (run / SPECIAL_FILE).write_text(pretrained.special.model_dump_json(), encoding="utf-8")
    (run / ORIGIN_FILE).write_text(pretrained.origin, encoding="utf-8")
    pretrained.model.config.save_pretrained(run / ENCODER_FOLDER)
    return pretrained


def empty_encoder(run: Path) -> PreTrainedModel:
    """An encoder of the run's shape, its weights still to be loaded."""
    config = AutoConfig.from_pretrained(run / ENCODER_FOLDER)
    return without_pooler(AutoModel.from_config(config))


def save_trained(model: ModerationModel, run: Path) -> None:
    """Keep the weights of a finished run, in one step: that they are there says that it is finished."""
    fresh = run / f"{WEIGHTS_FILE}.new"
    save_file(dict(model.state_dict()), fresh)
    os.replace(fresh, run / WEIGHTS_FILE)


def load_trained(run: Path, recipe: TrainingRecipe) -> ModerationModel:
    """The fine-tuned model of a finished run, in evaluation mode."""
    model = ModerationModel(empty_encoder(run), recipe.fast_layers)
    model.load_state_dict(load_file(run / WEIGHTS_FILE))
    return model.eval()


def finetune(
    encoder: PreTrainedModel,
    tokenizer: MessageTokenizer,
    examples: list[Example],
    recipe: TrainingRecipe,
    run: Path,
) -> ModerationModel:
    """Train on ``examples``, or go on from the run's last checkpoint."""
    set_seed(recipe.seed)
    encoder.set_attn_implementation("eager")  # twice as fast as SDPA in bfloat16 on CPU for short rows
    encoder.get_input_embeddings().weight.requires_grad_(recipe.train_embeddings)
    for module in encoder.modules():
        if isinstance(module, nn.Dropout):
            module.p = recipe.dropout
    model = ModerationModel(encoder, recipe.fast_layers)
    batches = BatchMaker(
        examples,
        tokenizer,
        batch_tokens=recipe.batch_tokens,
        random_context=recipe.random_context,
        disguised=recipe.disguised,
        seed=recipe.seed,
    )
    epochs = [batches.epoch(epoch) for epoch in range(recipe.epochs)]
    total = sum(map(len, epochs))
    optimiser = AdamW(_parameter_groups(model, recipe), weight_decay=recipe.weight_decay, fused=True)
    scheduler = LambdaLR(optimiser, _schedule(total, recipe.warmup_share))
    done = load_checkpoint(run, model, optimiser, scheduler)
    model.train()
    steps = [batch for epoch in epochs for batch in epoch]
    average: float | None = None
    with tqdm(total=total, initial=done, unit="step", mininterval=10, desc="fine-tuning") as progress:
        for step in range(done, total):
            loss = _step(model, batches.tensors(steps[step]), optimiser, recipe)
            scheduler.step()
            average = loss if average is None else 0.98 * average + 0.02 * loss
            progress.set_postfix(loss=f"{average:.4f}", refresh=False)
            progress.update()
            if (step + 1) % recipe.checkpoint_steps == 0:
                save_checkpoint(run, model, optimiser, scheduler, step + 1)
    return model.eval()


def _step(model: ModerationModel, batch: TrainingBatch, optimiser: AdamW, recipe: TrainingRecipe) -> float:
    with torch.autocast("cpu", torch.bfloat16, enabled=recipe.precision == "bf16"):
        full, fast = model(batch.input_ids, batch.attention_mask, batch.token_type_ids)
    learnt = masked_loss(fast, batch, recipe.intent_weight) + distillation_loss(fast, full)
    loss = masked_loss(full, batch, recipe.intent_weight) + recipe.fast_weight * learnt / 2
    optimiser.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimiser.step()
    return loss.item()


def masked_loss(outputs: Outputs, batch: TrainingBatch, intent_weight: float) -> Tensor:
    """Mean binary cross-entropy over the known labels, plus the weighted intent loss where one is known."""
    per_label = functional.binary_cross_entropy_with_logits(
        outputs.label_logits.float(), batch.labels, reduction="none"
    )
    loss = (per_label * batch.known).sum() / batch.known.sum().clamp(min=1)
    if (batch.intents != NO_INTENT).any():
        intent_loss = functional.cross_entropy(
            outputs.intent_logits.float(), batch.intents, ignore_index=NO_INTENT
        )
        loss = loss + intent_weight * intent_loss
    return loss


def distillation_loss(student: Outputs, teacher: Outputs) -> Tensor:
    """Cross-entropy of the student's labels against the teacher's probabilities, unknown labels included.

    Hinton et al. 2015, at temperature 1; the teacher does not learn from it.
    """
    return functional.binary_cross_entropy_with_logits(
        student.label_logits.float(), teacher.label_logits.detach().float().sigmoid()
    )


def _parameter_groups(model: ModerationModel, recipe: TrainingRecipe) -> list[dict[str, object]]:
    """Learning rates that fall towards the embeddings (layer-wise decay, Howard and Ruder 2018)."""
    layers = int(model.encoder.config.num_hidden_layers)
    groups: dict[float, list[Tensor]] = {}
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            groups.setdefault(_learning_rate(name, layers, recipe), []).append(parameter)
    return [{"params": parameters, "lr": rate} for rate, parameters in groups.items()]


def _learning_rate(name: str, layers: int, recipe: TrainingRecipe) -> float:
    if not name.startswith("encoder."):
        return recipe.head_learning_rate
    numbers = [int(part) for part in name.split(".") if part.isdigit()]
    depth = layers - 1 - numbers[0] if numbers else layers
    return float(recipe.learning_rate * recipe.layer_decay**depth)


def _schedule(total: int, warmup_share: float) -> Callable[[int], float]:
    """Linear warm-up, then a half cosine down to nothing."""
    warmup = max(1, int(total * warmup_share))

    def factor(step: int) -> float:
        if step < warmup:
            return (step + 1) / warmup
        return 0.5 * (1 + math.cos(math.pi * (step - warmup) / max(1, total - warmup)))

    return factor
