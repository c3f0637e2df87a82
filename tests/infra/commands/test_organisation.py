"""An operator creates an organisation and gives it owners; existing data is left alone."""

from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.config import config
from chalicelib.operations import organisations, staff
from chalicelib.rules.inputs.organisations import OrganisationChanges
from chalicelib.tables import dynamodb, keys, messages
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
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
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
    assert [member.email for member in staff.every("helvia")] == ["ben@helvia.test"], "the first link went to a wrong address: it ends"


@pytest.mark.usefixtures("staged")
def test_creating_it_again_says_that_it_was_there(capsys: pytest.CaptureFixture[str]) -> None:
    create()
    assert "helvia is made." in capsys.readouterr().out
    assert create(name="Other", owner_email="ben@helvia.test") == 0
    said = capsys.readouterr().out
    assert "helvia was there, as Helvia Sports" in said
    assert "is made" not in said
    assert organisations.read("helvia").name == "Helvia Sports"


COMMANDS = [
    ("create", "--name", "Helvia", "--owner-email", "ana@helvia.test"),
    ("export",),
    ("limits", "--sessions", "9"),
    ("owner", "--email", "ana@helvia.test"),
    ("resume",),
    ("suspend",),
    ("support", "--email", "help@operator.test"),
]


@pytest.mark.usefixtures("staged")
@pytest.mark.parametrize("being", ["imported", "deleted"])
def test_a_part_of_an_organisation_is_left_alone(being: str, capsys: pytest.CaptureFixture[str]) -> None:
    """An archive of it would lack the rest without a word, and what is set is overwritten by the settings that are still to come."""
    organisations.create("helvia", "Helvia", now=NOW)
    organisations.suspend("helvia", now=NOW)
    if being == "imported":
        dynamodb.put_new(config().records_table, keys.import_marker("helvia").stored())
    else:
        organisations.ask_deletion("helvia", now=NOW)
        organisations.begin_deletion("helvia", now=NOW + timedelta(days=31))
    before = organisations.read("helvia")
    for name, *options in COMMANDS:
        assert main(["organisation", name, "--stage", "test", "--id", "helvia", *options]) == 1, name
        assert f"helvia is being {being}" in capsys.readouterr().err, name
    assert (organisations.read("helvia"), staff.every("helvia")) == (before, [])


@pytest.mark.usefixtures("staged")
def test_an_organisation_whose_only_owner_is_gone_gets_another() -> None:
    create()
    (ana,) = staff.every("helvia")
    table.activate(ana, "user-1")
    assert main(["organisation", "owner", "--stage", "test", "--id", "helvia", "--email", "ben@helvia.test", "--name", "Ben"]) == 0
    found = {member.email: (member.name, member.role, member.status) for member in staff.every("helvia")}
    assert found == {"ana@helvia.test": ("ana@helvia.test", "owner", "active"), "ben@helvia.test": ("Ben", "owner", "invited")}
    ((message,), _) = messages.to_address("helvia", "ben@helvia.test", limit=9, start=None)
    assert message.kind == "staff_invitation"


@pytest.mark.usefixtures("staged")
def test_somebody_of_the_staff_becomes_an_owner_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    create()
    (ana,) = staff.every("helvia")
    table.set_role(table.activate(ana, "user-1"), "viewer")
    for _ in range(2):
        assert main(["organisation", "owner", "--stage", "test", "--id", "helvia", "--email", "Ana@helvia.test"]) == 0
    assert [member.role for member in staff.every("helvia")] == ["owner"]
    assert "ana@helvia.test is an owner of helvia." in capsys.readouterr().out


@pytest.mark.usefixtures("staged")
def test_an_owner_of_an_unknown_organisation_is_refused_in_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["organisation", "owner", "--stage", "test", "--id", "nobody", "--email", "ana@helvia.test"]) == 1
    assert main(["organisation", "show", "--stage", "test", "--id", "nobody"]) == 1
    assert capsys.readouterr().err.count("There is no organisation nobody here.") == 2


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


@pytest.mark.usefixtures("staged")
def test_support_is_let_in_for_as_long_as_an_owner_has_allowed(capsys: pytest.CaptureFixture[str]) -> None:
    create()
    arguments = ["organisation", "support", "--stage", "test", "--id", "helvia", "--email", "help@operator.test"]
    assert main(arguments) == 1
    assert "No owner of helvia allows it now" in capsys.readouterr().out
    until = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=4)
    organisations.change("helvia", OrganisationChanges(support_until=until), expected=None)
    for _ in range(2):
        assert main(arguments) == 0
        (helper,) = (member for member in staff.every("helvia") if member.role == "viewer")
        assert (helper.email, helper.until) == ("help@operator.test", until)
        assert f"until {until:%Y-%m-%d %H:%M} UTC" in capsys.readouterr().out
    assert main([*arguments[:-1], "ana@helvia.test"]) == 1
    assert "needs no support access" in capsys.readouterr().out
