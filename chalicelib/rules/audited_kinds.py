"""The kinds of rows in the audit log: the noun of each, and the changes that are more than an update."""

from typing import Any

from chalicelib.rules.audit import AuditAction, AuditedKind, ChangeTest, Values


def begins(name: str) -> ChangeTest:
    """The attribute is set by this change."""
    return lambda old, new: bool(new.get(name)) and not old.get(name)


def ends(name: str) -> ChangeTest:
    """The attribute is removed by this change."""
    return lambda old, new: bool(old.get(name)) and not new.get(name)


def becomes(name: str, *values: Any) -> ChangeTest:
    """The attribute changes to one of these values."""
    return lambda old, new: old.get(name) != new.get(name) and new.get(name) in values


def changes(name: str) -> ChangeTest:
    return lambda old, new: old.get(name) != new.get(name)


def grows(name: str) -> ChangeTest:
    """The list or number grows by this change."""
    return lambda old, new: _size(new.get(name)) > _size(old.get(name))


def _meetings(session: Values, *, cancelled: bool = False) -> set[str]:
    """Return the ids of the dates in a session's row that take place, or of those that were cancelled alone."""
    return {meeting["id"] for meeting in session.get("meetings", ()) if bool(meeting.get("cancelled_at")) is cancelled}


def _outcome(session: Values) -> str:
    """Return the decision about the minimum in a session's row."""
    return str((session.get("minimum") or {}).get("outcome", "undecided"))


def _made(registration: Values) -> int:
    """Return how many refunds in a registration's row were made."""
    return sum(refund.get("state", "made") == "made" for refund in registration.get("refunds", ()))


def _size(value: Any) -> int:
    return value if isinstance(value, int) else len(value or ())


REGISTRATION = AuditedKind(
    "registration",
    (
        AuditAction("moved", begins("moved_to")),
        AuditAction("removed", begins("removed_at")),
        AuditAction("created", begins("confirmed_at")),
        AuditAction("confirmation_resent", lambda old, new: grows("confirmations")(old, new) and not changes("email")(old, new)),
        AuditAction("payment.received", grows("payments")),
        AuditAction("payment.refunded", lambda old, new: _made(new) > _made(old)),
        AuditAction("billed", changes("billing")),
    ),
    created=lambda _: "",  # The spots may yet be refused: the row is created before the ledger decides.
)


INVITATION = AuditedKind(
    "invitation",
    (
        AuditAction("accepted", begins("registration")),
        AuditAction("accepted", becomes("ended", "accepted")),
        AuditAction("declined", becomes("ended", "declined")),
        AuditAction("expired", becomes("ended", "expired")),
        AuditAction("cancelled", begins("ended")),
        AuditAction("resent", grows("sends")),
        AuditAction("claimed", begins("claimant")),
        AuditAction("claim_rejected", ends("claimant")),
    ),
    created=lambda _: "",  # As with registrations; `held` records it.
)


WAITLIST = AuditedKind(
    "waitlist",
    (
        AuditAction("offered", becomes("status", "offered")),
        AuditAction("returned", becomes("status", "waiting")),
        AuditAction("offered_elsewhere", becomes("status", "offered_elsewhere")),
        AuditAction("left", changes("status")),
        AuditAction("confirmed", ends("unconfirmed")),
        AuditAction("moved", changes("place")),
    ),
    created=lambda _: "joined",
)


SESSION = AuditedKind(
    "session",
    (
        AuditAction("cancelled", begins("cancelled_at")),
        AuditAction("decided", lambda old, new: _outcome(new) not in (_outcome(old), "undecided")),
        AuditAction("meeting_cancelled", lambda old, new: bool(_meetings(new, cancelled=True) & _meetings(old))),
        AuditAction("meeting_restored", lambda old, new: bool(_meetings(old, cancelled=True) & _meetings(new))),
    ),
    names={"opens_at": "registration_opens_at", "closes_at": "registration_closes_at"},
)


CUSTOMER_ROW = AuditedKind(
    "customer",
    (
        AuditAction("merged", begins("merged_into")),
        AuditAction("accepted", becomes("status", "accepted")),
        AuditAction("invited", grows("invitations")),
        AuditAction("sign_ins_ended", changes("sessions_from")),
    ),
)


STAFF = AuditedKind(
    "staff",
    (
        AuditAction("role_changed", changes("role")),
        AuditAction("sign_ins_ended", changes("sessions_from")),
        AuditAction("calendar_renewed", changes("feed_version")),
    ),
    created=lambda row: "invited" if row.get("status") == "invited" else "joined",
)


ORGANISATION = AuditedKind(
    "organisation",
    (
        AuditAction("deletion_asked", begins("deletes_at")),
        AuditAction("suspended", begins("suspended_at")),
        AuditAction("resumed", ends("suspended_at")),
    ),
)


API_KEY = AuditedKind("api_key", only=frozenset({"name", "role", "prefix", "expires_at"}))


WEBHOOK = AuditedKind(
    "webhook",
    (AuditAction("switched_off", begins("off_reason")), AuditAction("secret_changed", changes("secret"))),
    only=frozenset({"url", "events", "active", "off_reason", "secret"}),
    hidden=frozenset({"secret"}),
)


PAYMENT_KEYS = AuditedKind("payment_keys", hidden=frozenset({"secret_key", "webhook_secret"}))


GROUP = AuditedKind("group", (AuditAction("deleted", begins("ending")),))


CONTRACT = AuditedKind("contract", (AuditAction("deleted", begins("closing")),))


PRICE = AuditedKind("price")


PARTICIPANT = AuditedKind("participant")


BATCH = AuditedKind("codes", created=lambda _: "issued")


TEMPLATE = AuditedKind("template", (AuditAction("reset", ends("body")),))


DISCOUNT = AuditedKind(
    "discount", only=frozenset({"kind", "value", "starts_at", "ends_at", "max_uses", "max_uses_per_customer", "sessions", "tags", "active"})
)


INVOICE = AuditedKind("invoice", created=lambda row: "corrected" if row.get("credits") else "issued")


JOB = AuditedKind("job", created=lambda _: "started", only=frozenset({"kind", "total"}))


ADDRESS = AuditedKind(
    "address",
    (
        AuditAction("unsubscribed", becomes("unsubscribed", True)),
        AuditAction("resubscribed", becomes("unsubscribed", False)),
        AuditAction("complained", begins("complained")),
        AuditAction("suppressed", becomes("suppressed", True)),
        AuditAction("reachable", ends("suppressed")),
    ),
    created=lambda row: next(
        (verb for verb in ("unsubscribed", "complained", "suppressed") if row.get(verb)),
        "updated" if row.keys() & {"no_date_reminders", "language"} else "",
    ),
    only=frozenset(
        {"unsubscribed", "no_date_reminders", "language", "suppressed", "suppressed_for", "bounced_at", "bounce_reason", "complained"}
    ),
)
