"""Invitations that hold spots: invite, resend, cancel, revive; look, accept, decline; approve, reject; sweep."""

from chalicelib.operations.invitations.accepting import Accepted, Waiting, accept, approve, decline, reject
from chalicelib.operations.invitations.inviting import Invited, invite, revive
from chalicelib.operations.invitations.keeping import cancel_invitation, resend, sweep
from chalicelib.operations.invitations.looking import Offer, look, read_invitation, read_offer

__all__ = [
    "Accepted",
    "Invited",
    "Offer",
    "Waiting",
    "accept",
    "approve",
    "cancel_invitation",
    "decline",
    "invite",
    "look",
    "read_invitation",
    "read_offer",
    "reject",
    "resend",
    "revive",
    "sweep",
]
