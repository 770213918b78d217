"""Formulas in words, as people write them."""

from pressroom.features.formulas.formula import Formula, Step

_INFIX = {
    "add": "+", "subtract": "-", "seconds": "-", "multiply": "*", "divide": "/", "floor_divide": "//",
    "remainder": "%", "equal": "==", "not_equal": "!=", "less": "<", "less_equal": "<=", "greater": ">",
    "greater_equal": ">=", "and": "&", "or": "|", "xor": "^",
}  # fmt: skip
_LONGEST = 200


def words_of(formula: Formula) -> str:
    """The formula as an expression; what would be longer than 200 letters is summed up."""
    parts: list[str | None] = []
    for step in formula.steps:
        of = [parts[place] for place in step.of]
        written = None if None in of else _written(step, [str(part) for part in of])
        parts.append(written if written is None or len(written) <= _LONGEST else None)
    last = parts[-1]
    if last is not None:
        bare = formula.steps[-1].do in _INFIX
        return last[1:-1] if bare else last
    return f"a formula of {len(formula.steps):,} steps over {', '.join(formula.inputs())}"


def _written(step: Step, of: list[str]) -> str:
    if step.do == "input":
        return str(step.text)
    if step.do == "constant":
        return repr(step.text) if step.type == "string" else str(step.text)
    if step.do in ("float", "int"):
        return of[0]
    if step.do in _INFIX:
        return f"({of[0]} {_INFIX[step.do]} {of[1]})"
    if step.do in ("negative", "not"):
        return f"{'-' if step.do == 'negative' else '~'}{of[0]}"
    return f"{step.do}({', '.join(of)})" if of else step.do
