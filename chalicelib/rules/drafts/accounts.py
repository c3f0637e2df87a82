"""What people send to sign in and to choose a password. Passwords are taken as typed."""

from typing import Annotated, Any

from pydantic import AfterValidator, AliasChoices, Field, StringConstraints, ValidationInfo, WithJsonSchema, field_validator
from pydantic_core import PydanticCustomError

from chalicelib.rules.accounts import LONGEST_PASSWORD, MISMATCH, PASSWORD_RULE, SHORTEST_PASSWORD, strong
from chalicelib.rules.addresses import Address
from chalicelib.rules.drafts.customers import Children
from chalicelib.rules.drafts.sending import Draft
from chalicelib.rules.text import Name


def _filled(value: str) -> str:
    if not value:
        raise PydanticCustomError("missing", "Fill this in.")
    return value


def _strong(value: str) -> str:
    if not strong(value):
        raise PydanticCustomError("weak_password", PASSWORD_RULE)
    return value


Password = Annotated[str, StringConstraints(max_length=LONGEST_PASSWORD), AfterValidator(_filled)]
NewPassword = Annotated[
    str, AfterValidator(_strong), WithJsonSchema({"type": "string", "minLength": SHORTEST_PASSWORD, "maxLength": LONGEST_PASSWORD})
]
Token = Annotated[str, StringConstraints(max_length=4096), AfterValidator(_filled)]


class SignInDraft(Draft):
    email: Address
    password: Password


class RefreshDraft(Draft):
    refresh_token: Token


class SignOutDraft(Draft):
    """Without a refresh token, the access token says whose sign-ins end: all of them."""

    refresh_token: Token | None = None


class ForgottenDraft(Draft):
    email: Address


class TokenDraft(Draft):
    token: Token


class ChosenPassword(Draft):
    """A password that somebody chooses, typed twice."""

    typed: Any = Field("", validation_alias=AliasChoices("password"), repr=False)
    """The password once more, however weak: without it, one that is weak and typed differently would show only one of its two faults."""
    password: NewPassword
    password_confirmation: str

    @field_validator("password_confirmation")
    @classmethod
    def same_again(cls, value: str, info: ValidationInfo) -> str:
        if value != info.data["typed"]:
            raise PydanticCustomError("differs", MISMATCH)
        return value


class NewPasswordDraft(ChosenPassword):
    """A link, and the password chosen by whoever holds it."""

    token: Token


class JoiningDraft(ChosenPassword):
    """Somebody registers for an organisation's portal, with those for whom they book."""

    email: Address
    name: Name
    participants: Children = []
