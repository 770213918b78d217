"""Networks of numbers as a list of steps: which operation, on what, with which constants. Data, and no code.

The list of operations is closed, and all of them are pure functions of tensors, so that running steps out of a file
does nothing but arithmetic.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from pressroom.models.errors import UnsupportedModel
from pressroom.models.framework import framework
from pressroom.values import InvalidInput

_TORCH = (
    "abs", "add", "cat", "clamp", "cos", "div", "exp", "expm1", "flatten", "log", "log1p", "matmul", "maximum", "mean",
    "minimum", "mul", "neg", "permute", "pow", "prod", "relu", "reshape", "sigmoid", "sin", "softmax", "sqrt", "square",
    "squeeze", "stack", "sub", "sum", "tanh", "transpose", "unsqueeze", "where",
)  # fmt: skip
_FUNCTIONAL = (
    "batch_norm", "elu", "gelu", "hardsigmoid", "hardswish", "hardtanh", "layer_norm", "leaky_relu", "linear",
    "log_softmax", "logsigmoid", "mish", "normalize", "relu6", "selu", "silu", "softplus", "softsign",
)  # fmt: skip
_OPERATORS = {
    "truediv": "div",
    "getitem": "getitem",
    "view": "reshape",
    "contiguous": "identity",
    "dropout": "identity",
}
_MODULES: dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    "Linear": ("linear", ("weight", "bias"), ()),
    "BatchNorm1d": ("batch_norm", ("running_mean", "running_var", "weight", "bias"), ("eps",)),
    "LayerNorm": ("layer_norm", ("weight", "bias"), ("normalized_shape", "eps")),
    "ReLU": ("relu", (), ()),
    "ReLU6": ("relu6", (), ()),
    "Sigmoid": ("sigmoid", (), ()),
    "Tanh": ("tanh", (), ()),
    "GELU": ("gelu", (), ("approximate",)),
    "SiLU": ("silu", (), ()),
    "Mish": ("mish", (), ()),
    "SELU": ("selu", (), ()),
    "ELU": ("elu", (), ("alpha",)),
    "LeakyReLU": ("leaky_relu", (), ("negative_slope",)),
    "Hardtanh": ("hardtanh", (), ("min_val", "max_val")),
    "Hardswish": ("hardswish", (), ()),
    "Softplus": ("softplus", (), ("beta", "threshold")),
    "LogSigmoid": ("logsigmoid", (), ()),
    "Softmax": ("softmax", (), ("dim",)),
    "LogSoftmax": ("log_softmax", (), ("dim",)),
    "Flatten": ("flatten", (), ("start_dim", "end_dim")),
    "Dropout": ("identity", (), ()),
    "Identity": ("identity", (), ()),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """`name = operation(*positional, **named)`. Arguments are constants, or one-key mappings: `step` (an earlier
    step's result, "" for the rows), `weight` (a tensor by name), `list`, `slice`.
    """

    name: str
    operation: str
    positional: tuple[Any, ...] = ()
    named: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """In order; the last one's result is the answer."""

    steps: tuple[Step, ...]
    answer: Any


def trace(module: Any) -> tuple[Steps, dict[str, Any]]:
    """The steps of a module in eval mode, and the weights that they use. Raises UnsupportedModel, naming what is not on
    the list.
    """
    fx = framework("torch.fx")
    try:
        graph = fx.symbolic_trace(module).graph
    except Exception as error:  # noqa: BLE001  (tracing runs the module's own code)
        _refuse(f"it can't be traced: {error}")
    weights = {name: tensor.detach().contiguous() for name, tensor in module.state_dict().items()}
    used: set[str] = set()
    rows, steps, answer = "", [], None
    for node in graph.nodes:
        if node.op == "placeholder":
            if rows:
                _refuse("its forward takes more than one argument")
            rows = node.name
        elif node.op == "output":
            answer = _argument(node.args[0], rows, used)
        else:
            steps.append(_step(node, module, rows, used))
    made = Steps(steps=tuple(steps), answer=answer)
    strange = used - set(weights)
    if strange:
        _refuse(f"it uses tensors that are no parameters or buffers of it: {', '.join(sorted(strange))}")
    return made, {name: weights[name].clone() for name in sorted(used)}


def run_steps(steps: Steps, weights: Mapping[str, Any], rows: Any) -> Any:
    """The answer for a tensor of rows. Raises InvalidInput for an operation that is not on the list."""
    known: dict[str, Any] = {"": rows}
    for step in steps.steps:
        operation = _operation(step.operation)
        positional = [_value(argument, known, weights) for argument in step.positional]
        named = {name: _value(argument, known, weights) for name, argument in step.named.items()}
        known[step.name] = operation(*positional, **named)
    return _value(steps.answer, known, weights)


def _step(node: Any, module: Any, rows: str, used: set[str]) -> Step:
    positional = tuple(_argument(argument, rows, used) for argument in node.args)
    named = {name: _argument(argument, rows, used) for name, argument in node.kwargs.items()}
    if node.op == "get_attr":
        used.add(node.target)
        return Step(name=node.name, operation="identity", positional=({"weight": node.target},), named={})
    if node.op == "call_module":
        inner = module.get_submodule(node.target)
        kind = type(inner).__name__
        if kind not in _MODULES or not type(inner).__module__.startswith("torch.nn"):
            _refuse(f"its layer {kind} is not on the list")
        operation, tensors, constants = _MODULES[kind]
        for tensor in tensors:
            name = f"{node.target}.{tensor}"
            if getattr(inner, tensor) is not None:
                used.add(name)
                named[tensor] = {"weight": name}
        if operation == "batch_norm" and inner.running_mean is None:
            _refuse("its BatchNorm1d has learned no statistics")
        named |= {name: _argument(getattr(inner, name), rows, used) for name in constants}
        return Step(name=node.name, operation=operation, positional=positional, named=named)
    said = node.target if isinstance(node.target, str) else node.target.__name__
    operation = _OPERATORS.get(said, said)
    if operation not in ("identity", "getitem", *_TORCH, *_FUNCTIONAL):
        _refuse(f"its operation {said} is not on the list")
    if operation == "identity":
        return Step(name=node.name, operation=operation, positional=positional[:1], named={})
    if said in ("view", "reshape", "permute") and node.op == "call_method" and len(positional) > 2:
        positional = (positional[0], {"list": list(positional[1:])})
    named.pop("inplace", None)
    return Step(name=node.name, operation=operation, positional=positional, named=named)


def _argument(argument: Any, rows: str, used: set[str]) -> Any:
    if hasattr(argument, "op") and hasattr(argument, "target"):
        return {"step": "" if argument.name == rows else argument.name}
    if isinstance(argument, list | tuple):
        return {"list": [_argument(inner, rows, used) for inner in argument]}
    if isinstance(argument, slice):
        return {"slice": [_argument(part, rows, used) for part in (argument.start, argument.stop, argument.step)]}
    if argument is None or isinstance(argument, bool | int | float | str):
        return argument
    return _refuse(f"it uses a {type(argument).__name__} as a constant")


def _value(argument: Any, known: Mapping[str, Any], weights: Mapping[str, Any]) -> Any:
    if not isinstance(argument, dict):
        return argument
    if len(argument) != 1:
        raise InvalidInput("A step of this model has a malformed argument.", next_step="Pack the model again.")
    ((what, inner),) = argument.items()
    if what == "list":
        return tuple(_value(part, known, weights) for part in inner)
    if what == "slice":
        return slice(*(_value(part, known, weights) for part in inner))
    found = known if what == "step" else weights if what == "weight" else {}
    if inner not in found:
        raise InvalidInput(f"A step of this model asks for {what} {inner!r}.", next_step="Pack the model again.")
    return found[inner]


def _operation(name: str) -> Any:
    if name == "identity":
        return _same
    if name == "getitem":
        return _part
    if name in _TORCH:
        return getattr(framework("torch"), name)
    if name in _FUNCTIONAL:
        return getattr(framework("torch.nn.functional"), name)
    raise InvalidInput(f"This model asks for the operation {name!r}.", next_step="Pack it again with this release.")


def _same(tensor: Any) -> Any:
    return tensor


def _part(tensor: Any, places: Any) -> Any:
    return tensor[places]


def _refuse(why: str) -> NoReturn:
    raise UnsupportedModel(
        f"This module can't be kept as steps over weights: {why}.",
        next_step="It can serve as ONNX alone; it is then explained by sampling.",
    )
