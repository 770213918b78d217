"""What can go wrong between a fitted thing and its promises.

PressroomError
├── InvalidInput ── SignatureMismatch  inputs that are not what the model was promised: where, what was expected
├── NotFound ────── UnknownKind        no installed adapter speaks a package's kind
└── Refused ─┬───── UnsupportedModel   no adapter can keep this model in a safe format
             ├───── FrameworkMissing   the adapter is here, the framework it needs is not installed
             └───── ParityBroken       the form that serves does not answer like the model that was trained
"""

from pressroom.values import InvalidInput, NotFound, Refused


class SignatureMismatch(InvalidInput):
    """Inputs that are not what the model was promised."""


class UnknownKind(NotFound):
    """No installed adapter speaks this kind."""


class UnsupportedModel(Refused):
    """No adapter can keep this model in a safe format."""


class FrameworkMissing(Refused):
    """The framework that this model needs is not installed."""


class ParityBroken(Refused):
    """The form that serves does not answer like the model that was trained."""
