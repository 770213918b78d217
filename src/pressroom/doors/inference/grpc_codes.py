"""What a status of HTTP is over gRPC, as its numbers; known without any library."""

CODES = {200: 0, 400: 3, 401: 16, 403: 7, 404: 5, 408: 4, 409: 10, 422: 9, 499: 1, 503: 14, 504: 4}
"""OK, INVALID_ARGUMENT, UNAUTHENTICATED, PERMISSION_DENIED, NOT_FOUND, ABORTED, FAILED_PRECONDITION, CANCELLED,
UNAVAILABLE, DEADLINE_EXCEEDED.
"""

INTERNAL = 13


def code_of(status: int) -> int:
    """The number; INTERNAL for a defect of ours."""
    return CODES.get(status, INTERNAL)
