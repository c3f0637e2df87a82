"""An operator creates an organisation; its owner is invited, and existing data is left alone."""

from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.operations import organisations, staff
from chalicelib.tables import messages
from chalicelib.tables import staff as table
from infra.__main__ import main
from infra.operation import create_organisation

HELVIA = {
    "--id": "helvia",
    "--name": "Helvia Sports",
    "--owner-email": "ana@helvia.test",
    "--time-zone": "Europe/Zurich",
    "--currency": "CHF",
}
MORE = {"owner_name": "Ana", "locale": "fr"}


def create(**changed: str) -> int:
    options = {**HELVIA, **{f"--{name.replace('_', '-')}": value for name, value in changed.items()}}
    return main(["organisation", "create", "--stage", "test", "--locale", "fr", *(word for pair in options.items() for word in pair)])


@pytest.mark.usefixtures("staged")
def test_an_organisation_begins_with_an_owner_who_is_invited(capsys: pytest.CaptureFixture[str]) -> None:
    assert create() == 0
    made = organisations.read("helvia")
    assert (made.name, made.locale, made.time_zone, made.currency) == ("Helvia Sports", "fr", "Europe/Zurich", "CHF")
    (owner,) = staff.every("helvia")
    assert (owner.email, owner.role, owner.status) == ("ana@helvia.test", "owner", "invited")
    ((message,), _) = messages.to_address("helvia", "ana@helvia.test", limit=9, start=None)
    assert (message.kind, message.locale) == ("staff_invitation", "fr")
    assert "http://127.0.0.1:8000/," in capsys.readouterr().out


@pytest.mark.usefixtures("staged")
def test_an_organisation_with_staff_is_refused_and_left_unchanged(capsys: pytest.CaptureFixture[str]) -> None:
    create()
    (owner,) = staff.every("helvia")
    table.activate(owner, "user-1")
    assert create(name="Other", owner_email="ben@helvia.test") == 1
    assert organisations.read("helvia").name == "Helvia Sports"
    assert [member.email for member in staff.every("helvia")] == ["ana@helvia.test"]
    assert "helvia is there already: Helvia Sports" in capsys.readouterr().err


@pytest.mark.usefixtures("staged")
def test_the_link_of_an_owner_who_never_joined_is_sent_again() -> None:
    """SES may have refused the first, or the address was wrong: nobody else could let the owner in."""
    now = datetime.now(UTC)
    wanted = create_organisation.read_options({name.strip("-").replace("-", "_"): value for name, value in HELVIA.items()} | MORE)
    first = create_organisation.create_organisation(wanted, now=now)
    second = create_organisation.create_organisation(wanted, now=now + timedelta(hours=1))
    other = create_organisation.create_organisation(
        wanted.model_copy(update={"owner_email": "ben@helvia.test"}), now=now + timedelta(hours=2)
    )
    assert (second.user, other.email) == (first.user, "ben@helvia.test")
    assert second.link_version > first.link_version
    (sent, _) = messages.to_address("helvia", "ana@helvia.test", limit=9, start=None)
    assert len(sent) == 2
    assert {member.email for member in staff.every("helvia")} == {"ana@helvia.test", "ben@helvia.test"}


@pytest.mark.usefixtures("staged")
def test_a_command_that_crashed_before_the_invitation_is_continued(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as dying:
        dying.setattr(staff, "invite", _die)
        with pytest.raises(KeyboardInterrupt):
            create()
    assert create() == 0
    assert len(staff.every("helvia")) == 1


def _die(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.usefixtures("staged")
def test_all_faults_are_reported_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert create(id="Helvia!", name=" ", owner_email="ana", time_zone="Zurich", currency="francs") == 1
    said = capsys.readouterr().err
    for option in ("--id", "--name", "--owner-email", "--time-zone", "--currency"):
        assert f"{option}: " in said, said


@pytest.mark.usefixtures("staged")
def test_a_missing_stage_is_reported_with_the_command_to_create_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["organisation", "create", "--stage", "prod", *(word for pair in HELVIA.items() for word in pair)]) == 1
    assert "python -m infra stack --stage prod" in capsys.readouterr().err
