"""Why: from one prediction back to the facts."""

from pressroom.catalog import Catalog, Node, Reference
from pressroom.serving.endpoint import Endpoint


def trace_prediction(catalog: Catalog, endpoint: Endpoint, *, prediction_id: str, model_digest: str) -> Node:
    """The lineage of one prediction: the endpoint version that gave it, the model that answered, and all before it."""
    route = next((route for route in endpoint.routes if route.digest == model_digest), None)
    answered = Reference(kind="model", name=route.model if route else "", digest=model_digest)
    served = Node(
        reference=Reference(kind="endpoint", name=endpoint.name, digest=endpoint.digest()),
        version=str(endpoint.version),
        summary=(("experiment", endpoint.experiment),) if endpoint.experiment else (),
        parents=(catalog.lineage(answered),),
    )
    return Node(reference=Reference(kind="prediction", name=endpoint.name, digest=prediction_id), parents=(served,))
