"""The user pool: the cheap tier of Cognito, and nothing in it that only a dearer one has."""

from infra.templates import resources

FOUND = resources("identity", "test")
POOL, CLIENT = FOUND["Users"]["Properties"], FOUND["Client"]["Properties"]
OF_DEARER_TIERS = {"UserPoolAddOns", "WebAuthnRelyingPartyID", "WebAuthnUserVerification"}
"""Threat protection and passkeys. Without a tier, a pool is in the middle one, where a million people a month cost three times as much."""


def test_the_pool_is_in_the_cheap_tier() -> None:
    assert POOL["UserPoolTier"] == "LITE"


def test_nothing_is_asked_for_that_only_dearer_tiers_have() -> None:
    assert not OF_DEARER_TIERS & set(POOL)
    assert POOL["EnabledMfas"] == ["SOFTWARE_TOKEN_MFA"], "codes by e-mail need a dearer tier"
    assert "SignInPolicy" not in POOL["Policies"]
    assert "ALLOW_USER_AUTH" not in CLIENT["ExplicitAuthFlows"], "the choice of a way to sign in needs a dearer tier"


def test_nobody_signs_up_past_the_application() -> None:
    assert POOL["AdminCreateUserConfig"] == {"AllowAdminCreateUserOnly": True}
    assert not [flow for flow in CLIENT["ExplicitAuthFlows"] if flow not in {"ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"}]
