"""MiniStack's second factor is as strict as Amazon Cognito's, and the application works with it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from infra.local import second_factor
from infra.local.emulator import Emulator
from tests.infra.local.test_emulator import client, furnished, running
from tests.second_factor import WRONG, code_of

USER, PASSWORD = "owner@demo.test", "demo-Passw0rd!"
KIND = "SOFTWARE_TOKEN_MFA"


class Pool:
    """A user pool with one user, and what is asked of it."""

    def __init__(self, cognito: Any, pool: str, application: str) -> None:
        self.cognito, self.of, self.application = cognito, {"UserPoolId": pool}, {"ClientId": application}

    def sign_in(self) -> Any:
        parameters = {"USERNAME": USER, "PASSWORD": PASSWORD}
        return self.cognito.admin_initiate_auth(
            **self.of, **self.application, AuthFlow="ADMIN_USER_PASSWORD_AUTH", AuthParameters=parameters
        )

    def answer(self, session: str, code: str, user: str = USER) -> Any:
        given = {"USERNAME": user, f"{KIND}_CODE": code}
        return self.cognito.admin_respond_to_auth_challenge(
            **self.of, **self.application, ChallengeName=KIND, Session=session, ChallengeResponses=given
        )

    def prefer(self, on: bool) -> None:
        self.cognito.admin_set_user_mfa_preference(**self.of, Username=USER, SoftwareTokenMfaSettings={"Enabled": on, "PreferredMfa": on})

    def confirmed_key(self) -> str:
        token = self.sign_in()["AuthenticationResult"]["AccessToken"]
        key: str = self.cognito.associate_software_token(AccessToken=token)["SecretCode"]
        assert self.cognito.verify_software_token(AccessToken=token, UserCode=code_of(key, -1))["Status"] == "SUCCESS"
        return key


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    with running(Path(tmp_path_factory.mktemp("emulator"))) as started:
        yield started


@pytest.fixture
def pool(aws: Emulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pool]:
    known = furnished(aws, monkeypatch)
    with client("cognito-idp", aws) as cognito:
        cognito.admin_create_user(UserPoolId=known.user_pool, Username=USER, MessageAction="SUPPRESS")
        cognito.admin_set_user_password(UserPoolId=known.user_pool, Username=USER, Password=PASSWORD, Permanent=True)
        yield Pool(cognito, known.user_pool, known.user_pool_client)


def refused(ask: Callable[[], object]) -> str:
    with pytest.raises(ClientError) as fault:
        ask()
    return str(fault.value.response["Error"]["Code"])


def test_a_confirmed_key_is_asked_for_once_it_is_turned_on(pool: Pool) -> None:
    key = pool.confirmed_key()
    assert "AuthenticationResult" in pool.sign_in()
    pool.prefer(on=True)
    challenge = pool.sign_in()
    assert challenge["ChallengeName"] == KIND
    assert "AuthenticationResult" not in challenge
    assert "AccessToken" in pool.answer(challenge["Session"], code_of(key))["AuthenticationResult"]
    assert pool.cognito.admin_get_user(**pool.of, Username=USER)["UserMFASettingList"] == [KIND]
    pool.cognito.admin_set_user_password(**pool.of, Username=USER, Password=PASSWORD, Permanent=True)
    assert pool.sign_in()["ChallengeName"] == KIND
    pool.prefer(on=False)
    assert "AuthenticationResult" in pool.sign_in()


def test_a_code_needs_the_session_of_its_user(pool: Pool) -> None:
    key = pool.confirmed_key()
    pool.prefer(on=True)
    session = pool.sign_in()["Session"]
    assert refused(lambda: pool.answer("a session that was made up", code_of(key))) == "NotAuthorizedException"
    assert refused(lambda: pool.answer(session, code_of(key), "other@demo.test")) == "NotAuthorizedException"
    assert refused(lambda: pool.answer(session, WRONG)) == "CodeMismatchException"
    assert pool.answer(session, code_of(key))


def test_a_session_and_a_code_are_good_for_once(pool: Pool) -> None:
    key = pool.confirmed_key()
    pool.prefer(on=True)
    session, code = pool.sign_in()["Session"], code_of(key)
    pool.answer(session, code)
    assert refused(lambda: pool.answer(session, code_of(key, 1))) == "NotAuthorizedException"
    assert refused(lambda: pool.answer(pool.sign_in()["Session"], code)) == "ExpiredCodeException"


def test_a_key_needs_a_token_and_its_own_code(pool: Pool) -> None:
    token = pool.sign_in()["AuthenticationResult"]["AccessToken"]
    assert refused(lambda: pool.cognito.associate_software_token(AccessToken="made-up")) == "NotAuthorizedException"
    pool.cognito.associate_software_token(AccessToken=token)
    assert refused(lambda: pool.cognito.verify_software_token(AccessToken=token, UserCode=WRONG)) == "EnableSoftwareTokenMFAException"
    assert refused(lambda: pool.prefer(on=True)) == "InvalidParameterException"


def test_a_session_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(second_factor._waiting, "s", second_factor.Waiting("pool", USER, 0))
    response = second_factor._checking_session(lambda _: (200,))(
        {"ChallengeName": KIND, "Session": "s", "ChallengeResponses": {"USERNAME": USER, f"{KIND}_CODE": "123456"}}
    )
    assert response[0] == 400
