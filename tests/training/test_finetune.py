import json
from pathlib import Path

import pytest
import torch
from transformers import BertModel

from labels.taxonomy import INTENT_NAMES, LABEL_NAMES
from serving.engine.artefact import TOKENIZER_FILE
from serving.engine.tokens import MessageTokenizer
from tests.tiny import LIMITS, SPECIAL, tiny_encoder, tiny_tokenizer
from training import finetune as finetune_module
from training.batches import NO_INTENT, BatchMaker, TrainingBatch
from training.checkpoint import has_checkpoint, load_checkpoint, save_checkpoint
from training.finetune import distillation_loss, finetune, masked_loss
from training.model import ModerationModel, Outputs, share_segment_embedding
from training.recipe import TrainingRecipe
from training.sources.base import Example


def make_example(number: int) -> Example:
    """A message that is "sav" when it speaks of a parcel."""
    sav = number % 2 == 0
    return Example(
        id=f"e{number}",
        source="invented",
        text=f"{'colis' if sav else 'bonjour'} {number % 7}",
        context=("merci",) if number % 3 == 0 else (),
        lang="fr",
        labels={"sav": float(sav)},
        intent="order_delivery" if sav else None,
        split="train",
        group=f"e{number}",
    )


EXAMPLES = [make_example(number) for number in range(64)]


@pytest.fixture
def tokenizer(tmp_path: Path) -> MessageTokenizer:
    path = tmp_path / TOKENIZER_FILE
    path.write_text(json.dumps(tiny_tokenizer(), ensure_ascii=False), encoding="utf-8")
    return MessageTokenizer(path, LIMITS, SPECIAL)


def training_recipe(**changes: object) -> TrainingRecipe:
    return TrainingRecipe.model_validate(
        {
            "seed": 7,
            "epochs": 4,
            "batch_tokens": 128,
            "learning_rate": 5e-3,
            "head_learning_rate": 5e-2,
            "layer_decay": 0.9,
            "warmup_share": 0.1,
            "weight_decay": 0.01,
            "train_embeddings": True,
            "dropout": 0.1,
            "random_context": 0.1,
            "disguised": 0.1,
            "intent_weight": 0.3,
            "fast_layers": 1,
            "fast_weight": 0.5,
            "precision": "fp32",
            "checkpoint_steps": 3,
            **changes,
        }
    )


def encoder() -> BertModel:
    return tiny_encoder(len(tiny_tokenizer()["model"]["vocab"]))


def test_it_learns_what_the_known_labels_say(tokenizer: MessageTokenizer, tmp_path: Path) -> None:
    model = finetune(encoder(), tokenizer, EXAMPLES, training_recipe(epochs=8), tmp_path / "run")
    rows = [windows[0] for windows in tokenizer.rows([("colis 3", []), ("bonjour 3", [])])]
    batch = tokenizer.batch(rows)
    inputs = map(torch.from_numpy, (batch.input_ids, batch.attention_mask, batch.token_type_ids))
    for tier in model(*inputs):
        sav = tier.label_logits[:, LABEL_NAMES.index("sav")]
        assert sav[0] > 0 > sav[1]


def test_a_cut_off_run_goes_on_to_the_same_weights(
    tokenizer: MessageTokenizer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = training_recipe()
    whole = finetune(encoder(), tokenizer, EXAMPLES, recipe, tmp_path / "whole").state_dict()
    steps = 0
    real_step = finetune_module._step

    def step_until_cut(*args: object) -> float:
        nonlocal steps
        steps += 1
        if steps == 8:
            raise KeyboardInterrupt
        return real_step(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(finetune_module, "_step", step_until_cut)
    with pytest.raises(KeyboardInterrupt):
        finetune(encoder(), tokenizer, EXAMPLES, recipe, tmp_path / "cut")
    monkeypatch.setattr(finetune_module, "_step", real_step)
    resumed = finetune(encoder(), tokenizer, EXAMPLES, recipe, tmp_path / "cut").state_dict()
    assert all(torch.equal(whole[name], resumed[name]) for name in whole)


@pytest.mark.parametrize("trained", [True, False])
def test_the_vocabulary_learns_only_where_asked(
    trained: bool, tokenizer: MessageTokenizer, tmp_path: Path
) -> None:
    bert = encoder()
    before = bert.get_input_embeddings().weight.detach().clone()
    finetune(bert, tokenizer, EXAMPLES, training_recipe(epochs=1, train_embeddings=trained), tmp_path / "run")
    assert torch.equal(before, bert.get_input_embeddings().weight) != trained


def test_unknown_labels_teach_nothing() -> None:
    logits = torch.zeros((1, len(LABEL_NAMES)), requires_grad=True)
    labels = torch.ones((1, len(LABEL_NAMES)))
    known = torch.zeros((1, len(LABEL_NAMES)))
    known[0, 2] = 1.0
    no_tokens = torch.zeros((1, 1), dtype=torch.int64)
    batch = TrainingBatch(no_tokens, no_tokens, no_tokens, labels, known, torch.tensor([NO_INTENT]))
    outputs = Outputs(logits, torch.zeros((1, len(INTENT_NAMES))), torch.zeros((1, 1)))
    masked_loss(outputs, batch, intent_weight=1.0).backward()
    assert logits.grad is not None
    assert logits.grad.nonzero().tolist() == [[0, 2]]


def test_batches_hold_every_example_once_within_the_budget(tokenizer: MessageTokenizer) -> None:
    maker = BatchMaker(EXAMPLES, tokenizer, batch_tokens=100, random_context=0.5, disguised=0.0, seed=3)
    batches = maker.epoch(0)
    assert sorted(example.id for batch in batches for _, example in batch) == sorted(e.id for e in EXAMPLES)
    assert all(len(batch) * max(len(row) for row, _ in batch) <= 100 for batch in batches)
    assert batches == maker.epoch(0)
    assert batches != maker.epoch(1)


def test_some_messages_get_an_unrelated_context(tokenizer: MessageTokenizer) -> None:
    def with_context(share: float) -> int:
        maker = BatchMaker(EXAMPLES, tokenizer, batch_tokens=100, random_context=share, disguised=0.0, seed=3)
        return sum(any(row.segments) for batch in maker.epoch(0) for row, _ in batch)

    own = sum(bool(example.context) for example in EXAMPLES)
    assert with_context(0.0) == own
    assert own < with_context(0.5) < len(EXAMPLES)


def test_context_tokens_are_not_pooled(tokenizer: MessageTokenizer) -> None:
    bert = tiny_encoder(len(tiny_tokenizer()["model"]["vocab"]))
    share_segment_embedding(bert)
    model = ModerationModel(bert, fast_layers=1).eval()
    [[row]] = tokenizer.rows([("merci", ["colis hello"])])
    batch = tokenizer.batch([row])
    ids, mask, segments = map(torch.from_numpy, (batch.input_ids, batch.attention_mask, batch.token_type_ids))
    outputs = bert(input_ids=ids, attention_mask=mask, token_type_ids=segments, output_hidden_states=True)
    message = segments[0] == 0
    for tier, states in zip(model(ids, mask, segments), outputs.hidden_states[:0:-1], strict=True):
        assert torch.allclose(tier.vector[0], states[0, message].mean(dim=0), atol=1e-6)


def test_the_fast_tier_learns_from_the_full_one_and_not_the_other_way() -> None:
    student, teacher = (torch.zeros((2, len(LABEL_NAMES)), requires_grad=True) for _ in range(2))
    nothing = torch.zeros((2, 1))
    loss = distillation_loss(Outputs(student, nothing, nothing), Outputs(teacher + 3, nothing, nothing))
    loss.backward()
    assert teacher.grad is None
    assert student.grad is not None
    assert bool((student.grad < 0).all())


@pytest.mark.parametrize("cut_after", ["old aside", "nothing"])
def test_a_checkpoint_survives_a_cut_while_it_is_replaced(tmp_path: Path, cut_after: str) -> None:
    model = ModerationModel(encoder(), fast_layers=1)
    optimiser = torch.optim.AdamW(model.parameters())
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda _: 1.0)
    save_checkpoint(tmp_path, model, optimiser, scheduler, step=3)
    if cut_after == "old aside":
        (tmp_path / "checkpoint").rename(tmp_path / "checkpoint.old")
    (tmp_path / "checkpoint.new").mkdir()
    assert has_checkpoint(tmp_path)
    assert load_checkpoint(tmp_path, model, optimiser, scheduler) == 3
