"""The gRPC door of a real server: the protocol's methods, what is refused and how, and nothing that stops it."""

import contextlib
import shutil
import subprocess
import sys
from types import SimpleNamespace

import grpc
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.doors.inference.test_tls import SecureServer, write_certificate
from tests.projects import request_row
from tests.servers import PATIENCE_S, Server, free_port, served_folder, wait_for

from pressroom.doors.errors import ExtraMissing
from pressroom.doors.inference.grpc_door import _headers
from pressroom.doors.inference.grpc_messages import SERVICE, message_class
from pressroom.doors.inference.listening import listening_at, need
from pressroom.workspace import open_workspace

INFER = message_class("ModelInferRequest")
OUR_FAULT = (grpc.StatusCode.INTERNAL, grpc.StatusCode.UNKNOWN, grpc.StatusCode.UNAVAILABLE)
KINDS = {
    "order": ("BYTES", "bytes_contents"),
    "customer": ("BYTES", "bytes_contents"),
    "quarter": ("BYTES", "bytes_contents"),
    "distance": ("FP64", "fp64_contents"),
    "pieces": ("INT64", "int64_contents"),
    "gift": ("BOOL", "bool_contents"),
    "channel": ("BYTES", "bytes_contents"),
    "promised": ("BYTES", "bytes_contents"),
}


class Rpc:
    """The protocol's methods over one channel; messages are given and come back as they are."""

    def __init__(self, channel):
        self.channel = channel

    def bytes(self, method, content, **told):
        return self.channel.unary_unary(f"/{SERVICE}/{method}")(content, **{"timeout": PATIENCE_S, **told})

    def ask(self, method, request=None, **told):
        sent = request if request is not None else message_class(f"{method}Request")()
        return message_class(f"{method}Response").FromString(self.bytes(method, sent.SerializeToString(), **told))

    def outcome(self, method, content):
        try:
            return None, self.bytes(method, content)
        except grpc.RpcError as error:
            return error.code(), error.details()

    def refusal(self, method, request, **told):
        with pytest.raises(grpc.RpcError) as caught:
            self.ask(method, request, **told)
        return caught.value.code(), caught.value.details()


@contextlib.contextmanager
def connected(port):
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        grpc.channel_ready_future(channel).result(PATIENCE_S)
        yield Rpc(channel)


@contextlib.contextmanager
def running(folder, *, kind=Server, more=""):
    port = free_port()
    server = kind(folder, served_folder(folder, more=f"grpc_port = {port}\n{more}"))
    server.grpc_port = port
    try:
        yield server
    finally:
        if server.process.poll() is None:
            server.stop()


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    with running(tmp_path_factory.mktemp("grpc")) as server:
        yield server


@pytest.fixture(scope="module")
def rpc(served):
    with connected(served.grpc_port) as found:
        yield found


def request_of(rows, *, raw=False, **told):
    """A request for the rows' predictions, its contents typed or raw."""
    request = INFER(**{"model_name": "risk", **told})
    for name, (datatype, where) in KINDS.items():
        values = [row[name].encode() if datatype == "BYTES" else row[name] for row in rows]
        tensor = request.inputs.add(name=name, datatype=datatype, shape=[len(rows)])
        if not raw:
            getattr(tensor.contents, where).extend(values)
        elif datatype == "BYTES":
            request.raw_input_contents.append(b"".join(len(v).to_bytes(4, "little") + v for v in values))
        else:
            kind = {"FP64": "<f8", "INT64": "<i8", "BOOL": "?"}[datatype]
            request.raw_input_contents.append(np.array(values, kind).tobytes())
    return request


def test_health_and_metadata_are_told(rpc):
    assert rpc.ask("ServerLive").live
    assert rpc.ask("ServerReady").ready
    ready = message_class("ModelReadyRequest")
    assert [rpc.ask("ModelReady", ready(name=name)).ready for name in ("risk", "other")] == [True, False]
    assert rpc.ask("ServerMetadata").name == "pressroom"
    told = rpc.ask("ModelMetadata", message_class("ModelMetadataRequest")(name="risk"))
    assert (told.name, told.versions, told.platform) == ("risk", ["1"], "pressroom")
    assert {tensor.name: tensor.datatype for tensor in told.inputs}["distance"] == "FP64"
    assert [tensor.name for tensor in told.outputs] == ["label", "prediction_id", "model", "fallback"]


@pytest.mark.parametrize("raw", [False, True])
def test_answers_are_those_of_http_and_have_the_form_that_was_asked_in(served, rpc, raw):
    rows = [request_row(number) for number in range(3)]
    over_http = [each["prediction"] for each in served.predict({"rows": rows})[1]["predictions"]]
    answer = rpc.ask("ModelInfer", request_of(rows, raw=raw, id="mine"))
    assert (answer.model_name, answer.model_version, answer.id) == ("risk", "1", "mine")
    (output,) = answer.outputs
    found = np.frombuffer(answer.raw_output_contents[0], "<f8") if raw else output.contents.fp64_contents
    assert (output.name, output.datatype, output.shape) == ("label", "FP64", [3])
    assert [*found] == over_http
    assert bool(answer.raw_output_contents) == raw


def test_outputs_are_told_when_they_are_asked_for(rpc):
    request = request_of([request_row()], model_version="1")
    for name in ("prediction_id", "model"):
        request.outputs.add(name=name)
    identity, model = rpc.ask("ModelInfer", request).outputs
    assert len(identity.contents.bytes_contents[0]) == 32
    assert model.contents.bytes_contents[0].startswith(b"late.by_pieces")


def without(request, name):
    kept = [tensor for tensor in request.inputs if tensor.name != name]
    del request.inputs[:]
    request.inputs.extend(kept)
    return request


def changed(change, **told):
    request = request_of([request_row()], **told)
    change({tensor.name: tensor for tensor in request.inputs}, request)
    return request


@pytest.mark.parametrize(
    ("request_", "code", "said"),
    [
        (without(request_of([request_row()]), "pieces"), "INVALID_ARGUMENT", "pieces"),
        (changed(lambda t, r: t["pieces"].contents.int64_contents.append(2)), "INVALID_ARGUMENT", "pieces"),
        (changed(lambda t, r: t["pieces"].contents.fp64_contents.append(2)), "INVALID_ARGUMENT", "int64_contents"),
        (changed(lambda t, r: setattr(t["pieces"], "datatype", "INT8")), "INVALID_ARGUMENT", "int_contents"),
        (changed(lambda t, r: setattr(t["pieces"], "datatype", "FP16")), "INVALID_ARGUMENT", "FP16"),
        (changed(lambda t, r: t["order"].contents.bytes_contents.__setitem__(0, b"\xff")), "INVALID_ARGUMENT", "order"),
        (changed(lambda t, r: t["promised"].contents.bytes_contents.append(b"x")), "INVALID_ARGUMENT", "promised"),
        (changed(lambda t, r: t["pieces"].shape.append(2)), "INVALID_ARGUMENT", "pieces"),
        (changed(lambda t, r: r.raw_input_contents.append(b"x")), "INVALID_ARGUMENT", "raw_input_contents"),
        (changed(lambda t, r: r.raw_input_contents.pop(), raw=True), "INVALID_ARGUMENT", "raw_input_contents"),
        (changed(lambda t, r: r.outputs.add(name="no")), "INVALID_ARGUMENT", "no"),
        (changed(lambda t, r: setattr(r.parameters["timeout"], "string_param", "x")), "INVALID_ARGUMENT", "timeout"),
        (INFER(model_name="risk"), "INVALID_ARGUMENT", "inputs"),
        (INFER(), "INVALID_ARGUMENT", "no model"),
        (INFER(model_name="risk/versions/1"), "INVALID_ARGUMENT", "no model"),
        (INFER(model_name="nobody"), "NOT_FOUND", "risk"),
        (request_of([request_row()], model_version="7"), "NOT_FOUND", "1"),
        (request_of([request_row()], model_version="seven"), "INVALID_ARGUMENT", "seven"),
        (INFER(model_name="risk:predict"), "INVALID_ARGUMENT", "risk:predict"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(rpc, request_, code, said):
    found, details = rpc.refusal("ModelInfer", request_)
    assert found.name == code, details
    assert said in details


def test_a_value_beyond_its_datatype_is_refused(rpc):
    request = request_of([request_row()])
    (pieces,) = (tensor for tensor in request.inputs if tensor.name == "pieces")
    pieces.datatype = "UINT8"
    pieces.contents.Clear()
    pieces.contents.uint_contents.append(256)
    code, details = rpc.refusal("ModelInfer", request)
    assert (code, "pieces" in details) == (grpc.StatusCode.INVALID_ARGUMENT, True)


def test_the_same_metadata_means_the_same_as_headers(rpc):
    request = request_of([request_row()])
    for wrong in (("x-tier", "golden"), ("x-deadline-ms", "soon"), ("x-deadline-ms", "0")):
        code, details = rpc.refusal("ModelInfer", request, metadata=(wrong,))
        assert (code, wrong[0] in details) == (grpc.StatusCode.INVALID_ARGUMENT, True)
    assert rpc.ask("ModelInfer", request, metadata=(("x-tier", "low"), ("x-deadline-ms", "500"))).outputs


def test_a_message_that_is_too_large_is_refused(rpc):
    request = request_of([request_row()], id="x" * 300_000)
    assert rpc.refusal("ModelInfer", request)[0] == grpc.StatusCode.RESOURCE_EXHAUSTED


def test_another_method_is_not_implemented(rpc):
    with pytest.raises(grpc.RpcError) as caught:
        rpc.bytes("RepositoryIndex", b"")
    assert caught.value.code() == grpc.StatusCode.UNIMPLEMENTED


METHODS = ("ServerLive", "ServerReady", "ModelReady", "ServerMetadata", "ModelMetadata", "ModelInfer")


@settings(max_examples=200)
@given(method=st.sampled_from(METHODS), content=st.binary(max_size=200))
def test_no_bytes_are_our_fault(served, rpc, method, content):
    code, said = rpc.outcome(method, content)
    assert code not in OUR_FAULT, said


names = st.one_of(st.sampled_from([*KINDS, "voucher", "risk", ""]), st.text(max_size=8))
parameters = st.dictionaries(
    st.sampled_from(["timeout", "binary_data_output", "binary_data_size", "x"]),
    st.one_of(
        st.builds(lambda v: {"int64_param": v}, st.integers(-(2**63), 2**63 - 1)),
        st.builds(lambda v: {"string_param": v}, st.text(max_size=5)),
        st.builds(lambda v: {"bool_param": v}, st.booleans()),
        st.builds(lambda v: {"double_param": v}, st.floats()),
    ),
    max_size=2,
)
contents = st.one_of(
    st.builds(lambda v: {"int64_contents": v}, st.lists(st.integers(-(2**63), 2**63 - 1), max_size=3)),
    st.builds(lambda v: {"int_contents": v}, st.lists(st.integers(-(2**31), 2**31 - 1), max_size=3)),
    st.builds(lambda v: {"uint_contents": v}, st.lists(st.integers(0, 2**32 - 1), max_size=3)),
    st.builds(lambda v: {"fp64_contents": v}, st.lists(st.floats(), max_size=3)),
    st.builds(lambda v: {"bytes_contents": v}, st.lists(st.binary(max_size=6), max_size=3)),
    st.builds(lambda v: {"bool_contents": v}, st.lists(st.booleans(), max_size=3)),
)
datatypes = st.sampled_from(["BYTES", "BOOL", "INT8", "INT64", "UINT8", "FP16", "FP32", "FP64", "FP128", ""])
shapes = st.lists(st.one_of(st.sampled_from([1, 2]), st.integers(-(2**63), 2**63 - 1)), max_size=3)


@st.composite
def near_requests(draw):
    """A right request with a few things changed."""
    request = request_of([request_row()], raw=draw(st.booleans()), model_name=draw(st.sampled_from(["risk", "", "x"])))
    for tensor in draw(st.lists(st.sampled_from([*request.inputs]), max_size=3)):
        match draw(st.sampled_from(["name", "datatype", "shape", "contents"])):
            case "name":
                tensor.name = draw(names)
            case "datatype":
                tensor.datatype = draw(datatypes)
            case "shape":
                tensor.shape[:] = draw(shapes)
            case _:
                for field, values in draw(contents).items():
                    getattr(tensor.contents, field)[:] = values
    for name, choice in draw(parameters).items():
        for field, value in choice.items():
            setattr(request.parameters[name], field, value)
    for name in draw(st.lists(st.one_of(names, st.sampled_from(["label", "model"])), max_size=2)):
        request.outputs.add(name=name)
    if request.raw_input_contents:
        place = draw(st.integers(0, len(request.raw_input_contents) - 1))
        request.raw_input_contents[place] = draw(st.binary(max_size=12))
    return request


@settings(max_examples=200)
@given(request=near_requests())
def test_no_message_is_our_fault_or_stops_the_worker(served, rpc, request):
    before = served.worker().pid
    code, said = rpc.outcome("ModelInfer", request.SerializeToString())
    assert code not in OUR_FAULT, said
    assert served.worker().pid == before


def test_what_is_answered_is_counted_and_written_down(tmp_path):
    with running(tmp_path) as server, connected(server.grpc_port) as rpc:
        request = request_of([request_row(number) for number in range(4)])
        request.outputs.add(name="prediction_id")
        (ids,) = rpc.ask("ModelInfer", request).outputs
        rpc.refusal("ModelInfer", INFER(model_name="risk"))
        with contextlib.closing(server.connect()) as connection:
            connection.request("GET", "/metrics")
            counted = connection.getresponse().read().decode()
        assert 'pressroom_requests_total{endpoint="risk",kind="infer",status="200"} 1.0' in counted
        assert 'pressroom_requests_total{endpoint="risk",kind="infer",status="400"} 1.0' in counted
        assert server.stop() == 0, "an orderly stop, with a connection open"
    with open_workspace(tmp_path) as workspace:
        table, _ = workspace.facts.read(workspace.serving.current("risk").predictions())
    assert {text.decode() for text in ids.contents.bytes_contents} == {*table.column("prediction_id").to_pylist()}


def test_tokens_are_asked_for_as_over_http(tmp_path):
    with running(tmp_path, more="tokens = true\n") as server, connected(server.grpc_port) as rpc:
        with open_workspace(tmp_path) as workspace:
            secrets = {role: workspace.tokens.create(role, role) for role in ("ask", "watch")}
        request = request_of([request_row()])
        assert rpc.ask("ServerReady").ready
        assert rpc.refusal("ModelInfer", request)[0] == grpc.StatusCode.UNAUTHENTICATED
        broken = INFER(model_name="risk")
        assert rpc.refusal("ModelInfer", broken)[0] == grpc.StatusCode.UNAUTHENTICATED, "before it is read"

        def told(role):
            return {"metadata": (("authorization", f"Bearer {secrets[role]}"),)}

        def is_known():
            try:
                return rpc.ask("ModelInfer", request, **told("ask")).outputs
            except grpc.RpcError:
                return False

        assert wait_for(is_known)
        assert rpc.refusal("ModelInfer", request, **told("watch"))[0] == grpc.StatusCode.PERMISSION_DENIED


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificate")
def test_tls_is_that_of_http(tmp_path):
    write_certificate(tmp_path)
    with running(tmp_path, kind=SecureServer, more='tls_cert = "cert.pem"\ntls_key = "key.pem"\n') as server:
        trust = grpc.ssl_channel_credentials((tmp_path / "cert.pem").read_bytes())
        with grpc.secure_channel(f"127.0.0.1:{server.grpc_port}", trust) as channel:
            assert Rpc(channel).ask("ModelInfer", request_of([request_row()])).outputs
        with grpc.insecure_channel(f"127.0.0.1:{server.grpc_port}") as channel, pytest.raises(grpc.RpcError):
            Rpc(channel).ask("ServerLive", timeout=5.0)


def test_nothing_of_it_is_read_where_it_is_not_spoken():
    code = "import sys; from pressroom.doors.inference import server, app, worker; "
    code += "sys.exit(any(name in sys.modules for name in ('grpc', 'google.protobuf', 'opentelemetry')))"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0


def test_a_missing_library_is_named():
    assert listening_at("127.0.0.1", 0, None, None) is None
    with pytest.raises(ExtraMissing, match="no_such_thing") as caught:
        need("gRPC", "grpc", "no_such_thing.inside")
    assert "pressroom[grpc]" in caught.value.next_step


@pytest.mark.parametrize(
    ("told", "left_s", "wanted"),
    [
        ({}, None, None),
        ({}, 0.25, "250"),
        ({}, 1e-9, "1"),
        ({}, 1e9, "3600000"),
        ({"x-deadline-ms": "100"}, 0.25, "100"),
        ({"x-deadline-ms": "900"}, 0.25, "250"),
        ({"x-deadline-ms": "soon"}, 0.25, "soon"),
        ({"x-deadline-ms": "900"}, None, "900"),
    ],
)
def test_the_shorter_deadline_counts(told, left_s, wanted):
    metadata = (*told.items(), ("trace-bin", b"\x00"))
    call = SimpleNamespace(invocation_metadata=lambda: metadata, time_remaining=lambda: left_s)
    assert _headers(call).told == ({} if wanted is None else {"x-deadline-ms": wanted})
