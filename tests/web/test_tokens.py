"""Accepted and refused access tokens."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from types import SimpleNamespace
from urllib.error import URLError

import jwt
import pytest
from cryptography.hazmat.primitives import serialization

from chalicelib.rules.refusals import Busy
from chalicelib.web import jwks
from chalicelib.web.refusals import NotSignedIn
from chalicelib.web.tokens import LEEWAY_SECONDS, user_of
from tests.aws import Demo
from tests.http import call
from tests.tokens import CLIENT, ISSUER, KEY_ID, SigningKey, access_claims

TokenFor = Callable[..., str]


def _part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def _hs256_with_the_public_key(key: SigningKey) -> str:
    public = key.public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    shown = f"{_part({'alg': 'HS256', 'kid': KEY_ID, 'typ': 'JWT'})}.{_part(access_claims('ana'))}"
    seal = base64.urlsafe_b64encode(hmac.new(public, shown.encode(), hashlib.sha256).digest()).decode().rstrip("=")
    return f"{shown}.{seal}"


def _changed(token: str) -> str:
    header, _, seal = token.split(".")
    return f"{header}.{_part(access_claims('somebody-else'))}.{seal}"


BAD: dict[str, Callable[[SigningKey], str]] = {
    "no algorithm": lambda key: f"{_part({'alg': 'none', 'kid': KEY_ID})}.{_part(access_claims('ana'))}.",
    "HS256 with the public key": _hs256_with_the_public_key,
    "RS512": lambda key: jwt.encode(access_claims("ana"), key.private, algorithm="RS512", headers={"kid": KEY_ID}),
    "another pool": lambda key: key.token("ana", iss=ISSUER + "2"),
    "no issuer": lambda key: key.token("ana", iss=None),
    "run out": lambda key: key.token("ana", exp=int(time.time()) - LEEWAY_SECONDS - 1),
    "no end": lambda key: key.token("ana", exp=None),
    "an end that is no number": lambda key: key.token("ana", exp="tomorrow"),
    "from the future": lambda key: key.token("ana", iat=int(time.time()) + 3600),
    "issued at infinity": lambda key: key.token("ana", iat=float("inf")),
    "an id token": lambda key: key.token("ana", token_use="id"),
    "a refresh token": lambda key: key.token("ana", token_use="refresh"),
    "another client": lambda key: key.token("ana", client_id=CLIENT + "2"),
    "an audience instead of a client": lambda key: key.token("ana", client_id=None, aud=CLIENT),
    "nobody": lambda key: key.token("", sub=""),
    "no subject": lambda key: key.token("ana", sub=None),
    "a subject that is no text": lambda key: key.token("ana", sub=7),
    "no key id": lambda key: key.signed(access_claims("ana"), key_id=None),
    "another key id": lambda key: key.signed(access_claims("ana"), key_id="other"),
    "a key id that is no text": lambda key: f"{_part({'alg': 'RS256', 'kid': [KEY_ID]})}.{_part(access_claims('ana'))}.c2VhbA",
    "another key": lambda key: SigningKey().token("ana"),
    "changed": lambda key: _changed(key.token("ana")),
    "without its seal": lambda key: key.token("ana").rpartition(".")[0] + ".",
    "garbage": lambda key: "garbage",
    "two dots only": lambda key: "..",
    "a dot too many": lambda key: key.token("ana") + ".x",
    "no JSON": lambda key: "bm8.bm8.bm8",
    "not even text": lambda key: "é.é.é",
    "very long": lambda key: key.token("ana", more="x" * 10_000),
    "very deep": lambda key: base64.urlsafe_b64encode(b"[" * 6000).decode() + ".e30.c2VhbA",
}


@pytest.mark.parametrize("kind", BAD)
def test_bad_tokens_sign_nobody_in(kind: str, sign_key: SigningKey, token_for: TokenFor) -> None:
    with pytest.raises(NotSignedIn):
        user_of(BAD[kind](sign_key))


@pytest.mark.parametrize("kind", BAD)
def test_bad_tokens_answer_401(kind: str, sign_key: SigningKey, demo_org: Demo) -> None:
    response = call("GET", "/v1/orgs/demo", token=BAD[kind](sign_key))
    assert (response.status, response.json["code"]) == (401, "not_signed_in")


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic b3duZXI6cGFzcw==", "owner"])
def test_other_authorizations_answer_401(header: str, demo_org: Demo) -> None:
    assert call("GET", "/v1/orgs/demo", headers={"Authorization": header}).status == 401


def test_a_good_token_says_whose_it_is(token_for: TokenFor) -> None:
    assert user_of(token_for("ana")) == "ana"
    assert user_of(token_for("ana", exp=int(time.time()) - 1)) == "ana", "clocks may differ a little"


class Pool:
    """The pool's published keys, which may change or be unreachable."""

    def __init__(self, published: bytes) -> None:
        self.published: bytes | Exception = published
        self.requests: list[str] = []

    def __call__(self, address: str) -> bytes:
        self.requests.append(address)
        if isinstance(self.published, Exception):
            raise self.published
        return self.published


@pytest.fixture
def pool(sign_key: SigningKey, monkeypatch: pytest.MonkeyPatch) -> Pool:
    pool = Pool(sign_key.published())
    monkeypatch.setattr(jwks, "fetch", pool)
    return pool


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Return a function that advances the keyring's clock."""
    moment = [1000.0]
    monkeypatch.setattr(jwks, "time", SimpleNamespace(monotonic=lambda: moment[0]))

    def on(seconds: float) -> None:
        moment[0] += seconds

    return on


def test_keys_are_fetched_once_from_the_issuer(pool: Pool, sign_key: SigningKey) -> None:
    for _ in range(3):
        user_of(sign_key.token("ana"))
    assert pool.requests == [f"{ISSUER}/.well-known/jwks.json"]


def test_made_up_key_ids_ask_for_the_keys_once_a_minute(pool: Pool, sign_key: SigningKey, clock: Callable[[float], None]) -> None:
    for made_up in range(20):
        with pytest.raises(NotSignedIn):
            user_of(sign_key.signed(access_claims("ana"), key_id=f"made-up-{made_up}"))
    assert len(pool.requests) == 1
    clock(jwks.PAUSE_SECONDS + 1)
    with pytest.raises(NotSignedIn):
        user_of(sign_key.signed(access_claims("ana"), key_id="another"))
    assert len(pool.requests) == 2


def test_a_new_key_is_found(pool: Pool, sign_key: SigningKey, clock: Callable[[float], None]) -> None:
    user_of(sign_key.token("ana"))
    newer = SigningKey()
    pool.published = newer.published().replace(KEY_ID.encode(), b"newer")
    clock(jwks.PAUSE_SECONDS + 1)
    assert user_of(newer.signed(access_claims("ana"), key_id="newer")) == "ana"


def test_a_key_that_was_withdrawn_counts_no_more_after_an_hour(pool: Pool, sign_key: SigningKey, clock: Callable[[float], None]) -> None:
    user_of(sign_key.token("ana"))
    pool.published = b'{"keys": []}'
    clock(jwks.CACHE_SECONDS + 1)
    with pytest.raises(NotSignedIn):
        user_of(sign_key.token("ana"))


@pytest.mark.parametrize("fault", [URLError("no route"), TimeoutError(), b"<html>", b"[]", b'{"keys": [{}]}', b'{"keys": [{"kid": "a"}]}'])
def test_keys_out_of_reach_answer_busy(fault: bytes | Exception, pool: Pool, sign_key: SigningKey) -> None:
    pool.published = fault
    with pytest.raises(Busy):
        user_of(sign_key.token("ana"))


def test_an_outage_is_not_met_with_a_fetch_for_every_request(pool: Pool, sign_key: SigningKey, clock: Callable[[float], None]) -> None:
    good, pool.published = pool.published, URLError("no route")
    for _ in range(5):
        with pytest.raises(Busy):
            user_of(sign_key.token("ana"))
    assert len(pool.requests) == 1
    pool.published = good
    clock(jwks.PAUSE_AFTER_FAILURE_SECONDS + 1)
    assert user_of(sign_key.token("ana")) == "ana"


def test_known_keys_outlive_an_outage(pool: Pool, sign_key: SigningKey, clock: Callable[[float], None]) -> None:
    user_of(sign_key.token("ana"))
    pool.published = URLError("no route")
    clock(jwks.CACHE_SECONDS + 1)
    assert user_of(sign_key.token("ana")) == "ana"
    with pytest.raises(Busy):
        user_of(sign_key.signed(access_claims("ana"), key_id="unknown"))


def test_keys_out_of_reach_answer_503(demo_org: Demo, pool: Pool, sign_key: SigningKey) -> None:
    jwks.keyring.forget()
    pool.published = URLError("no route")
    response = call("GET", "/v1/orgs/demo", token=sign_key.token("user-owner"))
    assert (response.status, response.json["code"]) == (503, "busy")
    assert response.headers["retry-after"]
