"""Low-rank adapters (Hu et al. 2021, LoRA) as inputs of an exported graph, empty unless a client has some.

ONNX Runtime puts a client's matrices in for one run (``RunOptions.add_active_adapter``); without them the
inputs' own initialisers hold, of rank 0, and the graph is the base model.
"""

from collections.abc import Sequence
from pathlib import Path

import onnx
from onnx import GraphProto, NodeProto, TensorProto, helper


def adapter_key(matrix: str) -> str:
    """What a matrix product's adapter is called: its module's path, as in the model's ``state_dict``."""
    return matrix.strip("/").removesuffix("/MatMul").replace("/", ".")


def add_adapters(path: Path, matrices: Sequence[str]) -> list[str]:
    """Add ``x A B`` to each of the named matrix products ``x W`` of the graph, in place.

    The inputs are ``<key>.A`` [inputs, rank] and ``<key>.B`` [rank, outputs]. Returns the names of the new
    products, which are not to be quantised.
    """
    if not matrices:
        return []
    model = onnx.load(str(path))
    added = [name for matrix in matrices for name in _add_adapter(model.graph, matrix)]
    onnx.checker.check_model(model)
    onnx.save(model, str(path))
    return added


def _add_adapter(graph: GraphProto, matrix: str) -> list[str]:
    position, product = next(each for each in enumerate(graph.node) if each[1].name == matrix)
    weights = next(each for each in graph.initializer if each.name == product.input[1])
    inputs, outputs = weights.dims
    key = adapter_key(matrix)
    _add_input(graph, f"{key}.A", [inputs, 0], [inputs, f"{key}.rank"])
    _add_input(graph, f"{key}.B", [0, outputs], [f"{key}.rank", outputs])
    whole, plain = product.output[0], f"{key}.plain"
    product.output[0] = plain
    nodes: list[NodeProto] = [
        helper.make_node("MatMul", [product.input[0], f"{key}.A"], [f"{key}.low"], f"{key}/down"),
        helper.make_node("MatMul", [f"{key}.low", f"{key}.B"], [f"{key}.change"], f"{key}/up"),
        helper.make_node("Add", [plain, f"{key}.change"], [whole], f"{key}/add"),
    ]
    for offset, node in enumerate(nodes, start=1):
        graph.node.insert(position + offset, node)
    return [nodes[0].name, nodes[1].name]


def _add_input(graph: GraphProto, name: str, dims: Sequence[int], shape: Sequence[int | str]) -> None:
    graph.initializer.append(helper.make_tensor(name, TensorProto.FLOAT, dims, []))
    graph.input.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))
