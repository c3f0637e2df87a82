"""Sign-in and its limit of attempts."""

from datetime import datetime, timedelta

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError

from chalicelib import clients
from chalicelib.operations import auth
from chalicelib.operations.auth import user_pool as pool
from chalicelib.rules.auth import SignedOut, TooManyAttempts, WeakPassword, WrongPassword
from chalicelib.rules.organisations import StaffMember
from chalicelib.rules.refusals import Busy
from chalicelib.web.tokens import user_of
from tests.operations.auth import NEW_PASSWORD, PASSWORD

HERE = "192.0.2.1"


def _fails(now: datetime, *, email: str = "owner@demo.test", source: str = HERE) -> None:
    with pytest.raises(WrongPassword):
        auth.sign_in(email, "wrong", source=source, now=now)


def test_the_right_password_signs_in_whatever_the_case_of_the_address(owner: StaffMember, now: datetime) -> None:
    signed_in = auth.sign_in("  OWNER@demo.test ", PASSWORD, source=HERE, now=now)
    assert signed_in.user == owner.user == user_of(signed_in.access_token)
    assert [(m.org, m.role) for m in signed_in.person.memberships] == [("demo", "owner")]
    assert signed_in.expires_in > 0


def test_a_wrong_password_and_an_unknown_address_look_the_same(owner: StaffMember, now: datetime) -> None:
    _fails(now)
    _fails(now, email="nobody@demo.test")


def test_after_ten_failures_even_the_right_password_waits(owner: StaffMember, now: datetime) -> None:
    for _ in range(10):
        _fails(now)
    with pytest.raises(TooManyAttempts) as refused:
        auth.sign_in("owner@demo.test", PASSWORD, source=HERE, now=now + timedelta(minutes=4))
    assert refused.value.retry_after == 6 * 60
    assert auth.sign_in("owner@demo.test", PASSWORD, source=HERE, now=now + timedelta(minutes=10))


def test_failures_count_for_one_address_and_one_account(owner: StaffMember, now: datetime) -> None:
    for _ in range(10):
        _fails(now)
    assert auth.sign_in("owner@demo.test", PASSWORD, source="192.0.2.2", now=now)
    _fails(now, email="other@demo.test")
    with pytest.raises(TooManyAttempts):
        auth.sign_in("OWNER@demo.test", PASSWORD, source=HERE, now=now)


def test_a_successful_sign_in_resets_the_count(owner: StaffMember, now: datetime) -> None:
    for _ in range(3):
        for _ in range(9):
            _fails(now)
        auth.sign_in("owner@demo.test", PASSWORD, source=HERE, now=now)


def test_a_refresh_token_gives_a_new_access_token(owner: StaffMember, now: datetime) -> None:
    signed_in = auth.sign_in("owner@demo.test", PASSWORD, source=HERE, now=now)
    renewed = auth.refresh(signed_in.refresh_token)
    assert user_of(renewed.access_token) == owner.user
    assert renewed.refresh_token == signed_in.refresh_token
    assert renewed.person.memberships == signed_in.person.memberships


def test_signed_out_everywhere_nothing_refreshes(owner: StaffMember, now: datetime) -> None:
    first, second = (auth.sign_in("owner@demo.test", PASSWORD, source=HERE, now=now) for _ in range(2))
    auth.sign_out_everywhere(first.access_token, user=owner.user, now=now)
    for signed_in in (first, second):
        with pytest.raises(SignedOut):
            auth.refresh(signed_in.refresh_token)
    auth.sign_out_everywhere(first.access_token, user=owner.user, now=now)


def test_a_long_address_has_an_account_too(user_pool: str) -> None:
    email = f"{'a' * 60}@{'b' * 60}.{'c' * 60}.test"
    user = pool.sign_up(email, PASSWORD)
    assert user
    assert pool.authenticate(email.upper(), PASSWORD).user == user


def test_signing_up_twice_leaves_the_password_alone(user_pool: str) -> None:
    user = pool.sign_up("ana@example.org", PASSWORD)
    assert pool.sign_up("Ana@Example.org", NEW_PASSWORD) is None
    assert pool.authenticate("ana@example.org", PASSWORD).user == user


def test_a_sign_up_that_broke_off_is_finished_the_next_time(user_pool: str) -> None:
    clients.cognito().admin_create_user(UserPoolId=user_pool, Username="ana@example.org", MessageAction="SUPPRESS")
    assert pool.user_of("ana@example.org") is None
    user = pool.sign_up("ana@example.org", PASSWORD)
    assert pool.authenticate("ana@example.org", PASSWORD).user == user


def test_the_pool_has_the_last_word_on_passwords(user_pool: str) -> None:
    with pytest.raises(WeakPassword):
        pool.sign_up("ana@example.org", "weak")


@pytest.mark.parametrize(
    ("fault", "refusal"),
    [
        (ClientError({"Error": {"Code": "TooManyRequestsException", "Message": ""}}, "AdminInitiateAuth"), Busy),
        (ConnectTimeoutError(endpoint_url="https://pool"), Busy),
        (ClientError({"Error": {"Code": "NotAuthorizedException", "Message": pool.LOCKED}}, "AdminInitiateAuth"), TooManyAttempts),
        (ClientError({"Error": {"Code": "AccessDeniedException", "Message": "secret"}}, "AdminInitiateAuth"), RuntimeError),
    ],
)
def test_what_the_pool_refuses_has_one_meaning(fault: Exception, refusal: type[Exception], monkeypatch: pytest.MonkeyPatch) -> None:
    class Pool:
        def admin_initiate_auth(self, **_: object) -> None:
            raise fault

    with monkeypatch.context() as patched:
        patched.setattr(clients, "cognito", Pool)
        with pytest.raises(refusal) as raised:
            pool.authenticate("ana@example.org", PASSWORD)
    assert "secret" not in str(raised.value)


def test_credentials_are_not_logged(owner: StaffMember, now: datetime) -> None:
    signed_in = auth.sign_in("owner@demo.test", PASSWORD, source=HERE, now=now)
    assert signed_in.access_token not in repr(signed_in)
    assert signed_in.refresh_token not in repr(signed_in)
