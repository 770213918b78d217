"""What all tests share: properties are looked for without a deadline, as this machine may be busy."""

from hypothesis import settings

settings.register_profile("pressroom", deadline=None)
settings.load_profile("pressroom")
