"""The model: one shared encoder, and heads for five labels and the intent at two depths of it."""

from typing import NamedTuple

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel

from labels.taxonomy import INTENT_NAMES, LABEL_NAMES
from serving.engine.tokens import MESSAGE_SEGMENT


class Outputs(NamedTuple):
    """``label_logits`` [rows, labels], ``intent_logits`` [rows, intents], ``vector`` [rows, hidden]."""

    label_logits: Tensor
    intent_logits: Tensor
    vector: Tensor


class Heads(nn.Module):
    """Labels and intent from the states of the message's tokens alone.

    Context reaches the message's tokens by attention, but does not vote itself, so that a hostile thread
    does not make a harmless reply guilty.
    """

    def __init__(self, hidden: int, dropout: float = 0.1) -> None:
        super().__init__()
        self.dropout = nn.Dropout(dropout)
        self.labels = nn.Linear(hidden, len(LABEL_NAMES))
        self.intents = nn.Linear(hidden, len(INTENT_NAMES))

    def forward(self, states: Tensor, message: Tensor) -> Outputs:
        """``states`` [rows, tokens, hidden]; ``message`` [rows, tokens] is 1 on the message's tokens."""
        weights = message.unsqueeze(-1).to(states.dtype)
        vector = (states * weights).sum(dim=1) / weights.sum(dim=1)
        features = self.dropout(vector)
        return Outputs(self.labels(features), self.intents(features), vector)


class ModerationModel(nn.Module):
    """An encoder with heads on its last layer and, for the fast tier, on its layer ``fast_layers``.

    The fast tier is an early exit (Teerapittayanon et al. 2016, BranchyNet): both tiers share one graph, one
    vocabulary and the lower layers.
    """

    def __init__(self, encoder: PreTrainedModel, fast_layers: int) -> None:
        super().__init__()
        self.encoder = encoder
        self.fast_layers = fast_layers
        self.heads = Heads(encoder.config.hidden_size)
        self.fast_heads = Heads(encoder.config.hidden_size)
        self._encoder_has_segments = getattr(encoder.config, "type_vocab_size", 0) >= 2

    def forward(
        self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor
    ) -> tuple[Outputs, Outputs]:
        """The full and the fast tier's outputs.

        Inputs are int64 [rows, tokens]; ``token_type_ids`` is 0 for the message, 1 for its context.
        """
        segments = {"token_type_ids": token_type_ids} if self._encoder_has_segments else {}
        states = self.encoder(
            input_ids=input_ids, attention_mask=attention_mask, output_hidden_states=True, **segments
        )
        message = attention_mask * (token_type_ids == MESSAGE_SEGMENT)
        return (
            self.heads(states.last_hidden_state, message),
            self.fast_heads(states.hidden_states[self.fast_layers], message),
        )


def share_segment_embedding(encoder: PreTrainedModel) -> None:
    """Start the context's segment embedding from the message's, which is the only one ever pretrained."""
    table = getattr(getattr(encoder, "embeddings", None), "token_type_embeddings", None)
    if table is not None and table.num_embeddings >= 2:
        with torch.no_grad():
            table.weight[1] = table.weight[0]
