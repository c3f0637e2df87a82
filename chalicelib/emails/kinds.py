"""The kinds of e-mail, each declared in the folder of its letter. A declaration is imported when it is first needed."""

from functools import cache
from importlib import import_module
from typing import get_args

from chalicelib.emails.declaration import Declaration
from chalicelib.rules.messages import EmailKind

KINDS: tuple[EmailKind, ...] = get_args(EmailKind)


@cache
def declaration(kind: EmailKind) -> Declaration:
    declared: Declaration = import_module(f"chalicelib.emails.{kind}").DECLARATION
    return declared
