"""Invitations that hold spots: invite, resend, cancel, revive; read, accept, decline; approve, reject; expire."""

from chalicelib.operations.invitations.accept import Accepted, WaitsForApproval, accept, decline
from chalicelib.operations.invitations.approval import approve, reject
from chalicelib.operations.invitations.invite import Invited, invite, revive
from chalicelib.operations.invitations.lifecycle import cancel_invitation, expire, resend, sweep
from chalicelib.operations.invitations.queries import ClaimView, live_claim_view, read_claim_view, read_invitation
