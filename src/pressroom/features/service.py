"""The counter of the room: one question, answered offline and online."""

from collections.abc import Sequence
from contextlib import AbstractContextManager

import pyarrow as pa

from pressroom.facts import Facts, FactVersion, Label
from pressroom.features.answers import Answers, Asking, LargerThanMemory, answers, begun
from pressroom.features.buckets.larger import Told
from pressroom.features.check_view import ViewCheck, check_view
from pressroom.features.fact_reader import FactReader
from pressroom.features.forget import ForgottenOnline, Neighbours, forget, is_online
from pressroom.features.label import answer_label, label_key
from pressroom.features.materialize import follow
from pressroom.features.offline import answer
from pressroom.features.online import OnlineAnswers
from pressroom.features.question import Question
from pressroom.features.view import View
from pressroom.ports import Keys
from pressroom.values import FactSchema, Instant


class Features:
    """Answers questions about the facts of one workspace."""

    def __init__(self, *, facts: Facts, keys: Keys, larger: LargerThanMemory | None = None) -> None:
        """Ask these facts, and keep online answers in these keys; `larger` is for what does not fit in memory."""
        self._facts = facts
        self._keys = keys
        self._larger = larger

    def offline(self, question: Question, spine: pa.Table) -> tuple[pa.Table, tuple[FactVersion, ...]]:
        """The question for every row of `spine` (`as_of`, keys, request fields), and which facts were seen."""
        reader = FactReader(self._facts)
        return answer(question, spine, reader.read), reader.seen()

    def answers(self, asking: Asking, *, told: Told = lambda progress: None) -> AbstractContextManager[Answers]:
        """The answers to all rows of a spine, a block at a time: worked out in memory where they fit, else by buckets
        of the keys, in a scratch that is empty again afterwards. Raises BadSpine, NoSpace, Held.
        """
        return answers(asking, facts=self._facts, larger=self._larger, told=told)

    def begun(self, asking: Asking) -> Instant | None:
        """As of when the same answers are known that a process began by buckets and did not finish; None for none.

        Asked as known at that instant, they go on where they were.
        """
        return None if self._larger is None else begun(asking, self._larger.scratch)

    def drop_scratch(self) -> None:
        """Remove what unfinished answers left on the disk."""
        if self._larger is not None:
            self._larger.scratch.remove("")

    def label(
        self, label: Label, spine_fact: FactSchema, spine: pa.Table, *, known_at: Instant
    ) -> tuple[pa.Array, tuple[FactVersion, ...]]:
        """What followed each row of `spine`, as known at `known_at`; and which facts were seen."""
        reader = FactReader(self._facts)
        key = label_key(label, spine_fact)
        return answer_label(label, key, spine, reader.read, known_at=known_at), reader.seen()

    def online(self, question: Question) -> OnlineAnswers:
        """The question, compiled for requests. Raises NotOnline."""
        return OnlineAnswers(question, self._keys)

    def follow(self, views: Sequence[View]) -> int:
        """Bring the online store up to date with the log; how many facts were applied."""
        return follow(views, facts=self._facts, keys=self._keys)

    def forget(self, views: Sequence[View], *, entity: str, subject: str, neighbours: Neighbours) -> ForgottenOnline:
        """Forget a subject online, once its facts are gone; `views` are all that there ever were."""
        return forget(views, entity=entity, subject=subject, neighbours=neighbours, facts=self._facts, keys=self._keys)

    def is_online(self, views: Sequence[View], *, entity: str, subject: str) -> bool:
        """Whether the online store has a row of the subject's own."""
        return is_online(views, entity=entity, subject=subject, keys=self._keys)

    def check(self, view: View, *, scratch: Keys, samples: int = 1_000) -> ViewCheck:
        """Ask a view of the facts that there are, offline, online and of an oracle, and compare. `scratch` is the
        check's own. Raises NoOracle, OfflineOnly.
        """
        columns = {fact.name: ["event", "known"] for fact in view.facts()}
        for feature in view.features:
            columns[feature.aggregate.fact.name] += feature.aggregate.columns()
        tables = {fact.name: self._facts.history(fact, columns[fact.name])[0] for fact in view.facts()}
        return check_view(view, tables, scratch, samples=samples)
