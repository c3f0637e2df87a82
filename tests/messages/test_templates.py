"""What an organisation worded itself is what leaves."""

from collections.abc import Callable
from datetime import datetime

import pytest

from chalicelib.operations import templates
from chalicelib.operations.messages import send
from chalicelib.rules.drafts.templates import TemplateDraft
from chalicelib.rules.refusals import ChangedMeanwhile, DoesNotFit, NotFound
from chalicelib.rules.sessions import Session
from tests.messages.post_office import PostOffice, Ses
from tests.messages.test_following import registered
from tests.messages.test_sending import reset_queued

pytestmark = pytest.mark.usefixtures("organisation")
OpenSession = Callable[..., Session]
OWN = TemplateDraft(subject="À bientôt : {{session_title}}", body="Bonjour **{{customer_name}}** !\n\n{{details}}\n\n[J’y vais]({{link}})")


def edit(name: str = "confirmation", locale: str = "en", draft: TemplateDraft = OWN, *, now: datetime, expected: int | None = None) -> int:
    template, _ = templates.edit_template("demo", name, locale, draft, by="ida@demo.test", expected=expected, now=now)
    return template.version


def test_the_own_words_leave_until_they_are_reset(open_session: OpenSession, office: PostOffice, ses: Ses, now: datetime) -> None:
    open_session()
    edit("confirmation", "fr", now=now)
    registered("ben@example.org", now=now)
    office.work(now)
    templates.reset_template("demo", "confirmation", "fr", by="ida@demo.test", expected=None, now=now)
    registered("eve@example.org", name="Zoé", now=now)
    office.work(now)
    assert ses.subjects == ["À bientôt : Pottery", "Inscription confirmée\u00a0: Pottery"]
    assert ses.texts[0].splitlines()[2].startswith("Bonjour ")
    assert "12 rue des Lilas" in ses.texts[0]
    html = ses.sent[0]["Content"]["Simple"]["Body"]["Html"]["Data"]
    assert "<strong>" in html
    assert ">J’y vais</a>" in html


def test_each_language_has_its_own(ses: Ses, now: datetime) -> None:
    draft = TemplateDraft(subject="Nouveau", body="{{organisation_name}} {{link}}")
    edit("password_reset", "fr", draft, now=now)
    for key, locale in (("1", "fr"), ("2", "en")):
        send("demo", reset_queued(key, locale=locale, now=now), now=now)
    assert ses.subjects == ["Nouveau", "Choose a new password"]


def test_an_edit_on_an_old_reading_is_refused_and_versions_never_come_again(now: datetime) -> None:
    assert templates.read_template("demo", "confirmation", "en", now=now).template.version == 1
    assert edit(expected=1, now=now) == 2
    assert edit(expected=2, now=now) == 2, "the same words again change nothing"
    with pytest.raises(ChangedMeanwhile):
        edit(expected=1, now=now)
    templates.reset_template("demo", "confirmation", "en", by="ida@demo.test", expected=2, now=now)
    words = templates.read_template("demo", "confirmation", "en", now=now)
    assert (words.template.version, words.template.edited) == (3, False)
    assert words.wording.subject == "You are registered: {{session_title}}"
    assert edit(now=now) == 4


def test_what_is_wrong_is_not_kept(now: datetime) -> None:
    with pytest.raises(DoesNotFit):
        edit(draft=TemplateDraft(subject="{{link}}", body="{{held_until}}"), now=now)
    for name, locale in (("nothing", "en"), ("confirmation", "de"), ("confirmation#en", "en")):
        with pytest.raises(NotFound):
            edit(name, locale, now=now)
    assert not any(template.edited for template in templates.list_templates("demo"))
