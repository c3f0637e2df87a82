"""The second factor: set up, asked for at every sign-in whatever happens to the password, turned off and reset."""

from datetime import datetime, timedelta

import pytest

from chalicelib.operations import audit, auth, organisations, staff
from chalicelib.operations.auth import second_factor
from chalicelib.operations.links import password_reset_link, staff_activation_link
from chalicelib.rules.auth import (
    CodeNeeded,
    SecondFactorOn,
    SecondFactorShared,
    SignedOut,
    TooManyAttempts,
    WrongCode,
    WrongPassword,
)
from chalicelib.rules.inputs.organisations import StaffInput
from chalicelib.rules.organisations import StaffMember
from chalicelib.rules.refusals import NotFound
from chalicelib.tables import password_resets
from chalicelib.tables.audit import Filters
from tests.operations.auth import NEW_PASSWORD, PASSWORD
from tests.second_factor import WRONG, code_of, turn_on

HERE = "192.0.2.1"
OWNER = "owner@demo.test"


@pytest.fixture
def key(owner: StaffMember, now: datetime) -> str:
    """The key of the owner's authenticator app."""
    return turn_on(owner, PASSWORD, auth.sign_in(OWNER, PASSWORD, source=HERE, now=now).access_token, now=now)


def waiting(now: datetime, password: str = PASSWORD) -> str:
    with pytest.raises(CodeNeeded) as needed:
        auth.sign_in(OWNER, password, source=HERE, now=now)
    return auth.sign_in_token(needed.value)


def acts(org: str) -> list[str]:
    return [entry.action for entry in audit.list_entries(org, Filters(), limit=20).items]


def test_signing_in_asks_for_a_code_after_the_password(key: str, owner: StaffMember, now: datetime) -> None:
    signed_in = auth.sign_in_with_code(waiting(now), code_of(key), source=HERE, now=now)
    assert signed_in.user == owner.user
    assert auth.refresh(signed_in.refresh_token).user == owner.user
    assert "staff.second_factor_on" in acts("demo")


def test_a_wrong_code_signs_nobody_in_and_may_be_mended(key: str, now: datetime) -> None:
    token = waiting(now)
    with pytest.raises(WrongCode):
        auth.sign_in_with_code(token, WRONG, source=HERE, now=now)
    assert auth.sign_in_with_code(token, code_of(key), source=HERE, now=now)


def test_a_sign_in_is_finished_once(key: str, now: datetime) -> None:
    token = waiting(now)
    auth.sign_in_with_code(token, code_of(key), source=HERE, now=now)
    with pytest.raises(SignedOut):
        auth.sign_in_with_code(token, code_of(key), source=HERE, now=now)


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "b3duZXJAZGVtby50ZXN0.cw.AAAAAAAAAAAAAAAAAAAAAA", "é.é.é"])
def test_a_code_alone_opens_nothing(key: str, token: str, now: datetime) -> None:
    with pytest.raises(SignedOut):
        auth.sign_in_with_code(token, code_of(key), source=HERE, now=now)


def test_wrong_codes_are_counted_for_the_account_whoever_sends_them(key: str, now: datetime) -> None:
    for number in range(10):
        with pytest.raises(WrongCode):
            auth.sign_in_with_code(waiting(now), WRONG, source=f"192.0.2.{number}", now=now)
    with pytest.raises(TooManyAttempts):
        auth.sign_in_with_code(waiting(now), code_of(key), source="192.0.2.99", now=now)
    later = now + timedelta(minutes=10)
    assert auth.sign_in_with_code(waiting(later), code_of(key), source=HERE, now=later)


def test_wrong_codes_count_as_failures_of_the_client(key: str, now: datetime) -> None:
    token = waiting(now)
    for number in range(49):
        with pytest.raises(WrongPassword):
            auth.sign_in(f"{number}@demo.test", "wrong", source=HERE, now=now)
    with pytest.raises(WrongCode):
        auth.sign_in_with_code(token, WRONG, source=HERE, now=now)
    with pytest.raises(TooManyAttempts):
        auth.sign_in_with_code(token, code_of(key), source=HERE, now=now)


def test_codes_that_a_stranger_makes_up_without_the_password_lock_nobody_out(key: str, now: datetime) -> None:
    for _ in range(20):
        with pytest.raises(SignedOut):
            auth.sign_in_with_code("b3duZXJAZGVtby50ZXN0.cw.AAAAAAAAAAAAAAAAAAAAAA", WRONG, source=HERE, now=now)
    assert auth.sign_in_with_code(waiting(now), code_of(key), source=HERE, now=now)


def test_a_new_password_leaves_the_second_factor_on(key: str, owner: StaffMember, now: datetime) -> None:
    auth.ask_reset(OWNER, nonce="n", source=HERE, now=now)
    token = password_reset_link(owner.user, "n").rpartition("/")[2]
    assert password_resets.check_reset(owner.user, "n", now=now)
    auth.reset_password(token, NEW_PASSWORD, now=now)
    assert auth.sign_in_with_code(waiting(now, NEW_PASSWORD), code_of(key), source=HERE, now=now).user == owner.user


def test_joining_another_organisation_needs_the_password_and_opens_nothing(key: str, now: datetime) -> None:
    organisations.create("other", "Other", now=now)
    invited = staff.invite("other", StaffInput(email=OWNER, name="Olga", role="manager"), now=now)
    token = staff_activation_link("other", invited.user, invited.link_version).rpartition("/")[2]
    with pytest.raises(WrongPassword):
        auth.activate_staff(token, "wrong", source=HERE, now=now)
    assert auth.activate_staff(token, PASSWORD, source=HERE, now=now).status == "active"
    assert waiting(now)


def test_nothing_is_asked_for_before_the_first_code_is_right(owner: StaffMember, now: datetime) -> None:
    token = auth.sign_in(OWNER, PASSWORD, source=HERE, now=now).access_token
    second_factor.begin(owner, PASSWORD, access_token=token, source=HERE, now=now)
    with pytest.raises(WrongCode):
        second_factor.finish(owner, WRONG, access_token=token, now=now)
    assert not second_factor.is_on(owner)
    assert auth.sign_in(OWNER, PASSWORD, source=HERE, now=now)


def test_the_first_codes_are_counted_too(owner: StaffMember, now: datetime) -> None:
    token = auth.sign_in(OWNER, PASSWORD, source=HERE, now=now).access_token
    key = second_factor.begin(owner, PASSWORD, access_token=token, source=HERE, now=now).text
    for _ in range(10):
        with pytest.raises(WrongCode):
            second_factor.finish(owner, WRONG, access_token=token, now=now)
    with pytest.raises(TooManyAttempts):
        second_factor.finish(owner, code_of(key), access_token=token, now=now)


def test_setting_up_asks_for_the_password(owner: StaffMember, now: datetime) -> None:
    token = auth.sign_in(OWNER, PASSWORD, source=HERE, now=now).access_token
    with pytest.raises(WrongPassword):
        second_factor.begin(owner, "wrong", access_token=token, source=HERE, now=now)
    key = second_factor.begin(owner, PASSWORD, access_token=token, source=HERE, now=now)
    assert key.address == f"otpauth://totp/Rollbook:Owner@Demo.test?secret={key.text}&issuer=Rollbook"


def test_a_key_is_not_replaced_while_it_is_on(key: str, owner: StaffMember, now: datetime) -> None:
    signed_in = auth.sign_in_with_code(waiting(now), code_of(key), source=HERE, now=now)
    with pytest.raises(SecondFactorOn):
        second_factor.begin(owner, PASSWORD, access_token=signed_in.access_token, source=HERE, now=now)


def test_turning_off_asks_for_the_password(key: str, owner: StaffMember, now: datetime) -> None:
    with pytest.raises(WrongPassword):
        second_factor.end(owner, "wrong", source=HERE, now=now)
    assert second_factor.is_on(owner)
    second_factor.end(owner, PASSWORD, source=HERE, now=now)
    second_factor.end(owner, PASSWORD, source=HERE, now=now)
    assert auth.sign_in(OWNER, PASSWORD, source=HERE, now=now)
    assert acts("demo").count("staff.second_factor_off") == 1


def test_an_owner_resets_it_for_somebody_who_lost_the_phone(key: str, owner: StaffMember, now: datetime) -> None:
    second_factor.reset("demo", owner.user, now=now)
    assert auth.sign_in(OWNER, PASSWORD, source=HERE, now=now).user == owner.user


def test_one_organisation_does_not_reset_what_protects_another(key: str, owner: StaffMember, now: datetime) -> None:
    organisations.create("other", "Other", now=now)
    staff.set_owner("other", OWNER, "Olga", password=PASSWORD, now=now)
    with pytest.raises(SecondFactorShared):
        second_factor.reset("demo", owner.user, now=now)
    assert waiting(now)


def test_only_members_are_reset(owner: StaffMember, now: datetime) -> None:
    invited = staff.invite("demo", StaffInput(email="ana@example.org", name="Ana", role="viewer"), now=now)
    for user in (invited.user, "nobody"):
        with pytest.raises(NotFound):
            second_factor.reset("demo", user, now=now)
