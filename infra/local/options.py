"""The options of the local stack."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


class BadOptionError(Exception):
    """An environment variable has an invalid value; the message names it and the valid ones."""


@dataclass(frozen=True, slots=True)
class Options:
    """Read from the environment; 0 as a port means any free one."""

    port: int
    mail_port: int
    state: Path
    demo: bool
    password: str
    java: bool
    """DynamoDB Local, which needs Java, instead of the embedded DynamoDB."""


def options(environment: Mapping[str, str]) -> Options:
    """Return the options that the environment asks for, or raise BadOptionError."""
    return Options(
        port=_port(environment, "PORT", 8000),
        mail_port=_port(environment, "MAIL_PORT", 8025),
        state=Path(environment.get("ROLLBOOK_STATE") or ".local"),
        demo=_one_of(environment, "ROLLBOOK_DEMO", ("1", "0")) == "1",
        password=environment.get("ROLLBOOK_DEMO_PASSWORD") or "demo-Passw0rd!",
        java=_one_of(environment, "DYNAMODB", ("embedded", "local")) == "local",
    )


def _port(environment: Mapping[str, str], name: str, default: int) -> int:
    text = environment.get(name) or str(default)
    if not text.isascii() or not text.isdigit() or int(text) > 65535:
        raise BadOptionError(f"{name} must be a port number, not {text!r}.")
    return int(text)


def _one_of(environment: Mapping[str, str], name: str, choices: tuple[str, ...]) -> str:
    """Return the chosen value; the first choice is the default."""
    text = environment.get(name) or choices[0]
    if text not in choices:
        raise BadOptionError(f"{name} must be {' or '.join(choices)}, not {text!r}.")
    return text
