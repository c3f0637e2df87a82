"""Access tokens in the user pool's format, signed with a test key."""

import json
import time
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

POOL = "eu-central-1_tests"
CLIENT = "client-of-tests"
ISSUER = f"https://cognito-idp.eu-central-1.amazonaws.com/{POOL}"
KEY_ID = "key-of-tests"


class SigningKey:
    """A stand-in for the user pool: signs tokens and publishes the key that verifies them."""

    def __init__(self) -> None:
        self.private = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    @property
    def public(self) -> rsa.RSAPublicKey:
        return self.private.public_key()

    def published(self) -> bytes:
        """Return the JWKS."""
        entry = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.public))
        return json.dumps({"keys": [{**entry, "kid": KEY_ID, "alg": "RS256", "use": "sig"}]}).encode()

    def token(self, user: str, **claims: Any) -> str:
        """Return the access token of a user. `claims` replace the usual claims; None leaves a claim out."""
        return self.signed({name: value for name, value in {**access_claims(user), **claims}.items() if value is not None})

    def signed(self, claims: dict[str, Any], *, key_id: str | None = KEY_ID) -> str:
        return jwt.encode(claims, self.private, algorithm="RS256", headers={"kid": key_id} if key_id else {})


def access_claims(user: str) -> dict[str, Any]:
    issued = int(time.time())
    return {
        "sub": user,
        "iss": ISSUER,
        "client_id": CLIENT,
        "token_use": "access",
        "iat": issued,
        "auth_time": issued,
        "exp": issued + 3600,
        "username": user,
    }
