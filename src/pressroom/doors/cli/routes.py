"""An endpoint's routes and a push's verdicts, for people and as documents."""

from pressroom.doors.cli.printing import print_lines, print_table
from pressroom.serving import Endpoint, Pushed, Route
from pressroom.values import BUCKETS


def endpoint_document(endpoint: Endpoint) -> dict[str, object]:
    """Which version of an endpoint serves, and who answers how many."""
    routes = [
        {"variant": r.variant or None, "model": r.model, "version": r.version, "digest": r.digest, "share": _share(r)}
        | ({"when": {"field": r.when.field, "among": r.when.among}} if r.when else {})
        | ({"shadow": True} if r.shadow else {})
        for r in endpoint.routes
    ]
    return {
        "endpoint": endpoint.name,
        "version": endpoint.version,
        "experiment": endpoint.experiment or None,
        "unit": endpoint.unit or None,
        "routes": routes,
    }


def pushed_document(pushed: Pushed) -> dict[str, object]:
    """What serves now, and the checks that it passed."""
    return {**endpoint_document(pushed.endpoint), "verdicts": pushed.verdicts}


def print_endpoint(endpoint: Endpoint) -> None:
    """Which version serves, and a table of who answers."""
    unit = f", by {endpoint.unit}" if endpoint.unit else ""
    print_lines(f"{endpoint.name}: version {endpoint.version} answers{unit}.")
    rows = [(route.variant or "all", route.model, route.version, _whom(route)) for route in endpoint.routes]
    print_table(("variant", "model", "version", "share>"), rows)


def print_pushed(pushed: Pushed) -> None:
    """The checks, then what serves."""
    print_table(("check", "found"), [(verdict.check, verdict.found) for verdict in pushed.verdicts])
    print_endpoint(pushed.endpoint)


def _whom(route: Route) -> str:
    if route.shadow:
        return "nobody"
    if route.when is None:
        return f"{_share(route):.2%}"
    return f"where {route.when.field} is {' or '.join(map(str, route.when.among))}"


def _share(route: Route) -> float:
    return (route.high - route.low) / BUCKETS
