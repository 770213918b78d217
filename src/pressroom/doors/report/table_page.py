"""The page of a training on a table: the answer in one sentence first, then all that it rests on."""

from html import escape

from pressroom.doors.report.document import html_page
from pressroom.doors.report.plots import (
    answers_plot,
    calibration_plot,
    classes_plot,
    importance_plot,
    models_plot,
    precision_plot,
    residuals_plot,
    roc_plot,
    split_plot,
)
from pressroom.training import RULE, Figure, ModelLine, TrainedTable

_FORMS = {"linear": "one dot product", "onnx": "one ONNX graph", "native": "as it is"}


def report_page(trained: TrainedTable) -> str:
    """One HTML document, complete in itself: no script, no network, safe to send by mail."""
    parts = [_head(trained), _models(trained), _quality(trained), _importance(trained), _columns(trained)]
    parts += [_split(trained), _next(trained)]
    footer = (
        f"<footer>Rows {escape(trained.digest[:12])}, model {escape(trained.winner().full_name)} "
        f"{escape(trained.winner().version)} ({escape(trained.winner().digest[:12])}).</footer>"
    )
    return html_page(f"{trained.name}: {trained.task.target}", "".join((*parts, footer)))


def _head(trained: TrainedTable) -> str:
    tiles = [*trained.test[:3]]
    said = "".join(
        f'<div class="tile"><b>{figure.value:.3g}</b><span>{escape(figure.name)} on the test part, '
        f"{figure.low:.3g} to {figure.high:.3g}</span></div>"
        for figure in tiles
    )
    winner = trained.winner()
    costs = (
        f'<div class="tile"><b>{winner.us_per_row:.0f} µs</b><span>for one answer on one core; '
        f"{_usd(winner.serve_usd)} for a million</span></div>"
    )
    return (
        f'<header><p class="kicker">{escape(trained.source)} · {trained.rows:,} rows with a known '
        f"{escape(trained.task.target)} · {len(trained.inputs)} columns learnt from</p>"
        f'<h1>{escape(trained.sentence())}</h1></header><div class="tiles">{said}{costs}</div>'
    )


def _models(trained: TrainedTable) -> str:
    names = [figure.name for figure in trained.models[0].figures]
    head = ["model", *names, "fit", "one answer", "size"]
    rows = "".join(_model_row(line, trained) for line in trained.models)
    header = "".join(
        f'<th class="{"" if place == 0 else "figure"}">{escape(name)}</th>' for place, name in enumerate(head)
    )
    skipped = "".join(f"<li>{escape(name)} was left out: {escape(why)}</li>" for name, why in trained.skipped)
    return _section(
        "Models compared",
        f"{trained.winner().name.capitalize()} was picked: {trained.picked.words()}. {RULE}",
        f'<figure>{models_plot(trained)}</figure><div class="scroll"><table><tr>{header}</tr>{rows}</table></div>'
        + (f'<ul class="said">{skipped}</ul>' if skipped else ""),
    )


def _model_row(line: ModelLine, trained: TrainedTable) -> str:
    told = "".join(f'<td class="figure">{_figure(figure)}</td>' for figure in line.figures)
    picked = ' class="picked"' if line.name == trained.winner().name else ""
    words = ", ".join(filter(None, (line.words, line.learnt, line.calibration and f"chances {line.calibration}")))
    return (
        f"<tr{picked}><td><b>{escape(line.name)}</b><small>{escape(words)}; serves as {_FORMS[line.form]}</small></td>"
        f'{told}<td class="figure">{line.fit_s:.2f} s<small>{_usd(line.fit_usd)}</small></td>'
        f'<td class="figure">{line.us_per_row:.0f} µs<small>{_usd(line.serve_usd)} a million</small></td>'
        f'<td class="figure">{_bytes(line.size_bytes)}</td></tr>'
    )


def _quality(trained: TrainedTable) -> str:
    if trained.task.kind == "number":
        body = _pair((answers_plot(trained), "Each point is a row."), (residuals_plot(trained), "Around 0 is right."))
        words = "How far the answers were off, on the test part, which was looked at once, by this model alone."
    elif trained.task.kind == "several classes":
        body = _pair((classes_plot(trained), "Each row of the picture is a class, and adds up to 100 %."))
        words = "What was answered for the rows of each class, on the test part."
    else:
        body = _pair(
            (
                calibration_plot(trained),
                "On the dashed line a chance of 30 % happens in 30 % of the cases. Filled: as served; hollow: before "
                "correction. Larger points stand for more rows.",
            ),
            (roc_plot(trained), "The further up and left, the better; the dashed line is chance."),
            (precision_plot(trained), "Of those that it names first, how many are right."),
        )
        words = (
            "Can its chances be believed, and does it know who is likelier? On the test part, which was looked at once."
        )
    return _section("How good it is", words, body)


def _importance(trained: TrainedTable) -> str:
    words = (
        "How much worse the picked model answers when a column is shuffled. A column near 0 is not needed; two columns "
        "that say the same share their importance."
    )
    return _section("What it goes by", words, f"<figure>{importance_plot(trained)}</figure>")


def _columns(trained: TrainedTable) -> str:
    said = [
        _said("out", "left out", one.column, one.words) for one in trained.findings if one.left_out
    ]  # fmt: skip
    said += [_said("kept", "kept, as asked", one.column, one.words) for one in trained.findings if one.kept]
    said += [
        _said("look", "look at", one.column, one.words) for one in trained.findings if not one.left_out and not one.kept
    ]
    said += [_said("look", "moved", one.column, f"from train to test {one.words}") for one in trained.drifted]
    said += [f'<li><span class="tag look">note</span>{escape(words)}</li>' for words in trained.warnings]
    said += [_said("kept", "renamed", given, f"is {name} in requests") for given, name in trained.renamed.items()]
    body = f'<ul class="said">{"".join(said)}</ul>' if said else "<p>Nothing was left out, and nothing stood out.</p>"
    words = "Columns that would not be known when an answer is needed make a model look good and fail in use."
    return _section("What was left out, and what to look at", words, body)


def _split(trained: TrainedTable) -> str:
    words = (
        f"Rows were split {trained.split}. The validation part chose the model and corrected it; the test part judged."
    )
    return _section("Who taught and who judged", words, f"<figure>{split_plot(trained)}</figure>")


def _next(trained: TrainedTable) -> str:
    steps = escape("\n".join(trained.next_steps()))
    body = f"<pre>{steps}</pre>"
    return _section(
        "Let it answer",
        "A push checks the model again and lets it answer; the version before comes back with pressroom rollback.",
        body,
    )


def _section(title: str, words: str, body: str) -> str:
    return f"<section><h2>{escape(title)}</h2><p>{escape(words)}</p>{body}</section>"


def _pair(*figures: tuple[str, str]) -> str:
    drawn = "".join(f"<figure>{svg}<figcaption>{escape(words)}</figcaption></figure>" for svg, words in figures)
    return f'<div class="pair">{drawn}</div>'


def _said(kind: str, tag: str, column: str, words: str) -> str:
    return f'<li><span class="tag {kind}">{tag}</span><b>{escape(column)}</b> {escape(words)}.</li>'


def _figure(figure: Figure) -> str:
    return f"{figure.value:.4g}<small>{figure.low:.3g} to {figure.high:.3g}</small>"


def _usd(value: float) -> str:
    return f"${value:.2g}" if value >= 1e-6 else "under $0.000001"


def _bytes(size: int) -> str:
    return f"{size / 1024:,.1f} KiB" if size >= 1024 else f"{size} bytes"
