"""A small writer of ONNX graphs: operators are called like functions and give back the names of their
results."""

from typing import Any

import numpy as np
import onnx
from numpy.typing import ArrayLike
from onnx import compose, helper, numpy_helper

OPSET = 17
"""The operator set of every exported model; ONNX Runtime has read it since version 1.12 (2022)."""

IR_VERSION = 8
"""The file format version that belongs to OPSET."""


NETWORK = "network/"
"""What the names of all nodes of an included model begin with; no other node has a name."""


class GraphWriter:
    """Collects the nodes and constants of one graph."""

    def __init__(self) -> None:
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []
        self._inputs: list[onnx.ValueInfoProto] = []
        self._outputs: list[onnx.ValueInfoProto] = []
        self._opsets = {"": OPSET}
        self._count = 0

    def _fresh(self, hint: str) -> str:
        self._count += 1
        return f"{hint}_{self._count}"

    def input(self, name: str, dtype: int, shape: list[str | int]) -> str:
        """Declares an input of the graph; a string in `shape` names an axis of any length."""
        self._inputs.append(helper.make_tensor_value_info(name, dtype, shape))
        return name

    def output(self, name: str, value: str, dtype: int, shape: list[str | int]) -> None:
        """Declares a value as an output of the graph, under a name of its own."""
        self._nodes.append(helper.make_node("Identity", [value], [name]))
        self._outputs.append(helper.make_tensor_value_info(name, dtype, shape))

    def constant(self, value: ArrayLike, dtype: Any) -> str:
        """A constant tensor of the given NumPy dtype."""
        name = self._fresh("constant")
        self._constants.append(numpy_helper.from_array(np.asarray(value, dtype=dtype), name))
        return name

    def float32(self, value: ArrayLike) -> str:
        """A float32 constant."""
        return self.constant(value, np.float32)

    def int64(self, value: ArrayLike) -> str:
        """An int64 constant."""
        return self.constant(value, np.int64)

    def call(self, operator: str, *inputs: str, **attributes: Any) -> str:
        """The first result of an operator of https://onnx.ai/onnx/operators/ ."""
        return self.call_many(operator, 1, *inputs, **attributes)[0]

    def call_many(self, operator: str, results: int, *inputs: str, **attributes: Any) -> tuple[str, ...]:
        """All results of an operator that has several."""
        names = tuple(self._fresh(operator) for _ in range(results))
        self._nodes.append(helper.make_node(operator, list(inputs), list(names), **attributes))
        return names

    def include(self, network: onnx.ModelProto, value: str) -> tuple[str, ...]:
        """Puts a whole model with one input behind `value`; its outputs, in order."""
        inside = compose.add_prefix(network, NETWORK).graph
        constants = {each.name for each in inside.initializer}
        (entrance,) = (each.name for each in inside.input if each.name not in constants)
        self._opsets |= {each.domain: each.version for each in network.opset_import if each.domain}
        self._nodes.append(helper.make_node("Identity", [value], [entrance]))
        self._nodes.extend(inside.node)
        self._constants.extend(inside.initializer)
        return tuple(each.name for each in inside.output)

    def model(self, name: str, metadata: dict[str, str]) -> onnx.ModelProto:
        """The finished, checked model."""
        graph = helper.make_graph(self._nodes, name, self._inputs, self._outputs, self._constants)
        model = helper.make_model(
            graph,
            opset_imports=[helper.make_opsetid(domain, version) for domain, version in self._opsets.items()],
            ir_version=IR_VERSION,
            producer_name=name,
        )
        helper.set_model_props(model, metadata)
        onnx.checker.check_model(model)
        return model
