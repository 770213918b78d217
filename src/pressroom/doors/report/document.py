"""A report page as a document: complete in itself, with its style in it, no script and no network."""

from html import escape
from importlib.resources import files


def html_page(title: str, body: str) -> str:
    """One HTML document, safe to send by mail. `body` is HTML; `title` is text."""
    style = files("pressroom.doors.report").joinpath("style.css").read_text(encoding="utf-8")
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>{escape(title)}</title><style>{style}</style></head><body><main>{body}</main></body></html>\n"
    )
