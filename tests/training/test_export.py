import copy
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch

from serving.engine.artefact import MODEL_FILE
from serving.engine.session import OnnxSession
from serving.engine.tokens import TokenBatch
from tests.tiny import tiny_encoder
from training.export import ExportError, check_same_answers, export_fp32, export_int8
from training.model import ModerationModel
from training.recipe import ExportRecipe


def padded_batch(lengths: tuple[int, ...], seed: int = 0) -> TokenBatch:
    rng = np.random.default_rng(seed)
    shape = (len(lengths), max(lengths))
    mask = (np.arange(shape[1]) < np.array(lengths)[:, None]).astype(np.int64)
    segments = (np.arange(shape[1])[None] >= 4).astype(np.int64) * mask
    return TokenBatch(rng.integers(4, 60, shape) * mask, mask, segments)


@pytest.fixture(scope="module")
def model() -> ModerationModel:
    return ModerationModel(tiny_encoder(80), fast_layers=1).eval()


@pytest.fixture(scope="module")
def fp32(model: ModerationModel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("export") / MODEL_FILE
    export_fp32(model, path)
    return path


def test_onnx_answers_as_torch_on_padded_rows_of_any_length(model: ModerationModel, fp32: Path) -> None:
    batches = [padded_batch((6,)), padded_batch((5, 9, 23)), padded_batch((40, 4))]
    assert check_same_answers(model, fp32, batches) < 1e-5


def test_a_graph_of_other_weights_is_refused(fp32: Path) -> None:
    other = ModerationModel(tiny_encoder(80, seed=1), fast_layers=1).eval()
    with torch.no_grad():
        other.fast_heads.labels.weight.mul_(5)
    with pytest.raises(ExportError, match="differ by"):
        check_same_answers(other, fp32, [padded_batch((6, 12))])


@pytest.mark.parametrize(
    "recipe",
    [
        ExportRecipe(reduce_range=False),
        ExportRecipe(reduce_range=True),
        ExportRecipe(reduce_range=True, float_matrices=("layer.1/output/dense",)),
    ],
)
def test_int8_is_close(fp32: Path, tmp_path: Path, recipe: ExportRecipe) -> None:
    int8 = tmp_path / MODEL_FILE
    export_int8(fp32, int8, recipe)
    batch = padded_batch((6, 12))
    exact, quantised = (OnnxSession(path).run(batch).vector for path in (fp32, int8))
    cosine = (exact * quantised).sum(1) / np.linalg.norm(exact, axis=1) / np.linalg.norm(quantised, axis=1)
    assert cosine.min() > 0.98


def test_a_clients_low_rank_matrices_are_put_in_for_one_run(
    model: ModerationModel, fp32: Path, tmp_path: Path
) -> None:
    path, key = tmp_path / MODEL_FILE, "encoder.encoder.layer.1.attention.self.value"
    export_int8(fp32, path, ExportRecipe(reduce_range=False, adapters=("layer.1/attention/self/value",)))
    rng = np.random.default_rng(2)
    down, up = (rng.normal(size=shape).astype(np.float32) for shape in ((16, 2), (2, 16)))
    adapter = onnxruntime.AdapterFormat()
    adapter.set_parameters(
        {
            f"{key}.{name}": onnxruntime.OrtValue.ortvalue_from_numpy(matrix)
            for name, matrix in (("A", down), ("B", up))
        }
    )
    adapter.export_adapter(str(tmp_path / "client.adapter"))
    lora = onnxruntime.LoraAdapter()
    lora.Load(str(tmp_path / "client.adapter"))
    options = onnxruntime.RunOptions()
    options.add_active_adapter(lora)

    batch = padded_batch((6, 12))
    inputs = {name: getattr(batch, name) for name in ("input_ids", "attention_mask", "token_type_ids")}
    session = onnxruntime.InferenceSession(str(path))
    base, [changed] = session.run(["full_vector"], inputs)[0], session.run(["full_vector"], inputs, options)
    other = copy.deepcopy(model)
    with torch.no_grad():
        other.get_parameter(f"{key}.weight").add_(torch.from_numpy(up.T @ down.T))
        expected = other(*map(torch.from_numpy, inputs.values()))[0].vector.numpy()
    assert np.abs(changed - expected).max() < 0.1 < np.abs(base - expected).max()
    assert np.array_equal(base, session.run(["full_vector"], inputs)[0])


def test_a_matrix_left_in_float_makes_the_graph_larger(fp32: Path, tmp_path: Path) -> None:
    sizes = []
    for parts in ((), ("layer.0/output/dense", "layer.1/output/dense")):
        export_int8(fp32, tmp_path / MODEL_FILE, ExportRecipe(reduce_range=True, float_matrices=parts))
        sizes.append((tmp_path / MODEL_FILE).stat().st_size)
    assert sizes[0] < sizes[1]


def test_a_matrix_that_is_not_there_is_named(fp32: Path, tmp_path: Path) -> None:
    recipe = ExportRecipe(reduce_range=True, float_matrices=("layer.99/",))
    with pytest.raises(ExportError, match=r"no matrix product named layer.99/"):
        export_int8(fp32, tmp_path / MODEL_FILE, recipe)
