"""Predictions are facts: the fact type that an endpoint's answers are written as.

Serving writes it; monitoring and experiments read it.
"""

from dataclasses import replace

from pressroom.values import FactSchema, FieldSchema, InvalidInput, check_name

PREDICTIONS = "prediction."
"""How the fact types of predictions begin."""


def prediction_schema(
    endpoint: str,
    features: tuple[FieldSchema, ...],
    *,
    output_unit: str = "",
    purposes: tuple[str, ...] = (),
) -> FactSchema:
    """The fact type `prediction.<endpoint>`: who answered, what, how fast, and from which request keys and features.

    Every feature is optional here, since an answer may have been given without it; the labels of all of them are on the
    prediction too. Refuses features whose field names collide with each other or with the fields of every prediction.
    """
    labels = tuple(sorted({label for feature in features for label in feature.labels}))
    given = tuple(replace(feature, name=prediction_field(feature.name), optional=True) for feature in features)
    head = (
        FieldSchema(name="prediction_id", type="string", doc="names this one answer"),
        FieldSchema(name="unit", type="string", doc="whom an experiment assigned, if one ran", optional=True),
    )
    tail = (
        FieldSchema(name="prediction", type="float", doc="the answer", unit=output_unit, labels=labels),
        FieldSchema(name="model", type="string", doc="name of the model that answered"),
        FieldSchema(name="version", type="string", doc="its version"),
        FieldSchema(name="digest", type="string", doc="its identity"),
        FieldSchema(name="variant", type="string", doc="the experiment's variant, if one ran", optional=True),
        FieldSchema(name="endpoint_version", type="int", doc="which version of the endpoint answered"),
        FieldSchema(name="latency_us", type="int", unit="us", doc="from request read to answer ready"),
        FieldSchema(name="fallback", type="string", doc="why another than the meant model answered", optional=True),
        FieldSchema(name="trace_id", type="string", doc="the trace that the request belongs to, if any", optional=True),
    )
    fields = (*head, *given, *tail)
    _refuse_doubles(fields)
    return FactSchema(
        name=check_name(f"{PREDICTIONS}{endpoint}", what="a fact type"),
        doc=f"An answer of the endpoint {endpoint}.",
        fields=fields,
        purposes=purposes,
    )


def prediction_field(feature: str) -> str:
    """The field that holds a feature in a prediction: `weather.wind` -> `weather__wind`."""
    return feature.replace(".", "__")


def _refuse_doubles(fields: tuple[FieldSchema, ...]) -> None:
    names = [field.name for field in fields]
    doubles = sorted({name for name in names if names.count(name) > 1})
    if doubles:
        raise InvalidInput(
            f"Two fields of this endpoint's predictions would be called {', '.join(doubles)}.",
            next_step="Rename the request keys or features; a prediction's own fields keep their names.",
        )
