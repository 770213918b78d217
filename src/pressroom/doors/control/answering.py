"""Answering: a request in, a response out. Knows HTTP's words, and no server."""

import logging
import re

from pressroom.doors.control.request import Request, Said, read_form, read_query
from pressroom.doors.control.wire import aside_document, decoded, failure, receipt_document, schema_document
from pressroom.doors.response import Response, document, problem
from pressroom.facts import Appended, Batch, KnownRule, Receipt, SetAsideBatch, read_content
from pressroom.values import Conflict, FactSchema, PressroomError, snake_case
from pressroom.workspace import Following, Workspace

_FACTS = "/v1/facts"
_FACT = re.compile(r"/v1/facts/([A-Za-z0-9_]+)\Z")
_ASIDE = re.compile(r"/v1/facts/([A-Za-z0-9_]+)/set-aside\Z")
_logger = logging.getLogger(__name__)


class Answering:
    """Takes facts in and says what there is, for as many threads as want to."""

    def __init__(self, workspace: Workspace, following: Following) -> None:
        """Append to a workspace, whose online features `following` brings up to date."""
        self._workspace = workspace
        self._following = following
        self._limits = workspace.settings.control

    def respond(self, request: Request) -> Response:
        """Answer one request. Every input has an answer; a defect of ours is a 500 that says so and is logged."""
        try:
            return self._respond(request)
        except PressroomError as error:
            return failure(error)
        except Exception:
            _logger.exception("A request met a defect: %s %s", request.method, request.path)
            return problem(500, "This is a defect in Pressroom.", "The server's own log has the details.")

    def _respond(self, request: Request) -> Response:
        named = _FACT.match(request.path)
        if request.method == "POST" and named:
            return self._append(snake_case(named[1]), request)
        if request.method not in ("GET", "HEAD"):
            return problem(405, f"{request.method} {request.path} means nothing here.", f"POST goes to {_FACTS}/NAME.")
        if request.path == "/health/live":
            return document({"live": True})
        if request.path == "/health/ready":
            return self._ready()
        if request.path == _FACTS:
            names = self._workspace.catalog.names("fact")
            return document({"facts": [schema_document(self._workspace.fact(name)) for name in names]})
        if named:
            return document(schema_document(self._workspace.fact(snake_case(named[1]))))
        aside = _ASIDE.match(request.path)
        if aside:
            return aside_document(self._workspace.facts.set_aside(self._workspace.fact(snake_case(aside[1])).name))
        return problem(404, f"Nothing answers at {request.path}.", f"GET {_FACTS} lists what there is.")

    def _ready(self) -> Response:
        failure = self._following.failure
        if failure is None:
            return document({"ready": True})
        return document({"ready": False, "why": failure.message}, status=503)

    def _append(self, name: str, request: Request) -> Response:
        form, said = read_form(request.headers), read_query(request.query)
        batch = self._batch(self._workspace.fact(name), form, said, request)
        facts = self._workspace.facts
        receipt = facts.mend(batch, of=said.mends) if said.mends else facts.append(batch)[0]
        self._following.wake()
        first = facts.noted(receipt) if receipt.repeated and not said.mends else None
        if first is not None and first.content != receipt.content:
            raise Conflict(
                f"A batch {receipt.batch!r} of {receipt.source!r} is in already, and it was another one.",
                next_step="Give every batch a name of its own.",
            )
        return receipt_document(receipt, first, self._aside(receipt, first, said))

    def _batch(self, fact: FactSchema, form: str, said: Said, request: Request) -> Batch:
        most = self._limits.max_unpacked_bytes
        body = decoded(request.body, request.headers.get("content-encoding", "").lower(), most_bytes=most)
        raw = read_content(body, form, name="The body", most_bytes=most)
        return Batch(
            fact=fact,
            raw=raw,
            known=said.known or KnownRule.of(raw.table.column_names),
            source=said.source,
            batch=said.batch,
            zone=said.zone,
            repeats=said.repeats,
            refuse_bad_rows=said.refuse_bad_rows,
            change=said.change,
            noted=True,
        )

    def _aside(self, receipt: Receipt, first: Appended | None, said: Said) -> SetAsideBatch | None:
        """What is set aside of the batch, where something may be."""
        if not receipt.set_aside and (first is None or not first.set_aside):
            return None
        batches = self._workspace.facts.set_aside(receipt.fact)
        name = said.mends or receipt.batch
        return next((one for one in batches if (one.source, one.batch) == (receipt.source, name)), None)
