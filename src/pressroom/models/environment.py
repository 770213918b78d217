"""What a model's answers may depend on besides its files: versions, the platform, and the image that it was made in."""

import platform
from collections.abc import Iterable, Mapping
from importlib.metadata import PackageNotFoundError, version

IMAGE = "image"
_PYTHON, _PLATFORM = "python", "platform"


def environment_of(distributions: Iterable[str], image: str = "") -> dict[str, str]:
    """The versions here of what is installed; with the digest of the image, where it is known."""
    found = {_PYTHON: platform.python_version(), _PLATFORM: f"{platform.system()}-{platform.machine()}".lower()}
    for distribution in distributions:
        try:
            found[distribution] = version(distribution)
        except PackageNotFoundError:
            continue
    return {**found, IMAGE: image} if image else found


def differences(then: Mapping[str, str], image: str = "") -> tuple[str, ...]:
    """What is not here as it was, in words; `image` is the digest of the image that serves, where it is known."""
    now = environment_of([name for name in then if name not in (_PYTHON, _PLATFORM, IMAGE)], image)
    words = [
        f"{name} {then[name]} is {now.get(name, 'not installed')} here"
        for name in then
        if name != IMAGE and now.get(name) != then[name]
    ]
    if then.get(IMAGE) and image and then[IMAGE] != image:
        words.append(f"image {short(then[IMAGE])} is {short(image)} here")
    return tuple(words)


def short(digest: str) -> str:
    """The first letters of an image's digest, as engines show it."""
    return digest.removeprefix("sha256:")[:12]
