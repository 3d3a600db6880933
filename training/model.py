"""The model: one shared encoder, five label heads, one intent head."""

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


class ModerationModel(nn.Module):
    """An encoder whose message tokens alone are pooled.

    Context reaches the message's tokens by attention, but does not vote itself, so that a hostile thread
    does not make a harmless reply guilty.
    """

    def __init__(self, encoder: PreTrainedModel, dropout: float = 0.1) -> None:
        super().__init__()
        self.encoder = encoder
        hidden = encoder.config.hidden_size
        self.dropout = nn.Dropout(dropout)
        self.label_head = nn.Linear(hidden, len(LABEL_NAMES))
        self.intent_head = nn.Linear(hidden, len(INTENT_NAMES))
        self._encoder_has_segments = getattr(encoder.config, "type_vocab_size", 0) >= 2

    def forward(self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor) -> Outputs:
        """Inputs are int64 [rows, tokens]; ``token_type_ids`` is 0 for the message, 1 for its context."""
        segments = {"token_type_ids": token_type_ids} if self._encoder_has_segments else {}
        states = self.encoder(
            input_ids=input_ids, attention_mask=attention_mask, **segments
        ).last_hidden_state
        message = (attention_mask * (token_type_ids == MESSAGE_SEGMENT)).unsqueeze(-1).to(states.dtype)
        vector = (states * message).sum(dim=1) / message.sum(dim=1)
        features = self.dropout(vector)
        return Outputs(self.label_head(features), self.intent_head(features), vector)


def share_segment_embedding(encoder: PreTrainedModel) -> None:
    """Start the context's segment embedding from the message's, which is the only one ever pretrained."""
    table = getattr(getattr(encoder, "embeddings", None), "token_type_embeddings", None)
    if table is not None and table.num_embeddings >= 2:
        with torch.no_grad():
            table.weight[1] = table.weight[0]
