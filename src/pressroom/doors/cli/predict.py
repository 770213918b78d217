"""`pressroom predict`: an endpoint is asked in this process, and its answers are written down like any other."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from pressroom.doors.cli.options import HERE, AsOf, Folder, Json
from pressroom.doors.cli.printing import print_json, print_lines, print_table
from pressroom.serving import Answers, Endpoint, Prediction, Route, check_rows
from pressroom.values import Instant, format_instant, parts_of
from pressroom.workspace import Workspace, open_workspace

_UNITS = (("d", 86_400.0), ("h", 3_600.0), ("min", 60.0))
_ROWS = "A row as a JSON object, or @FILE with one a line (@- for stdin)."


def predict_command(
    endpoint: Annotated[str, typer.Argument(metavar="ENDPOINT", help="An endpoint that answers.")],
    rows: Annotated[list[str], typer.Argument(metavar="ROW...", help=_ROWS)],
    *,
    as_of: AsOf = None,
    folder: Folder = HERE,
    as_json: Json = False,
) -> None:
    """Ask an endpoint for predictions, without a server. They are written down as any other is.

    Example:
      pressroom predict delivery_risk @samples/requests.jsonl --as-of 2025-04-30T00:00Z
    """
    asked = [row for text in rows for row in _read(text)]
    with open_workspace(folder) as workspace:
        instant = workspace.ports.clock.now() if as_of is None else as_of
        running, given = _predict(workspace, endpoint, asked, instant)
    if as_json:
        print_json(_document(running, given, instant))
        return
    title = f"{running.label.words()}, as of {format_instant(instant)}"
    print_table(("id", running.label_key, "prediction>", "model", "newest fact>"), _rows(running, given), title=title)
    print_lines(f"One of them explained: pressroom why {given[0].prediction_id}")


def _rows(endpoint: Endpoint, given: Sequence[Prediction]) -> list[tuple[object, ...]]:
    """What fits a terminal: the document says the rest."""
    return [
        (one.prediction_id, _whom(endpoint, one), f"{one.prediction:.4f}", _who(one.route), _freshest(one))
        for one in given
    ]


def _whom(endpoint: Endpoint, one: Prediction) -> str:
    return " + ".join(str(one.row[key]) for key in parts_of(endpoint.label_key) if key)


def _who(route: Route) -> str:
    return f"{route.model.rsplit('.', 1)[-1]} {route.version}"


def _read(text: str) -> list[object]:
    """The rows behind one argument."""
    if not text.startswith("@"):
        return [_decode(text, where="ROW")]
    try:
        lines = typer.get_text_stream("stdin").read() if text == "@-" else Path(text[1:]).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise typer.BadParameter(f"{text[1:]} can't be read: {error}", param_hint="ROW") from error
    spoken = [(number, line) for number, line in enumerate(lines.splitlines(), start=1) if line.strip()]
    return [_decode(line, where=f"{text}, line {number}") for number, line in spoken]


def _decode(text: str, *, where: str) -> object:
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise typer.BadParameter(f'{error}. Write a JSON object: {{"field": "value"}}', param_hint=where) from error


def _predict(
    workspace: Workspace, name: str, rows: Sequence[object], instant: Instant
) -> tuple[Endpoint, list[Prediction]]:
    live = workspace.serving.live()
    live.refresh()
    predictor = live.predictor(name)
    answers = predictor.predict(check_rows(predictor.endpoint.question, list(rows)), instant)
    _log(workspace, answers)
    return predictor.endpoint, [*answers]


def _log(workspace: Workspace, answers: Answers) -> None:
    log = workspace.serving.prediction_log()
    try:
        log.add(answers)
    finally:
        log.close()


def _freshest(one: Prediction) -> str | None:
    """How old the newest fact behind any feature is."""
    ages = [age for age in one.answered.ages_s.values() if age is not None]
    if not ages:
        return None
    unit, seconds = next(((unit, s) for unit, s in _UNITS if min(ages) >= 2 * s), ("s", 1.0))
    return f"{min(ages) / seconds:,.1f} {unit} old"


def _document(endpoint: Endpoint, given: Sequence[Prediction], instant: Instant) -> dict[str, object]:
    predictions = [
        {
            "prediction_id": one.prediction_id,
            "row": one.row,
            "prediction": one.prediction,
            "model": one.route.model,
            "version": one.route.version,
            "variant": one.route.variant or None,
            "latency_us": one.latency_us,
            "features": one.answered.values,
            "ages_s": one.answered.ages_s,
        }
        for one in given
    ]
    return {
        "endpoint": endpoint.name,
        "endpoint_version": endpoint.version,
        "as_of": format_instant(instant),
        "predictions": predictions,
    }
