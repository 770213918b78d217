"""Predicting: requests in, answers out, each with all that is needed to explain it later."""

import logging
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from math import isfinite

import msgspec

from pressroom.features import Answered, OnlineAnswers, Value
from pressroom.models import (
    FEWEST_ROWS,
    Explainer,
    Floats,
    LoadedModel,
    PartialModel,
    PartialPlan,
    SignatureMismatch,
)
from pressroom.ports import BackendError
from pressroom.serving.answers import Answers, Piece, PredictionIds, Shadowed
from pressroom.serving.asked_by_entity import AskedByEntity
from pressroom.serving.endpoint import Endpoint
from pressroom.serving.errors import DeadlinePassed, FeaturesStale, ModelFailed, NoNumber
from pressroom.serving.explained import Explained, Explainers, explain_piece
from pressroom.serving.given import Asked, AskedColumns, AskedRows, Given, Rows, joined
from pressroom.serving.once import once
from pressroom.serving.promise import Fallback
from pressroom.serving.route import Route, choose, shadows
from pressroom.serving.spans import Spans
from pressroom.serving.tally import Tally
from pressroom.serving.told import Telling
from pressroom.values import Digest, Instant, PressroomError

_logger = logging.getLogger(__name__)
_FAILURES: dict[str, tuple[type[PressroomError], str]] = {
    "number": (NoNumber, "The model answers no number to this row."),
    "deadline": (DeadlinePassed, "The time that this request had is over."),
    "model": (ModelFailed, "The model met an error."),
    "features": (ModelFailed, "The features can't be read now."),
    "stale": (FeaturesStale, "A feature is older than the endpoint promises."),
}


class Ask(msgspec.Struct, frozen=True):
    """A request: what it gives, as of when it asks, when it came and until when an answer is wanted (perf_counter), and
    the trace that it belongs to.
    """

    given: Given
    as_of: Instant
    started_ns: int
    until_ns: int | None = None
    trace: str = ""


class Predictor:
    """An endpoint version, loaded and ready. One batch at a time; `instead` may be asked meanwhile."""

    def __init__(
        self,
        endpoint: Endpoint,
        models: Mapping[Digest, LoadedModel],
        online: OnlineAnswers,
        explainer: Explainers | None = None,
        partials: Mapping[Digest, PartialModel] | None = None,
    ) -> None:
        """Answer for `endpoint` with these loaded models; without `explainer` answers are not explained. Those that
        are in `partials` too are asked in parts where many rows share an entity.
        """
        self.endpoint = endpoint
        self.tallies: dict[str, Tally] = defaultdict(Tally)
        self._models = models
        self._online = online
        self._explainer = explainer
        self._explainers: dict[Digest, Explainer] = {}
        self._partials = partials or {}
        self.fewest_shared = FEWEST_ROWS
        """From how many rows on it is looked at whether they share entities."""
        self._ids = PredictionIds()
        self._telling = Telling(_logger)
        self._bare = not endpoint.question.bound() and not endpoint.question.derivations()
        self.fields = {field.name: field for field in endpoint.row_fields()}
        """What a row of a request has."""
        self._brought = frozenset(field.name for field in endpoint.question.request)
        self._shadows = shadows(endpoint.routes)
        self._answering = tuple(route for route in endpoint.routes if not route.shadow)

    @property
    def has_shadows(self) -> bool:
        """Whether some route answers nobody."""
        return bool(self._shadows)

    @property
    def explains(self) -> bool:
        """Whether it can say what each input did to an answer."""
        return self._explainer is not None

    def predict(self, rows: Sequence[Mapping[str, Value]], as_of: Instant) -> Answers:
        """One prediction for each row, as of one instant. Rows come from `check_rows`.

        Raises TooOld, NoNumber, Unanswered.
        """
        (found,) = self.answer([Ask(Rows(rows), as_of, time.perf_counter_ns())])
        if isinstance(found, PressroomError):
            raise found
        return found.answers

    def answer(self, asks: Sequence[Ask]) -> list[Piece | PressroomError]:
        """The answer to each request, or what stands against it; what is wrong with one harms no other."""
        try:
            return [*self._together(asks)]
        except PressroomError as error:
            if len(asks) == 1:
                return [error]
        return [found for ask in asks for found in self.answer([ask])]

    def instead(self, ask: Ask, because: str) -> Piece:
        """What a fallback answers without features, at once. Raises Unanswered."""
        rows, values = ask.given.as_rows(), {field.name: None for field in self.endpoint.question.inputs()}
        asked = AskedRows(rows, [Answered(values={**values, **row}, ages_s={}) for row in rows])
        now = time.perf_counter_ns()
        troubles = dict.fromkeys(range(len(rows)), because)
        return next(iter(self._told([ask], asked, troubles, features=False, moments=(now, now))))

    def shadow(self, answers: Answers) -> list[Shadowed]:
        """What the shadow routes would have answered; one that fails is counted and told nobody."""
        found: list[Shadowed] = []
        for route in self._shadows:
            try:
                found.append(Shadowed(route=route, predictions=self._score(route, answers.asked, None, len(answers))))
            except PressroomError as error:
                message = f"{self.endpoint.name}: the shadow can't answer, which nobody notices. {error.message}"
                self._telling.trouble(f"shadow {route.digest}", message, error.__cause__)
                self.tallies[route.variant or "shadow"].note_failed(len(answers))
        return found

    def explain(self, piece: Piece, until_ns: int | None = None) -> list[Explained | None]:
        """What each input did to each answer of a request, told before `until_ns`; None for a constant's answers.

        Raises DeadlinePassed, NotExplainable.
        """
        return explain_piece(piece, self._explainer_of, until_ns)

    def plans(self) -> dict[Digest, PartialPlan]:
        """What of each model's work is done once for an entity, or why nothing is."""
        return {digest: partial.plan for digest, partial in self._partials.items()}

    def once(self, piece: Piece) -> list[str]:
        """Whether the models in a request's answers were asked in parts, and why, in words."""
        asked, count = piece.answers.asked, len(piece.answers)
        different = asked.different if isinstance(asked, AskedByEntity) else {}
        routes = {route.digest: route.model for route in piece.answers.routes[piece.start : piece.stop]}
        plans = {model: self._partials[digest].plan for digest, model in routes.items() if digest in self._partials}
        return [f"{model}: {once(plan, count, different).because}" for model, plan in plans.items()]

    def _explainer_of(self, digest: Digest) -> Explainer | None:
        model = self._models.get(digest)
        if model is None or self._explainer is None:
            return None
        return self._explainers.get(digest) or self._explainers.setdefault(digest, self._explainer(model))

    def _together(self, asks: Sequence[Ask]) -> list[Piece]:
        started = time.perf_counter_ns()
        try:
            asked = self._ask(asks)
        except BackendError as error:
            if len(asks) > 1:
                raise
            message = f"{self.endpoint.name}: features can't be read; a fallback answers, or nobody."
            self._telling.trouble("features", message, error, trace=asks[0].trace)
            return [self.instead(asks[0], "features")]
        moments = started, time.perf_counter_ns()
        return self._told(asks, asked, self._troubles(asks, asked), features=True, moments=moments)

    def _ask(self, asks: Sequence[Ask]) -> Asked:
        if self._bare:
            return AskedColumns(joined([*self.fields], [ask.given for ask in asks]))
        count = sum(len(ask.given) for ask in asks)
        if count >= self.fewest_shared * len(asks) and self._online.shares:
            columns = joined([*self.fields], [ask.given for ask in asks]).columns
            return AskedByEntity(columns, count, self._online.by_entity(columns, _instants(asks)))
        if len(asks) == 1:
            rows: Sequence[Mapping[str, Value]] = asks[0].given.as_rows()
        else:
            rows = [row for ask in asks for row in ask.given.as_rows()]
        return AskedRows(rows, self._online.answer(rows, _instants(asks)))

    def _troubles(self, asks: Sequence[Ask], asked: Asked) -> dict[int, str]:
        """The rows that their models shall not answer, and why."""
        found: dict[int, str] = {}
        limit_s = self.endpoint.promise.stale_after_s
        if limit_s is not None:
            found.update({place: f"stale: {name}" for place, name in asked.stale(limit_s)})
        now, start = time.perf_counter_ns(), 0
        for ask in asks:
            stop = start + len(ask.given)
            if ask.until_ns is not None and now > ask.until_ns:
                found.update(dict.fromkeys(range(start, stop), "deadline"))
            start = stop
        return found

    def _told(
        self,
        asks: Sequence[Ask],
        asked: Asked,
        troubles: dict[int, str],
        *,
        features: bool,
        moments: tuple[int, int],
    ) -> list[Piece]:
        rows_of = [len(ask.given) for ask in asks]
        count = sum(rows_of)
        units, routes = self._assign(asked, count)
        scores = self._scores(asked, routes, troubles, asks[0].trace if len(asks) == 1 else "")
        if troubles:
            self._fall_back(asked, routes, scores, troubles, features=features)
        now = time.perf_counter_ns()
        answers = Answers(
            endpoint=self.endpoint,
            ids=self._ids.take(count),
            as_of=Spans([ask.as_of for ask in asks], rows_of),
            asked=asked,
            units=units,
            routes=routes,
            predictions=scores,
            fallbacks=troubles,
            moments=(*moments, now),
            latency_us=Spans([(now - ask.started_ns) // 1_000 for ask in asks], rows_of),
            traces=Spans([ask.trace for ask in asks], rows_of),
        )
        pieces, start = list[Piece](), 0
        for rows in rows_of:
            pieces.append(Piece(answers, start, start + rows))
            start += rows
        return pieces

    def _assign(self, asked: Asked, count: int) -> tuple[Sequence[str | None], list[Route]]:
        if not self.endpoint.unit and len(self._answering) == 1:
            return [None] * count, [self._answering[0]] * count
        if self.endpoint.unit:
            units = [None if value is None else str(value) for value in asked.column(self.endpoint.unit)]
        else:
            units = [None] * count
        salt = self.endpoint.salt
        rows = (asked.row(place) for place in range(count))
        return units, [choose(self._answering, salt, unit or "", row) for unit, row in zip(units, rows, strict=True)]

    def _scores(self, asked: Asked, routes: list[Route], troubles: dict[int, str], trace: str) -> list[float]:
        """The models' answers; a row whose model fails is added to `troubles`."""
        if not troubles and routes.count(routes[0]) == len(routes):
            groups: list[tuple[Route, list[int] | None]] = [(routes[0], None)]
        else:
            places: dict[int, tuple[Route, list[int]]] = {}
            for place, route in enumerate(routes):
                if place not in troubles:
                    places.setdefault(id(route), (route, []))[1].append(place)
            groups = [*places.values()]
        scores = [0.0] * len(routes)
        for route, chosen in groups:
            try:
                found = self._score(route, asked, chosen, len(routes))
            except ModelFailed as error:
                message = f"{self.endpoint.name}: {error.message} A fallback answers, or nobody."
                self._telling.trouble(route.digest, message, error.__cause__, trace=trace)
                troubles.update(dict.fromkeys(range(len(routes)) if chosen is None else chosen, "model"))
                continue
            if chosen is None:
                scores = found
            else:
                for place, score in zip(chosen, found, strict=True):
                    scores[place] = score
            # The sum is finite only where every number is; some that are have none.
            if not isfinite(sum(found)):
                places_of = range(len(found)) if chosen is None else chosen
                wrong = (place for place, score in zip(places_of, found, strict=True) if not isfinite(score))
                troubles.update(dict.fromkeys(wrong, "number"))
        return scores

    def _score(self, route: Route, asked: Asked, places: list[int] | None, count: int) -> list[float]:
        started = time.perf_counter_ns()
        partial = self._partials.get(route.digest)
        if partial is not None and places is None and isinstance(asked, AskedByEntity) and _once(partial, asked, count):
            found = _told_by(lambda: partial.ask(asked.blocks(partial.signature)), self._models[route.digest])
        else:
            found = _predict(self._models[route.digest], asked, places)
        rows = count if places is None else len(places)
        self.tallies[route.variant].note(found, (time.perf_counter_ns() - started) // 1_000 // max(rows, 1))
        return found

    def _fall_back(
        self, asked: Asked, routes: list[Route], scores: list[float], troubles: Mapping[int, str], *, features: bool
    ) -> None:
        """Fill in what fallbacks answer, and who did. Raises NoNumber, Unanswered where none could."""
        for place, because in troubles.items():
            self.tallies[routes[place].variant].note_failed(1)
            for fallback in self.endpoint.promise.fallbacks:
                score = self._answer_instead(fallback, asked, place, features=features)
                if score is not None:
                    scores[place] = score
                    routes[place] = _route_of(fallback, routes[place])
                    break
            else:
                kind, message = _FAILURES[because.partition(":")[0]]
                raise kind(f"{message} No fallback could answer.", next_step="Try again, or declare fallback=0.5.")

    def _answer_instead(self, fallback: Fallback, asked: Asked, place: int, *, features: bool) -> float | None:
        if fallback.kind == "constant":
            return fallback.value
        model = self._models.get(fallback.digest)
        if model is None or (not features and not self._brought.issuperset(model.package.signature.names())):
            return None
        try:
            (score,) = _predict(model, asked, [place])
        except PressroomError:
            return None
        return score if isfinite(score) else None


def _instants(asks: Sequence[Ask]) -> list[Instant]:
    return [ask.as_of for ask in asks for _ in range(len(ask.given))]


def _once(partial: PartialModel, asked: AskedByEntity, count: int) -> bool:
    return once(partial.plan, count, asked.different).used


def _predict(model: LoadedModel, asked: Asked, places: list[int] | None) -> list[float]:
    """What a model answers. Raises SignatureMismatch for inputs that it can't take, ModelFailed for all else."""
    inputs = asked.inputs(model.package.signature, places)
    return _told_by(lambda: model.runnable.predict(inputs), model)


def _told_by(predict: Callable[[], Floats], model: LoadedModel) -> list[float]:
    try:
        found = predict()
    except SignatureMismatch:
        raise
    except Exception as error:
        raise ModelFailed(f"{model.package.name} met an error: {error}.") from error
    return found.tolist()


def _route_of(fallback: Fallback, meant: Route) -> Route:
    """Who answered, under the variant that was meant: nobody changes sides by it."""
    name = "constant" if fallback.kind == "constant" else fallback.model
    return Route(variant=meant.variant, model=name, version=fallback.version, digest=fallback.digest)
