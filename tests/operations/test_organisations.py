"""Settings of an organisation."""

from datetime import datetime, time

import pytest

from chalicelib.operations import organisations
from chalicelib.rules.discounts import SiblingDiscount
from chalicelib.rules.inputs.organisations import OrganisationChanges
from chalicelib.rules.organisations import QuietHours, WaitlistSettings
from chalicelib.rules.refusals import ChangedMeanwhile, NotFound
from chalicelib.tables import organisations as stored


def test_an_organisation_is_created_once(tables: None, now: datetime) -> None:
    made = organisations.create("demo", "Demo", now=now, currency="CHF")
    assert organisations.read("demo") == made
    assert organisations.create("demo", "Other", now=now) == made
    assert list(stored.every()) == ["demo"]


@pytest.mark.parametrize("org", ["", "-", "#", "demo#x", "Demo", "a/b", "a.b", "a" * 41])
def test_an_id_fits_into_paths_and_keys(org: str, tables: None, now: datetime) -> None:
    with pytest.raises(ValueError, match="small letters"):
        organisations.create(org, "Demo", now=now)


def test_named_fields_change_and_the_rest_stays(tables: None, now: datetime) -> None:
    made = organisations.create("demo", "Demo", now=now)
    changes = OrganisationChanges.model_validate(
        {
            "quiet_hours": {"starts": "22:30", "ends": "07:15"},
            "waitlist": {"mode": "skip_to_fit"},
            "sibling_discount": {"from_nth": 2, "percent": 10},
            "reminder_days": [7, 3, 7],
            "vat_rate": 0.0000001,
        }
    )
    changed = organisations.change("demo", changes, expected=None)
    assert changed == organisations.read("demo")
    assert changed.quiet_hours == QuietHours(time(22, 30), time(7, 15))
    assert changed.waitlist == WaitlistSettings(mode="skip_to_fit")
    assert changed.sibling_discount == SiblingDiscount(2, 10)
    assert changed.reminder_days == (3, 7)
    assert (changed.name, changed.version, changed.vat_rate) == ("Demo", made.version + 1, 0)
    off = organisations.change("demo", OrganisationChanges(quiet_hours=None, sibling_discount=None), expected=changed.version)
    assert (off.quiet_hours, off.sibling_discount, off.waitlist) == (None, None, changed.waitlist)
    assert organisations.read("demo") == off


def test_a_change_made_on_an_old_reading_is_refused(tables: None, now: datetime) -> None:
    organisations.create("demo", "Demo", now=now)
    organisations.change("demo", OrganisationChanges(name="Second"), expected=1)
    with pytest.raises(ChangedMeanwhile):
        organisations.change("demo", OrganisationChanges(name="Third"), expected=1)
    assert organisations.read("demo").name == "Second"


def test_two_unconditional_changes_at_the_same_moment_both_come_about(tables: None, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    old = [organisations.create("demo", "Demo", now=now)]
    organisations.change("demo", OrganisationChanges(accent="#112233"), expected=None)
    read = stored.get
    monkeypatch.setattr(stored, "get", lambda org: old.pop() if old else read(org))
    changed = organisations.change("demo", OrganisationChanges(name="Other"), expected=None)
    assert (changed.name, changed.accent) == ("Other", "#112233")


def test_a_change_that_lost_a_race_is_refused_when_it_expected_a_version(
    tables: None, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = organisations.create("demo", "Demo", now=now)
    organisations.change("demo", OrganisationChanges(name="Second"), expected=None)
    monkeypatch.setattr(stored, "get", lambda _org: old)
    with pytest.raises(ChangedMeanwhile):
        organisations.change("demo", OrganisationChanges(name="Third"), expected=1)


def test_nothing_unknown_changes(tables: None) -> None:
    with pytest.raises(NotFound):
        organisations.change("demo", OrganisationChanges(name="Demo"), expected=None)
