"""What all tests share: properties are looked for without a deadline, as this machine may be busy.

Where CI runs, the same examples are tried each time, so that a red run is the change's doing; elsewhere new ones.
"""

import os

from hypothesis import settings

settings.register_profile("pressroom", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("pressroom")
