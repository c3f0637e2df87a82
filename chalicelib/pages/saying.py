"""What a page says about what was just done. The address carries the word, so that nothing needs to be remembered."""

SAID = {
    "invited": "The invitation is on its way, and its spots are held.",
    "invited-silently": "The spots are held, but no e-mail goes out: the address is unsubscribed or unreachable. Pass on the link.",
    "resent": "The invitation was sent again.",
    "rotated": "The invitation was sent again with a new link. The old link no longer works.",
    "invitation-cancelled": "The invitation is cancelled and its spots are free again.",
    "revived": "The invitation lives again and its spots are held.",
    "approved": "They are registered.",
    "rejected": "Their request is turned down. The invited address may still use the invitation.",
    "removed": "The registration is off the roster and its spots are free again.",
    "created": "The session is there. Add the first participant, or wait for registrations.",
    "saved": "Saved.",
    "added": "They are on the roster.",
    "session-cancelled": "The session is cancelled.",
    "deleted": "The session is deleted.",
    "staff-invited": "The invitation is on its way.",
    "role-changed": "The role is changed.",
    "staff-removed": "They no longer have access.",
    "signed-out": "You are signed out.",
    "password-set": "Your new password is set. Sign in with it.",
    "activated": "Your account is ready. Sign in with your address and the password you chose.",
}
