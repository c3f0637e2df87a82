"""E-mails have the organisation's own text."""

from collections.abc import Callable
from datetime import datetime

import pytest

from chalicelib.operations import email_templates
from chalicelib.operations.messages import send
from chalicelib.rules.inputs.email_templates import TemplateInput
from chalicelib.rules.refusals import ChangedMeanwhile, NotFound, ValidationFailed
from chalicelib.rules.sessions import Session
from tests.operations.messages.test_send import reset_queued
from tests.operations.simulated_aws import Ses, Streams
from tests.operations.test_reactions import registered

pytestmark = pytest.mark.usefixtures("organisation")
OpenSession = Callable[..., Session]
OWN = TemplateInput(subject="À bientôt : {{session_title}}", body="Bonjour **{{customer_name}}** !\n\n{{details}}\n\n[J’y vais]({{link}})")


def edit(name: str = "confirmation", locale: str = "en", draft: TemplateInput = OWN, *, now: datetime, expected: int | None = None) -> int:
    template, _ = email_templates.edit_template("demo", name, locale, draft, by="ida@demo.test", expected=expected, now=now)
    return template.version


def test_custom_text_is_sent_until_it_is_reset(open_session: OpenSession, streams: Streams, ses: Ses, now: datetime) -> None:
    open_session()
    edit("confirmation", "fr", now=now)
    registered("ben@example.org", now=now)
    streams.drain(now)
    email_templates.reset_template("demo", "confirmation", "fr", by="ida@demo.test", expected=None, now=now)
    registered("eve@example.org", name="Zoé", now=now)
    streams.drain(now)
    assert ses.subjects == ["À bientôt : Pottery", "Inscription confirmée\u00a0: Pottery"]
    assert ses.texts[0].splitlines()[2].startswith("Bonjour ")
    assert "12 rue des Lilas" in ses.texts[0]
    html = ses.sent[0]["Content"]["Simple"]["Body"]["Html"]["Data"]
    assert "<strong>" in html
    assert ">J’y vais</a>" in html


def test_each_language_has_its_own(ses: Ses, now: datetime) -> None:
    draft = TemplateInput(subject="Nouveau", body="{{organisation_name}} {{link}}")
    edit("password_reset", "fr", draft, now=now)
    for key, locale in (("1", "fr"), ("2", "en")):
        send("demo", reset_queued(key, locale=locale, now=now), now=now)
    assert ses.subjects == ["Nouveau", "Choose a new password"]


def test_an_edit_on_an_old_reading_is_refused_and_versions_never_come_again(now: datetime) -> None:
    assert email_templates.read_template("demo", "confirmation", "en", now=now).template.version == 1
    assert edit(expected=1, now=now) == 2
    assert edit(expected=2, now=now) == 2, "the same words again change nothing"
    with pytest.raises(ChangedMeanwhile):
        edit(expected=1, now=now)
    email_templates.reset_template("demo", "confirmation", "en", by="ida@demo.test", expected=2, now=now)
    words = email_templates.read_template("demo", "confirmation", "en", now=now)
    assert (words.template.version, words.template.edited) == (3, False)
    assert words.text.subject == "You are registered: {{session_title}}"
    assert edit(now=now) == 4


def test_invalid_text_is_not_stored(now: datetime) -> None:
    with pytest.raises(ValidationFailed):
        edit(draft=TemplateInput(subject="{{link}}", body="{{held_until}}"), now=now)
    for name, locale in (("nothing", "en"), ("confirmation", "xx"), ("confirmation#en", "en")):
        with pytest.raises(NotFound):
            edit(name, locale, now=now)
    assert not any(template.edited for template in email_templates.list_templates("demo"))
