"""The error family: an expected failure is a CasError with facts and one clear sentence."""

from http import HTTPStatus
from typing import ClassVar


class CasError(Exception):
    """An expected failure: `code` is stable for clients, `status` is what HTTP answers."""

    code: ClassVar[str] = "failed"
    status: ClassVar[HTTPStatus] = HTTPStatus.BAD_REQUEST

    def facts(self) -> dict[str, str]:
        """What a client may act on, beside the sentence."""
        return {}


class NotFound(CasError):
    code = "not_found"
    status = HTTPStatus.NOT_FOUND

    def __init__(self, what: str, key: object) -> None:
        super().__init__(f"there is no {what} {key} that you may see")


class NotAllowed(CasError):
    code = "not_allowed"
    status = HTTPStatus.FORBIDDEN

    def __init__(self, action: str) -> None:
        super().__init__(f"your role may not do this: {action}")


class SignInNeeded(CasError):
    code = "sign_in_needed"
    status = HTTPStatus.UNAUTHORIZED

    def __init__(self, why: str) -> None:
        super().__init__(why)


class InvalidInput(CasError):
    """Input that parses but breaks a rule; names the field."""

    code = "invalid_input"
    status = HTTPStatus.UNPROCESSABLE_ENTITY

    def __init__(self, field: str, why: str) -> None:
        self.field = field
        super().__init__(f"{field}: {why}")

    def facts(self) -> dict[str, str]:
        return {"field": self.field}


class Conflict(CasError):
    """Somebody or something was there first; `facts` names who."""

    code = "conflict"
    status = HTTPStatus.CONFLICT


class Unavailable(CasError):
    code = "unavailable"
    status = HTTPStatus.SERVICE_UNAVAILABLE

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} cannot be reached just now; try again")
