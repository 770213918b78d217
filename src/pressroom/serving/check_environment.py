"""A check of a push: where models were made, and whether what serves is that."""

from collections.abc import Sequence

from pressroom.models import LoadedModel, differences
from pressroom.serving.errors import PushRefused


def check_environment(models: Sequence[LoadedModel], image: str) -> str:
    """Say what differs here from where the models were made. Where the server states its `image` (NAME@sha256:...), all
    of them must have been made in it. Raises PushRefused.
    """
    here = image.rpartition("@")[2]
    found: list[str] = []
    for model in models:
        package = model.package
        made_in = package.environment.get("image", "")
        if here and made_in != here:
            where = f"in the image {made_in}" if made_in else "in no image that is known"
            raise PushRefused(
                f"{package.name} was made {where}; this server answers in {here}.",
                next_step="Train it in a step of that image, and pack it with image=; or change [server] image.",
            )
        found += [f"{package.name}: {words}" for words in differences(package.environment, here)]
    images = ", ".join(sorted({model.package.environment.get("image", "") for model in models} - {""}))
    made = f"made in {images}" if images else "made in no image that is known"
    return f"{made}; {'; '.join(found) or 'all versions are the same here'}"
