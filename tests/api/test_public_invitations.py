"""Public invitations: reading, accepting, waiting for approval, declining."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.api.bodies import claim_of, in_days, person
from tests.api.stored_items import nothing_stored
from tests.api.tenants import Office, stream_follows
from tests.api.test_form_answers import GOOD, QUESTIONS
from tests.http import Response, call

Later = Callable[..., Any]
TWO_TIERS = [{"name": name, "price": {"amount": 1, "currency": "EUR"}} for name in ("Child", "Adult")]


def decline(invitation: Any) -> Response:
    return call("POST", claim_of(invitation) + "/decline")


def over(answer: Response, how: str) -> None:
    assert (answer.status, answer.json["code"], answer.json["invitation_status"]) == (410, "invitation_over", how), answer.text


def test_looking_shows_the_terms_and_hides_the_address(demo: Office) -> None:
    for forwarding in ("open", "approve", "locked"):
        invitation = demo.invite(email="ana.secret@hidden-school.test", forwarding=forwarding, note="not for her")
        with nothing_stored():
            looked = call("GET", claim_of(invitation))
        assert (looked.status, looked.json["email"]) == (200, "a•••@h•••.test")
        for secret in ("ana.secret", "hidden-school", "not for her", "manager@demo.test"):
            assert secret not in looked.text


def test_accepting_again_is_the_same_registration_whatever_is_sent(demo: Office) -> None:
    invitation = demo.invite(party_size=2)
    first = demo.accept(invitation, "", "Kim")
    assert first.status == 201
    with nothing_stored():
        for email in (invitation["email"], invitation["email"].upper()):
            again = demo.accept(invitation, email, "Lee", "Mia", name="Somebody")
            assert (again.status, again.json) == (200, first.json)
    assert demo.spots(invitation["session"])["taken"] == 2


def test_another_address_is_refused_after_acceptance_and_learns_nothing(demo: Office) -> None:
    invitation = demo.invite()
    demo.accept(invitation, "", "Kim Possible")
    with nothing_stored():
        late = demo.accept(invitation, demo.fresh("bob"))
    assert (late.status, late.json["code"]) == (409, "already_used")
    assert "Kim" not in late.text
    assert invitation["email"] not in late.text


@pytest.mark.parametrize("forwarding", ["open", "approve"])
def test_a_forwarded_link_never_shows_the_invited_address(demo: Office, forwarding: str) -> None:
    invitation, bob = demo.invite(forwarding=forwarding), demo.fresh("bob")
    answers = [demo.accept(invitation, bob)]
    if forwarding == "approve":
        assert demo.act(invitation, "approve").json["invited_email"] == invitation["email"]
    answers += [demo.accept(invitation, bob), call("GET", claim_of(invitation)), decline(invitation)]
    for answer in answers:
        assert invitation["email"] not in answer.text
    (registration,) = demo.roster(invitation["session"])["registrations"]
    assert (registration["email"], registration["invited_email"]) == (bob, invitation["email"])


def test_staff_notes_are_hidden_from_the_customer(demo: Office) -> None:
    invitation = demo.invite()
    registration = demo.accept(invitation).json["id"]
    assert demo.call("POST", f"/registrations/{registration}/billing", {"status": "invoiced", "note": "pays late"}).status == 200
    paid = demo.call("POST", f"/registrations/{registration}/payments", {"amount": {"amount": 5, "currency": "EUR"}, "method": "cash"})
    assert paid.status == 201
    again = demo.accept(invitation)
    assert again.status == 200
    for noted in ("pays late", "manager@demo.test"):
        assert noted not in again.text
        assert noted in demo.call("GET", f"/registrations/{registration}").text


def test_a_locked_invitation_is_for_its_address_alone(demo: Office) -> None:
    invitation = demo.invite(forwarding="locked")
    with nothing_stored():
        refused = demo.accept(invitation, demo.fresh("bob"), tier="t9")
    assert (refused.status, refused.json["code"]) == (403, "other_address")
    assert demo.accept(invitation, f" {invitation['email'].upper()} ").status == 201


def test_a_waiting_claimant_may_correct_the_form_and_others_are_refused(demo: Office) -> None:
    invitation, bob = demo.invite(forwarding="approve", party_size=2), demo.fresh("bob")
    first = demo.accept(invitation, bob, "Kim")
    assert (first.status, first.json["code"]) == (202, "waiting_for_approval")
    assert demo.accept(invitation, bob.upper(), "Lee", "Mia").status == 202
    with nothing_stored():
        other = demo.accept(invitation, demo.fresh("eve"))
    assert (other.status, other.json["code"]) == (409, "somebody_waits")
    assert demo.look(invitation)["waiting"]["participants"] == ["Lee", "Mia"]
    assert demo.spots(invitation["session"]) == {"total": 5, "taken": 0, "held": 2, "extra": 0, "free": 3}
    approved = demo.act(invitation, "approve")
    assert (approved.status, [one["name"] for one in approved.json["participants"]]) == (200, ["Lee", "Mia"])
    assert demo.accept(invitation, bob).status == 200


def test_the_invited_address_goes_before_a_waiting_claimant(demo: Office) -> None:
    invitation = demo.waiting()
    assert demo.accept(invitation).status == 201
    for verb in ("approve", "reject"):
        over(demo.act(invitation, verb), "accepted")
    stream_follows(demo, invitation["session"])
    seen = demo.look(invitation)
    assert (seen["status"], seen["waiting"], seen["used_by"]) == ("accepted", None, invitation["email"])


def test_a_rejected_claimant_leaves_the_invitation_live(demo: Office) -> None:
    invitation = demo.waiting()
    rejected = demo.act(invitation, "reject")
    assert (rejected.status, rejected.json["status"], rejected.json["spots_held"]) == (200, "pending", 1)
    assert demo.accept(invitation, demo.fresh("eve")).status == 202
    demo.act(invitation, "reject")
    assert demo.accept(invitation).status == 201


def test_a_claimant_whose_form_is_no_longer_valid_is_not_approved(demo: Office) -> None:
    session = demo.session(tiers=TWO_TIERS)
    invitation, bob = demo.invite(session, forwarding="approve"), demo.fresh("bob")
    assert demo.accept(invitation, bob, tier="t2").status == 202
    demo.edit(session, tiers=TWO_TIERS[:1])
    refused = demo.act(invitation, "approve")
    assert (refused.status, refused.json["code"]) == (422, "unknown_tier")
    demo.edit(session, questions=QUESTIONS[:1], tiers=[*TWO_TIERS, {**TWO_TIERS[0], "id": "t2", "name": "Again"}])
    refused = demo.act(invitation, "approve")
    assert (refused.status, refused.json["code"]) == (422, "answers_do_not_fit")
    assert demo.spots(session)["held"] == 1
    assert demo.act(invitation, "reject").status == 200


def test_declining_twice_is_idempotent_and_ends_the_invitation(demo: Office) -> None:
    invitation = demo.invite()
    assert decline(invitation).status == 204
    with nothing_stored():
        assert decline(invitation).status == 204
        over(demo.accept(invitation), "declined")
        over(call("GET", claim_of(invitation)), "declined")
        assert demo.act(invitation, "cancel").json["code"] == "not_pending"
    assert demo.spots(invitation["session"])["free"] == 5


def test_an_accepted_invitation_cannot_be_declined(demo: Office) -> None:
    invitation = demo.invite()
    demo.accept(invitation)
    with nothing_stored():
        over(decline(invitation), "accepted")
        over(call("GET", claim_of(invitation)), "accepted")


def test_declining_ends_a_waiting_claim(demo: Office) -> None:
    invitation = demo.waiting()
    assert decline(invitation).status == 204
    over(demo.act(invitation, "approve"), "declined")
    assert demo.look(invitation)["waiting"] is None


def test_an_expired_link_is_inert_before_the_sweep(demo: Office, later: Later) -> None:
    invitation = demo.invite()
    with later(days=8), nothing_stored():
        for answer in (call("GET", claim_of(invitation)), demo.accept(invitation), decline(invitation)):
            over(answer, "expired")


def test_a_rotated_link_is_replaced_and_says_so(demo: Office) -> None:
    invitation = demo.invite()
    newer = demo.act(invitation, "resend", {"rotate": True}).json
    with nothing_stored():
        for answer in (call("GET", claim_of(invitation)), demo.accept(invitation), decline(invitation)):
            over(answer, "rotated")
    assert demo.accept(newer).status == 201


def test_refusals_come_in_order_ended_then_forwarding_then_form(demo: Office) -> None:
    """Only a claimant who may use the invitation is told the faults of the form."""
    session = demo.session(tiers=TWO_TIERS, questions=QUESTIONS)
    ended, locked, free = demo.invite(session), demo.invite(session, forwarding="locked"), demo.invite(session)
    demo.act(ended, "cancel")
    with nothing_stored():
        over(demo.accept(ended, answers={"nothing": 1}), "cancelled")
        assert demo.accept(locked, demo.fresh("bob"), answers={"nothing": 1}).json["code"] == "other_address"
        assert demo.accept(free, "", "Kim", "Lee").json["code"] == "too_many_participants"
        assert demo.accept(free).json["code"] == "tier_needed"
        assert demo.accept(free, tier="t9").json["code"] == "unknown_tier"
        assert demo.accept(free, tier="t1").json["code"] == "answers_do_not_fit"
        assert call("POST", claim_of(free) + "/accept", {}).status == 422
    assert demo.accept(free, tier="t1", answers=GOOD).status == 201


def test_an_invitee_may_register_before_the_public(demo: Office) -> None:
    session = demo.session(registration_opens_at=in_days(2))
    assert demo.enrol(session).json["code"] == "registration_not_open"
    assert demo.accept(demo.invite(session)).status == 201


def test_a_participant_already_registered_is_refused_and_the_hold_stays(demo: Office) -> None:
    session, ana = demo.session(), demo.fresh("ana")
    demo.register(session, ana, "Kim")
    invitation = demo.invite(session, ana)
    refused = demo.accept(invitation, ana, "KIM")
    assert (refused.status, refused.json["code"], refused.json["participant"]) == (409, "already_registered", "KIM")
    assert demo.spots(session) == {"total": 5, "taken": 1, "held": 1, "extra": 0, "free": 3}
    assert demo.accept(invitation, ana, "Lee").status == 201


def test_a_registration_that_was_removed_does_not_come_back_by_its_link(demo: Office) -> None:
    invitation = demo.invite()
    accepted = demo.accept(invitation)
    stream_follows(demo, invitation["session"])
    assert demo.call("DELETE", f"/registrations/{accepted.json['id']}").status == 204
    with nothing_stored():
        over(demo.accept(invitation), "accepted")
    assert demo.spots(invitation["session"])["free"] == 5
    assert call("POST", claim_of(invitation) + "/accept", person("eve@demo.test")).status in {409, 410}
