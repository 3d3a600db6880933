"""One ONNX Runtime session over a released graph."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from onnxruntime import RunOptions

from serving.engine.artefact import Tier
from serving.engine.tokens import TokenBatch

OUTPUTS = ("label_logits", "intent_logits", "vector")
"""What each tier of a graph puts out, each named ``<tier>_<output>``."""


@dataclass(frozen=True)
class RawOutputs:
    """float32 arrays: label logits [rows, labels], intent logits [rows, intents], vectors [rows, hidden]."""

    label_logits: NDArray[np.float32]
    intent_logits: NDArray[np.float32]
    vector: NDArray[np.float32]

    def rows(self, which: slice | NDArray[np.int64]) -> Self:
        """Some of the rows, in the order asked for."""
        return type(self)(self.label_logits[which], self.intent_logits[which], self.vector[which])

    @classmethod
    def empty(cls) -> Self:
        """No rows."""
        nothing = np.zeros((0, 0), dtype=np.float32)
        return cls(nothing, nothing, nothing)

    @classmethod
    def joined(cls, parts: Sequence[Self]) -> Self:
        """The rows of all parts, in order."""
        return cls(
            np.concatenate([part.label_logits for part in parts]),
            np.concatenate([part.intent_logits for part in parts]),
            np.concatenate([part.vector for part in parts]),
        )


class OnnxSession:
    """Runs token batches on the CPU through one tier. ``threads`` 0 leaves the number to ONNX Runtime."""

    def __init__(self, model: Path, threads: int = 0, tier: Tier = "full") -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3  # else a warning for each adapter input: that they can change is meant
        self._session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
        self._outputs = [f"{tier}_{output}" for output in OUTPUTS]
        self._only_this_tier = RunOptions()
        self._only_this_tier.only_execute_path_to_fetches = True

    def run(self, batch: TokenBatch) -> RawOutputs:
        """One encoder pass."""
        outputs = self._session.run(
            self._outputs,
            {
                "input_ids": batch.input_ids,
                "attention_mask": batch.attention_mask,
                "token_type_ids": batch.token_type_ids,
            },
            self._only_this_tier,
        )
        return RawOutputs(*(np.asarray(output, dtype=np.float32) for output in outputs))
