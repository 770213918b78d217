import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressroom.doors.inference.paths import Place, place_of


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("/v1/endpoints/risk:predict", Place("predict", "risk")),
        ("/v1/endpoints/risk", Place("endpoint", "risk")),
        ("/v1/endpoints/", Place("nothing")),
        ("/v1/endpoints/a/b", Place("nothing")),
        ("/v1/endpoints/a:b:predict", Place("nothing")),
        ("/v2/models/risk", Place("model", "risk", is_oip=True)),
        ("/v2/models/risk/infer", Place("infer", "risk", is_oip=True)),
        ("/v2/models/risk/versions/3/infer", Place("infer", "risk", 3, is_oip=True)),
        ("/v2/models/risk/versions/3", Place("model", "risk", 3, is_oip=True)),
        ("/v2/models/risk/versions/x/infer", Place("nothing", is_oip=True)),
        ("/v2/models/risk/versions/9999999999/infer", Place("nothing", is_oip=True)),
        ("/v2/models/risk/versions/³/infer", Place("nothing", is_oip=True)),
        ("/v2/models//infer", Place("nothing", is_oip=True)),
        ("/v2/health/ready", Place("ready", is_oip=True)),
        ("/metrics", Place("metrics")),
    ],
)
def test_a_path_means_one_place(path, place):
    assert place_of(path) == place


@given(st.text(alphabet="/v12modelsrikversinf:predct%.\x00é", max_size=60))
def test_every_text_means_some_place(path):
    assert place_of(path).kind
