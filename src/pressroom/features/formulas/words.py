"""Formulas in words, as people write them."""

from pressroom.features.formulas.formula import Formula, Step

_INFIX = {
    "add": "+", "subtract": "-", "seconds": "-", "multiply": "*", "divide": "/", "floor_divide": "//",
    "remainder": "%", "equal": "==", "not_equal": "!=", "less": "<", "less_equal": "<=", "greater": ">",
    "greater_equal": ">=", "and": "&", "or": "|", "xor": "^",
}  # fmt: skip
_PREFIX = {"negative": "-", "not": "~"}
_LONGEST = 200


def words_of(formula: Formula) -> str:
    """The formula as an expression; what would be longer than 200 letters is summed up."""
    parts: list[str | None] = []
    loose: list[bool] = []
    for step in formula.steps:
        casts, beside = step.do in ("float", "int"), step.do in _INFIX or step.do in _PREFIX
        of = [f"({parts[place]})" if beside and loose[place] else parts[place] for place in step.of]
        written = None if any(parts[place] is None for place in step.of) else _written(step, [str(part) for part in of])
        parts.append(written if written is None or len(written) <= _LONGEST else None)
        loose.append(loose[step.of[0]] if casts else step.do in _INFIX)
    return parts[-1] or f"a formula of {len(formula.steps):,} steps over {', '.join(formula.inputs())}"


def _written(step: Step, of: list[str]) -> str:
    if step.do == "input":
        return str(step.text)
    if step.do == "constant":
        return repr(step.text) if step.type == "string" else str(step.text)
    if step.do in ("float", "int"):
        return of[0]
    if step.do in _INFIX:
        return f"{of[0]} {_INFIX[step.do]} {of[1]}"
    if step.do in _PREFIX:
        return f"{_PREFIX[step.do]}{of[0]}"
    return f"{step.do}({', '.join(of)})" if of else step.do
