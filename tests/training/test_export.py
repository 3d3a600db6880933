from pathlib import Path

import numpy as np
import pytest
import torch

from serving.engine.artefact import MODEL_FILE
from serving.engine.session import OnnxSession
from serving.engine.tokens import TokenBatch
from tests.tiny import tiny_encoder
from training.export import ExportError, check_same_answers, export_fp32, export_int8
from training.model import ModerationModel


def padded_batch(lengths: tuple[int, ...], seed: int = 0) -> TokenBatch:
    rng = np.random.default_rng(seed)
    shape = (len(lengths), max(lengths))
    mask = (np.arange(shape[1]) < np.array(lengths)[:, None]).astype(np.int64)
    segments = (np.arange(shape[1])[None] >= 4).astype(np.int64) * mask
    return TokenBatch(rng.integers(4, 60, shape) * mask, mask, segments)


@pytest.fixture(scope="module")
def model() -> ModerationModel:
    return ModerationModel(tiny_encoder(80)).eval()


@pytest.fixture(scope="module")
def fp32(model: ModerationModel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("export") / MODEL_FILE
    export_fp32(model, path)
    return path


def test_onnx_answers_as_torch_on_padded_rows_of_any_length(model: ModerationModel, fp32: Path) -> None:
    batches = [padded_batch((6,)), padded_batch((5, 9, 23)), padded_batch((40, 4))]
    assert check_same_answers(model, OnnxSession(fp32), batches) < 1e-5


def test_a_graph_of_other_weights_is_refused(fp32: Path) -> None:
    other = ModerationModel(tiny_encoder(80, seed=1)).eval()
    with torch.no_grad():
        other.label_head.weight.mul_(5)
    with pytest.raises(ExportError, match="differ by"):
        check_same_answers(other, OnnxSession(fp32), [padded_batch((6, 12))])


@pytest.mark.parametrize("reduce_range", [False, True])
def test_int8_is_smaller_and_close(fp32: Path, tmp_path: Path, reduce_range: bool) -> None:
    int8 = tmp_path / MODEL_FILE
    export_int8(fp32, int8, reduce_range=reduce_range)
    batch = padded_batch((6, 12))
    exact, quantised = (OnnxSession(path).run(batch).vector for path in (fp32, int8))
    cosine = (exact * quantised).sum(1) / np.linalg.norm(exact, axis=1) / np.linalg.norm(quantised, axis=1)
    assert cosine.min() > 0.98
