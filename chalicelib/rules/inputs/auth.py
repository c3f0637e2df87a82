"""Input to sign in and to choose a password. Passwords are taken as typed."""

from re import fullmatch
from typing import Annotated, Any
from unicodedata import normalize

from pydantic import AfterValidator, AliasChoices, Field, StringConstraints, ValidationInfo, WithJsonSchema, field_validator
from pydantic_core import PydanticCustomError

from chalicelib.rules.addresses import Address
from chalicelib.rules.auth import GUESSABLE_PASSWORD, LONGEST_PASSWORD, MISMATCH, PASSWORD_RULE, SHORTEST_PASSWORD, strong
from chalicelib.rules.guessable_passwords import is_guessable
from chalicelib.rules.inputs.customers import Children
from chalicelib.rules.inputs.input import Input, example
from chalicelib.rules.inputs.registrations import without_links
from chalicelib.rules.text import PublicName, plain


def _filled(value: str) -> str:
    if not value:
        raise PydanticCustomError("missing", "Please fill in this field.")
    return value


def _strong(value: str) -> str:
    if not strong(value):
        raise PydanticCustomError("weak_password", PASSWORD_RULE)
    if is_guessable(value):
        raise PydanticCustomError("guessable_password", GUESSABLE_PASSWORD)
    return value


Password = Annotated[str, StringConstraints(max_length=LONGEST_PASSWORD), AfterValidator(_filled)]
NewPassword = Annotated[
    str, AfterValidator(_strong), WithJsonSchema({"type": "string", "minLength": SHORTEST_PASSWORD, "maxLength": LONGEST_PASSWORD})
]


def _six_digits(value: str) -> str:
    """Return the code without the blank that apps show in its middle, and what else comes along when it is pasted."""
    digits = "".join(plain(normalize("NFKC", value)).split())
    if not fullmatch("[0-9]{6}", digits):
        raise PydanticCustomError("not_six_digits", "Type the 6 digits that your app shows.")
    return digits


AuthenticatorCode = Annotated[
    str, StringConstraints(max_length=32), AfterValidator(_six_digits), WithJsonSchema({"type": "string", "examples": ["123456"]})
]
Token = Annotated[str, StringConstraints(max_length=4096), AfterValidator(_filled)]


class SignInInput(Input):
    model_config = example(email="owner@demo.test", password="demo-Passw0rd!")  # noqa: S106 - of the demo data

    email: Address
    password: Password


class CodeInput(Input):
    """A code of an authenticator app."""

    code: AuthenticatorCode


class SignInCodeInput(CodeInput):
    """The second step of a sign-in: the token that the first one answered, and the code."""

    sign_in: Token


class PasswordInput(Input):
    """The password of the signed-in user, once more."""

    password: Password


class RefreshInput(Input):
    refresh_token: Token


class SignOutInput(Input):
    """A sign-out. Without a refresh token, all sign-ins of the access token's user end."""

    refresh_token: Token | None = None


class ForgottenPasswordInput(Input):
    email: Address


class TokenInput(Input):
    token: Token


class ConfirmInput(TokenInput):
    """The confirmation of an address, with the password of the new account. Without one, the password typed at sign-up counts."""

    password: NewPassword | None = None


class ChosenPasswordInput(Input):
    """A new password, typed twice."""

    typed: Any = Field("", validation_alias=AliasChoices("password"), repr=False)
    """The password, unchecked. The confirmation is compared with it even if the password is weak, so that both faults show."""
    password: NewPassword
    password_confirmation: str

    @field_validator("password_confirmation")
    @classmethod
    def same_again(cls, value: str, info: ValidationInfo) -> str:
        if value != info.data["typed"]:
            raise PydanticCustomError("differs", MISMATCH)
        return value


class NewPasswordInput(ChosenPasswordInput):
    """The token of a link, and the password that its holder chooses."""

    token: Token


class SignUpInput(ChosenPasswordInput):
    """A registration for an organisation's portal, with the participants."""

    email: Address
    name: PublicName
    participants: Annotated[Children, AfterValidator(without_links)] = []
