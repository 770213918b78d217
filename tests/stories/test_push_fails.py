"""Every way in which a push or a trial fails, with models that really do so: what served before serves on."""

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")

from onnx import TensorProto, helper, numpy_helper
from tests.doors.inference.conftest import InProcess
from tests.projects import request_row
from tests.servers import wait_for

from pressroom.catalog import Entry
from pressroom.models import Origin, Signature, pack
from pressroom.serving import CanaryPromise, Promise, PushRefused, Rollout, Share, fallback_of
from pressroom.values import PressroomError

MATRIX = 700


def graph(*nodes, **numbers):
    """A model of the input `pieces`."""
    ends = [helper.make_tensor_value_info(name, TensorProto.DOUBLE, [None, 1]) for name in ("pieces", "label")]
    kept = [numpy_helper.from_array(value, name) for name, value in {"tenth": np.array([[0.1]]), **numbers}.items()]
    made = helper.make_graph(
        [helper.make_node(*node[:3], **node[3]) for node in nodes], "model", ends[:1], ends[1:], kept
    )
    return helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


TIMES = ("Mul", ["pieces", "tenth"], ["label"], {})
INDEX = ("Cast", ["pieces"], ["index"], {"to": TensorProto.INT64})


def by_table(values):
    """Answers by a table of the pieces; more pieces than it has rows are an error of onnxruntime."""
    return graph(INDEX, ("Gather", ["table", "index"], ["label"], {"axis": 0}), table=np.array(values))


def by_work(sizes):
    """Right answers, after the product of two matrices as large as a table of the pieces says."""
    return graph(
        INDEX,
        ("Gather", ["sizes", "index"], ["each"], {"axis": 0}),
        ("ReduceMax", ["each"], ["size"], {"keepdims": 0}),
        ("Unsqueeze", ["size", "zero"], ["side"], {}),
        ("Concat", ["side", "side"], ["shape"], {"axis": 0}),
        ("ConstantOfShape", ["shape"], ["ones"], {"value": helper.make_tensor("v", TensorProto.DOUBLE, [1], [1.0])}),
        ("MatMul", ["ones", "ones"], ["product"], {}),
        ("ReduceMin", ["product"], ["least"], {"keepdims": 0}),
        ("Mul", ["least", "nothing"], ["none"], {}),
        ("Mul", ["pieces", "tenth"], ["scaled"], {}),
        ("Add", ["scaled", "none"], ["label"], {}),
        sizes=np.array(sizes, np.int64),
        zero=np.array([0], np.int64),
        nothing=np.array(0.0),
    )


MODELS = {
    "right": graph(TIMES),
    "random": graph(
        ("RandomUniformLike", ["pieces"], ["drawn"], {"dtype": TensorProto.DOUBLE}),
        ("Mul", ["drawn", "tenth"], ["label"], {}),
    ),
    "not_eight": graph(
        ("Shape", ["pieces"], ["shape"], {}),
        ("Equal", ["shape", "eight"], ["is_eight"], {}),
        ("Cast", ["is_eight"], ["one_more"], {"to": TensorProto.INT64}),
        ("Add", ["shape", "one_more"], ["wrong"], {}),
        ("Reshape", ["pieces", "wrong"], ["same"], {}),
        ("Mul", ["same", "tenth"], ["label"], {}),
        eight=np.array([8, 0], np.int64),
    ),
    "of_the_batch": graph(
        ("ReduceMean", ["pieces"], ["mean"], {}),
        ("Sub", ["pieces", "mean"], ["centred"], {}),
        ("Mul", ["centred", "tenth"], ["label"], {}),
    ),
    "slow": by_work([MATRIX] * 10),
    "slow_beyond_five": by_work([1] * 6 + [MATRIX] * 4),
    "errs_beyond_five": by_table([0.1 * pieces for pieces in range(6)]),
    "damaged": graph(TIMES, more=np.array([1.0])),
}  # fmt: skip


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """A server in memory whose endpoint was asked lately, and models in its catalog that are no good."""
    served = InProcess(tmp_path_factory.mktemp("failing"))
    workspace = served.workspace
    frozen, parent = workspace.training.build(served.definitions.training_set("late"), known_at=2**60)
    inputs = tuple(field for field in frozen.inputs if field.name == "pieces")
    right = Signature(inputs=inputs, output=replace(frozen.label, unit="probability"))
    boxes = replace(right, inputs=(replace(inputs[0], unit="box"),))
    made = {name: (model, right) for name, model in MODELS.items()} | {"boxes": (MODELS["right"], boxes)}
    for name, (model, signature) in made.items():
        packed = pack(
            model,
            name=f"late.{name}",
            signature=signature,
            golden=frozen.table.slice(0, 100),
            origin=Origin(),
            blobs=workspace.ports.blobs,
        )
        entry = Entry(
            kind="model", name=f"late.{name}", digest=packed.digest, version="1.0.0", created=0, parents=(parent,),
            purposes=("operations",),
        )  # fmt: skip
        workspace.catalog.point(workspace.catalog.publish(entry))
    kept = workspace.ports.blobs._kept
    digest = workspace.catalog.current("model", "late.damaged").digest
    kept[digest] = kept[digest][:-1] + b"\0"
    for number in range(30):
        assert served.predict({"rows": [request_row(number)]})[0] == 200
    served.log.flush()
    yield served
    served.close()


def answering(shop):
    status, said = shop.predict({"rows": [request_row()]})
    assert status == 200
    return said["endpoint_version"], said["predictions"][0]["model"]


def share(name):
    return [Share(model=f"late.{name}")]


@pytest.mark.parametrize(
    ("model", "changes", "step", "words"),
    [
        ("nobody", {}, "resolve", "late.nobody"),
        ("right", {"purpose": "advertising"}, "policy", "advertising"),
        ("damaged", {}, "load", "late.damaged 1.0.0 can't be loaded"),
        ("boxes", {}, "signature", "wants pieces (int, box)"),
        ("not_eight", {}, "warm-up", "met an error: Fail"),
        ("random", {}, "golden rows", "answers its golden rows differently here"),
        ("of_the_batch", {}, "server path", "answers golden rows differently when they are sent"),
        ("slow", {"promise": Promise(deadline_ms=1)}, "replay", "1 ms are promised"),
    ],
)
def test_a_step_that_fails_leaves_the_old_model_in_service_and_counts_as_failed(shop, model, changes, step, words):
    before, risk = answering(shop), shop.definitions.endpoint("risk")
    with pytest.raises(PressroomError) as caught:
        shop.workspace.serving.push(replace(risk, **changes), share(model))
    assert caught.value.next_step
    *_, failed, outcome = shop.workspace.serving.steps("risk")
    assert (failed.verdict.check, failed.verdict.held) == (step, False)
    assert (outcome.verdict.check, outcome.verdict.held) == ("push", False)
    assert failed.verdict.found == outcome.verdict.found == caught.value.message
    assert words in failed.verdict.found or words in str(caught.value)
    assert "\n" not in outcome.verdict.found
    assert failed.push == outcome.push
    assert answering(shop) == before


def on_trial(shop, model, promise, **rollout):
    """A push that others answer beside; back at the model by pieces first."""
    risk = replace(shop.definitions.endpoint("risk"), promise=promise)
    shop.workspace.serving.push(risk, share("by_pieces"))
    version = shop.workspace.serving.push(risk, share(model), rollout=Rollout(**rollout)).endpoint.version
    assert wait_for(lambda: answering(shop)[0] == version)
    return version


def is_taken_back(shop, version, words):
    assert wait_for(lambda: shop.workspace.serving.current("risk").version == version - 1)
    assert wait_for(lambda: answering(shop)[0] == version - 1)
    assert wait_for(lambda: shop.workspace.serving.steps("risk")[-1].verdict.check == "canary")
    last = shop.workspace.serving.steps("risk")[-1]
    assert (last.version, last.verdict.held) == (version, False)
    assert words in last.verdict.found
    return True


def test_a_canary_that_errs_is_taken_back_and_its_askers_got_the_fallback(shop):
    promise = Promise(canary=CanaryPromise(least=20), fallbacks=(fallback_of(0.5),))
    version = on_trial(shop, "errs_beyond_five", promise, canary=0.5)
    status, said = shop.predict({"rows": [request_row(number, pieces=9) for number in range(100)]})
    assert status == 200
    trial = [each for each in said["predictions"] if each["variant"] == "canary"]
    assert {(each["fallback"], each["prediction"], each["model"]) for each in trial} == {("model", 0.5, "constant")}
    assert {each["fallback"] for each in said["predictions"] if each["variant"] == "stable"} == {None}
    assert is_taken_back(shop, version, "of its")


def test_a_canary_that_is_slow_is_taken_back(shop):
    version = on_trial(shop, "slow_beyond_five", Promise(canary=CanaryPromise(least=15)), canary=0.5)
    for number in range(60):
        assert shop.predict({"rows": [request_row(number, pieces=9)]})[0] == 200
    assert is_taken_back(shop, version, "its 99th percentile is")


def test_a_shadow_that_errs_is_told_in_the_log_alone(shop, caplog):
    on_trial(shop, "errs_beyond_five", Promise(), shadow=True)
    status, said = shop.predict({"rows": [request_row(pieces=9)]})
    assert (status, said["predictions"][0]["model"], said["predictions"][0]["fallback"]) == (
        200,
        "late.by_pieces",
        None,
    )
    assert wait_for(lambda: "the shadow can't answer" in caplog.text)


def test_what_breaks_in_a_trial_s_way_is_refused_before(shop):
    before = answering(shop)
    with pytest.raises(PushRefused, match="no share for a trial"):
        shop.workspace.serving.push(shop.definitions.endpoint("risk"), share("right"), rollout=Rollout(canary=1.5))
    assert shop.workspace.serving.steps("risk")[-1].verdict.held is False
    assert answering(shop) == before
