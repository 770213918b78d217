"""What can go wrong between a fitted thing and its promises.

PressroomError
├── InvalidInput ── SignatureMismatch  inputs that are not what the model was promised: where, what was expected
├── NotFound ────── UnknownKind        no installed adapter speaks a package's kind
└── Refused ─┬───── UnsupportedModel   no adapter can keep this model
             ├───── FrameworkMissing   the adapter is here, the framework it needs is not installed
             ├───── ParityBroken       the form that serves does not answer like the model that was trained
             ├───── NotLowered         this model has no form without its framework; the message is the reason
             ├───── NotExplained       this framework has no way of its own to explain the model
             ├───── UnsafeModel        a file that reaches out of its package, or wants code that is not in it
             ├───── NotTrusted         a package that is code, or holds types nobody allowed, and no trust in it
             ├───── NotIsolated        code can't be kept apart on this machine as well as it must be
             ├───── IsolatedFailure    the process that runs a model's code crashed, or took too long or too much
             └───── FellowLost         another process of a training that is spread out is gone
"""

from pressroom.values import InvalidInput, NotFound, Refused


class SignatureMismatch(InvalidInput):
    """Inputs that are not what the model was promised."""


class UnknownKind(NotFound):
    """No installed adapter speaks this kind."""


class UnsupportedModel(Refused):
    """No adapter can keep this model."""


class FrameworkMissing(Refused):
    """The framework that this model needs is not installed."""


class ParityBroken(Refused):
    """The form that serves does not answer like the model that was trained."""


class NotLowered(Refused):
    """This model has no form without its framework; the message is the reason."""


class NotExplained(Refused):
    """This framework has no way of its own to explain the model."""


class UnsafeModel(Refused):
    """A file that reaches out of its package, or wants code that is not in it."""


class NotTrusted(Refused):
    """A package that is code, or holds types nobody allowed, and nobody said to trust it."""


class NotIsolated(Refused):
    """Code can't be kept apart on this machine as well as it must be."""


class IsolatedFailure(Refused):
    """The process that runs a model's code crashed, or took too long or too much."""


class FellowLost(Refused):
    """Another process of a training that is spread out is gone."""
