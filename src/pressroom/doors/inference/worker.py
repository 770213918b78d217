"""One worker of the server: what it opens, what it watches, and how it ends."""

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from pressroom.costs import USAGE, Meter, Usage, usage_row
from pressroom.doors.inference.access import Access
from pressroom.doors.inference.answering import Answering, Limits, Staff
from pressroom.doors.inference.desk import Desk
from pressroom.doors.inference.metrics import Metrics, Reading
from pressroom.doors.inference.traced import Traced, open_spans
from pressroom.doors.inference.wire import Responds
from pressroom.serving import broken_promise
from pressroom.values import PressroomError
from pressroom.workspace import Workspace

REFRESH_S = 0.02
"""How soon a moved pointer is noticed."""

_LOOKING_SHARE = 0.02
"""Looking takes no more than this part of a processor's time."""

_JUDGE_EVERY_S, _OUTCOMES_EVERY_S, _SHARE_EVERY_S, _USAGE_EVERY_S = 0.25, 2.0, 1.0, 60.0
_LOADERS = 2
_logger = logging.getLogger(__name__)


class Worker:
    """Answers for a workspace until it is closed. Everything is loaded and warm once it is made."""

    def __init__(self, workspace: Workspace, *, version: str, metrics_folder: Path | None = None) -> None:
        """Open what answers, load every endpoint, and start to watch."""
        told, serving = workspace.settings.server, workspace.serving
        self._workspace = workspace
        self._meter = Meter().__enter__()
        self._noted = Usage()
        self._when_full = told.log_policy()
        self.live = serving.live(memory_bytes=told.model_memory_bytes or None, partial_bytes=told.partial_cache_bytes)
        self.live.refresh()
        self.log = serving.prediction_log(when_full=self._when_full)
        self._threads = ThreadPoolExecutor(thread_name_prefix="answering")
        self._loaders = ThreadPoolExecutor(_LOADERS, thread_name_prefix="loading")
        self.spans = open_spans(workspace.settings, version=version)
        written = self.log if self.spans is None else self.spans.watched(self.log)
        self.desk = Desk(log=written, threads=self._threads, longest_wait_us=told.longest_wait_ms * 1e3)
        self.metrics = Metrics(metrics_folder, also=None if self.spans is None else self.spans.note)
        self._access = Access(workspace.tokens.roles() if told.tokens else None)
        answering = Answering(
            Staff(
                live=self.live,
                log=self.log,
                clock=workspace.ports.clock,
                desk=self.desk,
                threads=self._threads,
                access=self._access,
                metrics=self.metrics,
                is_ready=self.is_ready,
            ),
            Limits(most_rows=told.max_rows, replay=told.replay),
            version=version,
        )
        self.answering: Responds = answering if self.spans is None else Traced(answering, self.spans)
        self._loading: set[str] = set()
        self._rests_until = 0.0
        self._stop = threading.Event()
        self._watcher = threading.Thread(target=self._watch, name="watch", daemon=True)
        self._watcher.start()

    def is_ready(self) -> bool:
        """Whether it can answer, and write down what it answers."""
        return bool(self.live.names()) and (self.log.failure is None or self._when_full == "drop")

    def close(self) -> None:
        """Stop: write what waits, note what was used."""
        self._stop.set()
        self._watcher.join()
        self._loaders.shutdown()
        self._threads.shutdown()
        self.log.close()
        if self.spans is not None:
            self.spans.close()
        self._share()
        self._note_usage()

    def _watch(self) -> None:
        due = {
            self._judge: _JUDGE_EVERY_S,
            self._judge_by_outcomes: _OUTCOMES_EVERY_S,
            self._share: _SHARE_EVERY_S,
            self._note_usage: _USAGE_EVERY_S,
        }
        next_at = {each: time.monotonic() + every for each, every in due.items()}
        pause = REFRESH_S
        while not self._stop.wait(pause):
            started, worked_s = time.monotonic(), time.thread_time()
            self._quietly(self._look)
            # Its own work counts, not what it waits for: a busy worker notices a rollback as soon as an idle one.
            pause = max(REFRESH_S, (time.thread_time() - worked_s) / _LOOKING_SHARE)
            for each, every in due.items():
                if started >= next_at[each]:
                    next_at[each] = started + every
                    self._quietly(each)

    def _quietly(self, work: Callable[[], object]) -> None:
        try:
            work()
        except PressroomError:
            pass
        except Exception:
            _logger.exception("Watching met a defect; it goes on.")

    def _look(self) -> None:
        """Take in what moved; a slow load stands in no other's way."""
        for name in self.live.moved():
            if name not in self._loading:
                self._loading.add(name)
                if self.live.is_loaded_next(name):
                    self._take_in(name)
                else:
                    self._loaders.submit(self._take_in, name)

    def _take_in(self, name: str) -> None:
        try:
            self._quietly(lambda: self.live.take_in(name))
        finally:
            self._loading.discard(name)

    def _judge(self) -> None:
        """Take back what is on trial and breaks its promise."""
        for name in self.live.names():
            predictor = self.live.ready(name)
            if predictor is None or not predictor.endpoint.canary:
                continue
            broken = broken_promise(predictor.tallies, predictor.endpoint.promise.canary)
            if broken and self._workspace.serving.end_trial(predictor.endpoint, broken):
                _logger.warning("The canary of %s is taken back: %s.", name, broken)

    def _judge_by_outcomes(self) -> None:
        """Take back what is on trial and misses what happened by more than it promised; in no great hurry."""
        started = time.monotonic()
        if started < self._rests_until:
            return
        for name in self.live.names():
            predictor = self.live.ready(name)
            broken = predictor and self._workspace.serving.broken_guardrail(predictor.endpoint)
            if predictor and broken and self._workspace.serving.end_trial(predictor.endpoint, broken):
                _logger.warning("The canary of %s is taken back: %s.", name, broken)
        self._rests_until = time.monotonic() + (time.monotonic() - started) / _LOOKING_SHARE

    def _share(self) -> None:
        if self._access.tokens is not None:
            self._access.tokens = self._workspace.tokens.roles()
        self.metrics.share(self._reading())

    def _reading(self) -> Reading:
        totals = {"log_written": self.log.written, "log_dropped": self.log.dropped}
        totals |= {"log_sampled_out": self.log.sampled_out, "batches": self.desk.batches}
        if self.spans is not None:
            totals |= self.spans.totals()
        parts = self.live.partial_counts()
        totals |= {"partial_hits": parts.hits, "partial_misses": parts.misses, "partial_dropped": parts.dropped}
        gauges = {
            "workers": 1.0,
            "requests_waiting": float(self.desk.waiting()),
            "log_waiting": float(self.log.waiting()),
            "log_failing": float(self.log.failure is not None),
            "endpoints_loaded": float(len(self.live.loaded())),
            "model_bytes": float(self.live.model_bytes()),
            "partial_bytes": float(parts.held_bytes),
        }
        return Reading(totals=totals, gauges=gauges, shed={**self.desk.shed})

    def _note_usage(self) -> None:
        """Write what this worker used since it was last written."""
        used = self._meter.usage
        fresh = used.less(self._noted)
        row = usage_row(run="serve", step="serve", outcome="done", usage=fresh, at=self._workspace.ports.clock.now())
        self._workspace.facts.append_checked([(USAGE, row)])
        self._noted = used
