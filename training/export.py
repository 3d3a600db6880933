"""From a fine-tuned model to ONNX graphs: float32, then dynamically quantised to 8 bits."""

import warnings
from collections.abc import Sequence
from pathlib import Path

import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.quantization.shape_inference import quant_pre_process

from labels.errors import VigieError
from serving.engine.artefact import CONFIG_FILES
from serving.engine.session import OUTPUTS, OnnxSession
from serving.engine.tokens import CONTEXT_SEGMENT, TokenBatch
from training.adapters import add_adapters
from training.model import ModerationModel
from training.recipe import ExportRecipe

MAX_PROBABILITY_DIFFERENCE = 1e-3

_OPSET = 18
_INPUTS = ("input_ids", "attention_mask", "token_type_ids")
_OUTPUTS = tuple(f"{tier}_{output}" for tier in CONFIG_FILES for output in OUTPUTS)


class ExportError(VigieError):
    """An exported graph does not answer as the model it came from."""


def export_fp32(model: ModerationModel, path: Path) -> None:
    """Write the model as a float32 ONNX graph; rows and tokens are free."""
    ids = torch.ones((2, 8), dtype=torch.int64)
    segments = torch.zeros_like(ids)
    segments[:, 4:] = CONTEXT_SEGMENT
    axes = {name: {0: "rows", 1: "tokens"} for name in _INPUTS} | {name: {0: "rows"} for name in _OUTPUTS}
    with warnings.catch_warnings():
        # The newer exporter (dynamo=True) traces this mask away and then misreads padded rows;
        # this one warns that it is old, and of every shape it traces.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            model.eval(),
            (ids, ids, segments),
            str(path),
            input_names=list(_INPUTS),
            output_names=list(_OUTPUTS),
            dynamic_axes=axes,
            opset_version=_OPSET,
            dynamo=False,
        )
    onnx.checker.check_model(str(path))


def export_int8(fp32: Path, path: Path, recipe: ExportRecipe) -> None:
    """Quantise matrices per channel, and embeddings, to 8 bits; activations are quantised as they come."""
    prepared = fp32.with_suffix(".prepared.onnx")
    quant_pre_process(str(fp32), str(prepared), skip_symbolic_shape=True)
    float_matrices = _named(prepared, recipe.float_matrices, "float_matrices")
    low_rank = add_adapters(prepared, _named(prepared, recipe.adapters, "adapters"))
    quantize_dynamic(
        prepared,
        path,
        op_types_to_quantize=["MatMul", "Gemm", "Gather"],
        per_channel=True,
        reduce_range=recipe.reduce_range,
        weight_type=QuantType.QInt8,
        nodes_to_exclude=[*float_matrices, *low_rank],
    )
    prepared.unlink()


def _named(graph: Path, parts: Sequence[str], key: str) -> list[str]:
    """The matrix products whose names hold one of the parts.

    Raises ExportError, naming the recipe's key, for a part that names none.
    """
    names = [node.name for node in onnx.load(str(graph)).graph.node if node.op_type == "MatMul"]
    for part in parts:
        if not any(part in name for name in names):
            raise ExportError(f"{key}: the graph has no matrix product named {part}")
    return [name for name in names if any(part in name for part in parts)]


def check_same_answers(model: ModerationModel, fp32: Path, batches: Sequence[TokenBatch]) -> float:
    """The largest difference of a label's probability between torch and the float32 graph, in either tier.

    Raises ExportError above ``MAX_PROBABILITY_DIFFERENCE``.
    """
    sessions = [OnnxSession(fp32, tier=tier) for tier in CONFIG_FILES]
    worst = max(_difference(model, sessions, batch) for batch in batches)
    if worst > MAX_PROBABILITY_DIFFERENCE:
        raise ExportError(
            f"torch and ONNX fp32 differ by {worst:.2e} in a probability; "
            f"at most {MAX_PROBABILITY_DIFFERENCE:.0e} is allowed"
        )
    return worst


def _difference(model: ModerationModel, sessions: Sequence[OnnxSession], batch: TokenBatch) -> float:
    inputs = (batch.input_ids, batch.attention_mask, batch.token_type_ids)
    with torch.no_grad():
        tiers = model(*map(torch.from_numpy, inputs))
    answers = [torch.from_numpy(session.run(batch).label_logits).sigmoid() for session in sessions]
    expected = [tier.label_logits.sigmoid() for tier in tiers]
    return max(float((a - e).abs().max()) for a, e in zip(answers, expected, strict=True))
