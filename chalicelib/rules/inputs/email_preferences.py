"""Input of a family about the e-mails to its address."""

from typing import ClassVar

from chalicelib.languages import Locale
from chalicelib.rules.inputs.input import Changes


class PreferencesChanges(Changes):
    """Changes of e-mail preferences; an omitted field stays. Null as language: that of what each e-mail is about."""

    nullable: ClassVar[frozenset[str]] = frozenset({"language"})

    invitations: bool | None = None
    date_reminders: bool | None = None
    language: Locale | None = None
