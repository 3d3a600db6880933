"""One ONNX Runtime session over a released graph."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from serving.engine.tokens import TokenBatch


@dataclass(frozen=True)
class RawOutputs:
    """float32 arrays: label logits [rows, labels], intent logits [rows, intents], vectors [rows, hidden]."""

    label_logits: NDArray[np.float32]
    intent_logits: NDArray[np.float32]
    vector: NDArray[np.float32]


class OnnxSession:
    """Runs token batches on the CPU. ``threads`` 0 leaves the number to ONNX Runtime."""

    def __init__(self, model: Path, threads: int = 0) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])

    def run(self, batch: TokenBatch) -> RawOutputs:
        """One encoder pass."""
        outputs = self._session.run(
            ["label_logits", "intent_logits", "vector"],
            {
                "input_ids": batch.input_ids,
                "attention_mask": batch.attention_mask,
                "token_type_ids": batch.token_type_ids,
            },
        )
        return RawOutputs(*(np.asarray(output, dtype=np.float32) for output in outputs))
