"""Models as they are typed: a candidate's short name means that of the endpoint's training set."""


def full_name(model: str, training_set: str) -> str:
    """`logistic@^1` as `late_delivery.logistic@^1`; a full name stays as it is."""
    name, at, pin = model.partition("@")
    return f"{name if '.' in name else f'{training_set}.{name}'}{at}{pin}"
