"""What every adapter must do, ours or a stranger's.

    class TestMyAdapter(AdapterContract):
        frameworks = ("myframework",)

        def adapter(self):
            return MyAdapter()

        def example(self):
            return Example(model=..., signature=..., rows=...)

The adapter must be installed under the entry points group `pressroom.adapters`, for packages are loaded in fresh
processes. Of a signature with optional inputs, some of the rows should have nulls.
"""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
import pyarrow as pa
import pytest

from pressroom.models import (
    Adapter,
    Column,
    Inputs,
    Limits,
    MeanBy,
    NotExplained,
    NotLowered,
    NotTrusted,
    Origin,
    Packed,
    Permits,
    Signature,
    adapter_for,
    adapter_of_kind,
    count_rows,
    inputs_from_table,
    load,
    load_native,
    pack,
    take_rows,
    verify_golden,
)
from pressroom.ports import Damaged
from pressroom.testing.blobs import FolderBlobs
from pressroom.values import FieldSchema, InvalidInput, PressroomError

ALL = Permits(types=("*",), trusted=lambda _: True, limits=Limits(half_fenced=True))

_LOADED = """
import json, sys
from pathlib import Path
import numpy as np
from pressroom.models import Limits, Permits, golden_rows, load, load_native, read_package
from pressroom.testing.blobs import FolderBlobs
folder, digest, missing, watched = sys.argv[1:5]
for name in filter(None, missing.split(",")):
    sys.modules[name] = None
permits = Permits(types=("*",), trusted=lambda _: True, limits=Limits(half_fenced=True))
blobs = FolderBlobs(Path(folder))
if missing:
    try:
        load_native(digest, read_package(digest, blobs), blobs, permits)
    except Exception as error:
        print(json.dumps(type(error).__name__))
    else:
        print(json.dumps("loaded"))
    sys.exit()
loaded = load(digest, blobs, permits)
inputs, expected = golden_rows(loaded.package, blobs)
answers = loaded.runnable.predict(inputs)
seen = [name for name in watched.split(",") if name in sys.modules]
print(json.dumps([float(np.abs(answers - expected).max()), seen]))
"""

_FOUND = """
import sys
import pressroom
import pressroom.models as models
for adapter in models.installed_adapters():
    assert not adapter.owns(object()), adapter.kind
print(",".join(name for name in sys.argv[1].split(",") if name in sys.modules))
"""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Example:
    """A small fitted model, its signature, and rows that it may be asked."""

    model: object
    signature: Signature
    rows: pa.Table

    def inputs(self) -> Inputs:
        """The rows as models see them."""
        return inputs_from_table(self.signature, self.rows)


class AdapterContract:
    """Subclass it, override `adapter` and `example`; name the modules of the framework in `frameworks`."""

    frameworks: tuple[str, ...] = ()
    tolerance: float = 1e-6

    def adapter(self) -> Adapter:
        """The adapter."""
        raise NotImplementedError

    def example(self) -> Example:
        """A model that it owns. Made anew at each call, from the same rows."""
        raise NotImplementedError

    @pytest.fixture
    def blobs(self, tmp_path: Path) -> FolderBlobs:
        """Where packages are kept."""
        return FolderBlobs(tmp_path / "blobs")

    @pytest.fixture
    def packed(self, blobs: FolderBlobs) -> tuple[Example, Packed]:
        """The example, packed."""
        example = self.example()
        return example, self.pack(example, blobs)

    def pack(self, example: Example, blobs: FolderBlobs) -> Packed:
        """Pack an example."""
        return pack(
            example.model,
            name="example",
            signature=example.signature,
            golden=example.rows,
            origin=Origin(),
            blobs=blobs,
            tolerance=self.tolerance,
            limits=ALL.limits,
        )

    def test_it_owns_its_models_and_nothing_else(self) -> None:
        adapter, example = self.adapter(), self.example()
        assert adapter.owns(example.model)
        assert adapter_for(example.model).kind == adapter.kind == adapter_of_kind(adapter.kind).kind
        for stranger in (object(), None, 1.0, "text", [1.0], {"a": 1.0}, example.rows):
            assert not adapter.owns(stranger)

    def test_the_packed_model_answers_its_golden_rows_in_a_fresh_process(
        self, packed: tuple[Example, Packed], tmp_path: Path
    ) -> None:
        _, made = packed
        difference, _ = self._fresh(tmp_path, made)
        assert difference <= self.tolerance

    def test_it_answers_like_the_trained_model(self, packed: tuple[Example, Packed], blobs: FolderBlobs) -> None:
        example, made = packed
        inputs = example.inputs()
        original = self.adapter().original(example.model, example.signature, inputs)
        loaded = load(made.digest, blobs, ALL)
        np.testing.assert_allclose(loaded.runnable.predict(inputs), original, rtol=self.tolerance, atol=self.tolerance)
        assert verify_golden(loaded, blobs) <= self.tolerance

    def test_the_same_model_has_the_same_digest(self, packed: tuple[Example, Packed], blobs: FolderBlobs) -> None:
        example, made = packed
        again = self.pack(example, blobs)
        assert again.digest == made.digest

    def test_one_row_and_many_and_none_are_answered_alike(
        self, packed: tuple[Example, Packed], blobs: FolderBlobs
    ) -> None:
        example, made = packed
        inputs, runnable = example.inputs(), load(made.digest, blobs, ALL).runnable
        together = runnable.predict(inputs)
        assert together.dtype == np.float64
        for row in range(min(5, count_rows(inputs))):
            alone = runnable.predict(take_rows(inputs, np.array([row])))
            np.testing.assert_allclose(alone, together[row : row + 1], rtol=1e-6, atol=1e-6)
        none = runnable.predict(take_rows(inputs, np.array([], dtype=np.int64)))
        assert none.shape == (0, *together.shape[1:])

    def test_missing_values_are_answered_where_the_signature_lets_them(
        self, packed: tuple[Example, Packed], blobs: FolderBlobs
    ) -> None:
        example, made = packed
        runnable, rows = load(made.digest, blobs, ALL).runnable, take_rows(example.inputs(), np.arange(3))
        for field in example.signature.inputs:
            if field.optional:
                null = [None] * 3 if field.type == "string" else np.full(3, np.nan)
                column = cast("Column", np.array(null, dtype=rows[field.name].dtype))
                inputs: Inputs = {**rows, field.name: column}
                answers = runnable.predict(inputs)
                assert np.isfinite(answers).all(), f"null in {field.name}"
                original = self.adapter().original(example.model, example.signature, inputs)
                np.testing.assert_allclose(answers, original, rtol=self.tolerance, atol=self.tolerance)

    def test_whole_numbers_and_short_floats_are_taken_as_the_numbers_they_are(
        self, packed: tuple[Example, Packed], blobs: FolderBlobs
    ) -> None:
        example, made = packed
        numbers = [field.name for field in example.signature.inputs if field.type == "float"]
        rows = example.rows.slice(0, 8)
        for name in numbers:
            whole = rows.column(name).cast(pa.float64()).to_numpy(zero_copy_only=False).round()
            values = [None if value != value else value for value in whole.tolist()]
            place = rows.column_names.index(name)
            wide = rows.set_column(place, name, pa.array(values, pa.float64()))
            runnable = load(made.digest, blobs, ALL).runnable
            answers = runnable.predict(inputs_from_table(example.signature, wide))
            for kind in (pa.int64(), pa.int16(), pa.float32()):
                if kind == pa.int16() and any(abs(value or 0) > 30_000 for value in values):
                    continue
                cast = rows.set_column(place, name, pa.array(values, pa.float64()).cast(kind))
                narrow = runnable.predict(inputs_from_table(example.signature, cast))
                np.testing.assert_allclose(narrow, answers, rtol=1e-5, atol=1e-6)

    def test_a_flipped_byte_in_any_file_is_refused(self, packed: tuple[Example, Packed], blobs: FolderBlobs) -> None:
        _, made = packed
        files = [made.digest, made.package.golden, *made.package.files.values()]
        for digest in dict.fromkeys(files):
            blobs.flip(digest)
            with pytest.raises(Damaged):
                blobs.get(digest)
            if digest in (made.digest, *_served(made)):
                with pytest.raises(Damaged):
                    load(made.digest, blobs, ALL)
            blobs.flip(digest)
        assert load(made.digest, blobs, ALL).digest == made.digest

    def test_files_that_are_missing_or_cut_short_are_refused(self) -> None:
        adapter, example = self.adapter(), self.example()
        if adapter.tier == "code":
            return
        with pytest.raises(InvalidInput):
            adapter.load({}, example.signature)
        try:
            files = adapter.dump(example.model, example.signature)
        except PressroomError:
            return
        for name, content in files.items():
            with pytest.raises(PressroomError):
                adapter.load({**files, name: content[: len(content) // 2]}, example.signature)

    def test_nothing_beyond_data_is_loaded_without_a_permit(
        self, packed: tuple[Example, Packed], blobs: FolderBlobs
    ) -> None:
        _, made = packed
        if self.adapter().tier == "code":
            with pytest.raises(NotTrusted):
                load(made.digest, blobs)
        elif self.adapter().tier == "safe" or made.package.form != "native":
            assert load(made.digest, blobs).digest == made.digest

    def test_several_threads_may_ask_at_once(self, packed: tuple[Example, Packed], blobs: FolderBlobs) -> None:
        example, made = packed
        inputs, runnable = example.inputs(), load(made.digest, blobs, ALL).runnable
        expected = runnable.predict(inputs)
        with ThreadPoolExecutor(4) as threads:
            for answers in threads.map(runnable.predict, [inputs] * 12):
                np.testing.assert_array_equal(answers, expected)

    def test_lowering_gives_data_or_a_reason(self) -> None:
        example, reason = self.example(), ""
        try:
            structure = self.adapter().lower(example.model, example.signature)
        except NotLowered as error:
            structure, reason = None, error.message
        assert type(structure).__name__ in ("Linear", "Trees", "Graph") or len(reason) > 10

    def test_explaining_adds_up_to_the_score_or_gives_a_reason(
        self, packed: tuple[Example, Packed], blobs: FolderBlobs
    ) -> None:
        example, made = packed
        rows = take_rows(example.inputs(), np.arange(min(6, example.rows.num_rows)))
        try:
            native = load_native(made.digest, made.package, blobs, ALL)
            found = self.adapter().explain(native, rows, example.inputs(), within_s=2.0)
        except (NotExplained, InvalidInput):
            return
        assert found.names == example.signature.names()
        assert found.values.shape == found.error.shape == (count_rows(rows), len(found.names))
        answers = native.predict(rows)
        if found.space == "answer":
            np.testing.assert_allclose(found.scores(), answers, atol=1e-4)
        else:
            order = np.argsort(found.scores(), kind="stable")
            assert (np.diff(answers[order]) >= -1e-6).all(), "raw scores and answers are in another order"

    def test_finding_adapters_imports_no_framework(self) -> None:
        ran = self._run(_FOUND, ",".join(self.frameworks))
        assert ran == ""

    def test_a_package_of_another_framework_is_loaded_without_this_one(self, tmp_path: Path) -> None:
        if self.adapter().kind == "baseline":
            return
        signature = Signature(inputs=(FieldSchema(name="a", type="float"),), output=FieldSchema(name="y", type="float"))
        model = MeanBy(keys=("a",)).fit({"a": np.zeros(2)}, np.array([1.0, 0.0]))
        rows, blobs = pa.table({"a": [0.0, 1.0]}), FolderBlobs(tmp_path / "blobs")
        made = pack(model, name="mean", signature=signature, golden=rows, origin=Origin(), blobs=blobs)
        assert self._fresh(tmp_path, made) == (0.0, [])

    def test_a_missing_framework_is_named(self, packed: tuple[Example, Packed], tmp_path: Path) -> None:
        _, made = packed
        if not self.frameworks or self.adapter().tier == "code":
            return
        told = json.loads(self._run(_LOADED, str(tmp_path / "blobs"), made.digest, ",".join(self.frameworks), ""))
        # A package may hold no file of the framework's own: then there is nothing that would need it.
        without = set(made.package.files) <= {"linear.json", "served.onnx", "trees.arrow"}
        assert told == "FrameworkMissing" or (without and self.adapter().kind != "onnx"), told

    def _fresh(self, tmp_path: Path, made: Packed) -> tuple[float, list[str]]:
        told = self._run(_LOADED, str(tmp_path / "blobs"), made.digest, "", ",".join(self.frameworks))
        difference, seen = json.loads(told)
        return difference, seen

    def _run(self, program: str, *arguments: str) -> str:
        ran = subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stderr
        return ran.stdout.strip().splitlines()[-1] if ran.stdout.strip() else ""


def _served(made: Packed) -> list[str]:
    files = made.package.files
    wanted = {"linear": "linear.json", "onnx": "served.onnx"}.get(made.package.form)
    return [files[wanted]] if wanted else [digest for name, digest in files.items() if name != "trees.arrow"]
