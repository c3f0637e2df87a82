"""Invitations as they are stored."""

from dataclasses import asdict, replace
from typing import Any

from chalicelib.rules import times
from chalicelib.rules.invitations import Claimant, Invitation
from chalicelib.rules.money import Money
from chalicelib.tables import keys
from chalicelib.tables.items import Item, item, plain
from chalicelib.tables.registrations.rows import lowering_from, lowering_item


def invitation_from(entry: Item) -> Invitation:
    values = plain(entry)
    claimant = values.get("claimant")
    read = {name: values[name] for name in Invitation.__dataclass_fields__ if name in values}
    org, _, session = values["pk"].partition("#")
    return Invitation(
        **{
            **read,
            "org": org,
            "session": session,
            "id": values["sk"].removeprefix(keys.INVITATION),
            "expires_at": times.read(values["expires_at"]),
            "created_at": times.read(values["created_at"]),
            "ended_at": times.read(values["ended_at"]) if "ended_at" in values else None,
            "revived_at": times.read(values["revived_at"]) if "revived_at" in values else None,
            "remind_at": times.read(values["remind_at"]) if "remind_at" in values else None,
            "sent_at": tuple(times.read(moment) for moment in values.get("sent_at", ())),
            "price": Money(**values["price"]) if "price" in values else None,
            **lowering_from(values),
            "claimant": _claimant_from(claimant) if claimant else None,
        }
    )


def invitation_item(invitation: Invitation) -> Item:
    values = {name: getattr(invitation, name) for name in Invitation.__dataclass_fields__ if name not in {"org", "session", "id"}}
    live = not invitation.ended and not invitation.registration
    return {
        **keys.invitation(invitation.org, invitation.session, invitation.id).stored(),
        **item(
            {
                **{name: value for name, value in values.items() if value != ""},
                "price": invitation.price._asdict() if invitation.price else None,
                **lowering_item(invitation),
                "expires_at": times.written(invitation.expires_at),
                "created_at": times.written(invitation.created_at),
                "ended_at": times.written(invitation.ended_at) if invitation.ended_at else None,
                "revived_at": times.written(invitation.revived_at) if invitation.revived_at else None,
                "sent_at": [times.written(moment) for moment in invitation.sent_at],
                "claimant": claimant_item(invitation.claimant) if invitation.claimant else None,
                "remind_at": times.written(invitation.remind_at) if live and invitation.remind_at else None,
                "remind": invitation.org if live and invitation.remind_at else None,
                "booker": keys.invited(invitation.org, invitation.email),
                "due": invitation.org if live else None,
                "due_at": f"{times.written(invitation.expires_at)}#{invitation.session}#{invitation.id}" if live else None,
            }
        ),
    }


def claimant_item(claimant: Claimant) -> dict[str, Any]:
    return {**asdict(claimant), "asked_at": times.written(claimant.asked_at)}


def _claimant_from(values: dict[str, Any]) -> Claimant:
    return replace(Claimant(**values), participants=tuple(values["participants"]), asked_at=times.read(values["asked_at"]))
