"""Where a model was made is carried, compared when it is pushed, and kept to where the server states its image."""

import platform
from types import SimpleNamespace

import pytest

from pressroom.models import differences
from pressroom.serving.check_environment import check_environment
from pressroom.serving.errors import PushRefused

DIGEST = "sha256:" + "a" * 64
OTHER = "sha256:" + "b" * 64


def model(**environment):
    return SimpleNamespace(package=SimpleNamespace(name="late.logistic", environment=environment))


def test_what_is_another_version_here_is_said():
    found = differences({"python": "2.7.18", "numpy": "0.1", "platform": f"linux-{platform.machine()}".lower()})
    assert f"python 2.7.18 is {platform.python_version()} here" in found
    assert any(words.startswith("numpy 0.1 is ") for words in found)
    assert differences({"python": platform.python_version()}) == ()
    assert differences({"a-package-that-nobody-has": "1"}) == ("a-package-that-nobody-has 1 is not installed here",)


def test_a_push_names_the_image_and_what_differs():
    said = check_environment([model(python=platform.python_version(), image=DIGEST)], "")
    assert said == f"made in {DIGEST}; all versions are the same here"
    assert check_environment([model(python="2.7.18")], "").startswith(
        "made in no image that is known; late.logistic: p"
    )


@pytest.mark.parametrize("made", [{}, {"image": OTHER}])
def test_a_server_that_states_its_image_takes_no_model_of_another(made):
    assert check_environment([model(image=DIGEST)], f"org/rank@{DIGEST}").startswith(f"made in {DIGEST}")
    with pytest.raises(PushRefused, match="this server answers in sha256:aaa"):
        check_environment([model(**made)], f"org/rank@{DIGEST}")
