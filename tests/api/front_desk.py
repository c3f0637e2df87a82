"""Sessions, invitations, registrations and the waitlist of an organisation, over the API."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.operations import links
from chalicelib.tables import waitlist
from tests.api.bodies import claim_of, fresh_number, in_days, person, session_body
from tests.http import Response, call


@dataclass
class FrontDesk:
    """Sessions of one organisation: what its staff and the public do with them. All texts contain its name."""

    org: str
    tokens: Mapping[str, str]
    """Access tokens by role: owner, manager, viewer, leader."""

    def call(self, method: str, path: str, body: Any = None, *, by: str = "manager", **more: Any) -> Response:
        """Call a staff route; `path` is relative to the organisation."""
        return call(method, f"/v1/orgs/{self.org}{path}", body, token=self.tokens[by], **more)

    def fresh(self, name: str) -> str:
        """Return an unused address."""
        return f"{name}-{fresh_number()}@{self.org}.test"

    def session(self, **more: Any) -> str:
        made = self.call("POST", "/sessions", session_body(**{"title": f"Judo {self.org}", **more}))
        assert made.status == 201, made.text
        return str(made.json["id"])

    def course(self, *, cancelled: bool = False) -> dict[str, str]:
        """Make a course of two dates, and cancel the second if it shall be so."""
        session = self.session(meetings=[{"starts_at": in_days(day), "ends_at": in_days(day + 0.05)} for day in (10, 17)])
        meeting = self.read(session)["meetings"][1]["id"]
        if cancelled:
            assert self.call("POST", f"/sessions/{session}/meetings/{meeting}/cancel", {}).status == 200
        return {"session": session, "meeting": meeting}

    def read(self, session: str) -> Any:
        return self.call("GET", f"/sessions/{session}").json

    def lead(self, session: str) -> None:
        """Have the member with the role leader lead the session."""
        assert self.edit(session, leaders=[f"leader@{self.org}.test"]).status == 200

    def spots(self, session: str) -> dict[str, int]:
        return dict(self.read(session)["spots"])

    def edit(self, session: str, *, headers: Mapping[str, str] | None = None, **changes: Any) -> Response:
        return self.call("PATCH", f"/sessions/{session}", changes, headers=headers)

    def ask(self, session: str, email: str = "", **more: Any) -> Response:
        """Request an invitation and return the answer, whatever its status."""
        return self.call("POST", f"/sessions/{session}/invitations", {"email": email or self.fresh("ana"), **more})

    def invite(self, session: str = "", email: str = "", **more: Any) -> Any:
        invited = self.ask(session or self.session(), email, **more)
        assert invited.status == 201, invited.text
        return invited.json

    def act(self, invitation: Mapping[str, Any], verb: str, body: Any = None) -> Response:
        """Resend, cancel, revive, approve or reject an invitation."""
        return self.call("POST", f"/invitations/{invitation['id']}/{verb}", body)

    def look(self, invitation: Mapping[str, Any]) -> Any:
        """Return the invitation as staff see it now."""
        return self.call("GET", f"/invitations/{invitation['id']}").json

    def accept(self, invitation: Mapping[str, Any], email: str = "", *children: str, **more: Any) -> Response:
        return call("POST", claim_of(invitation) + "/accept", person(email or invitation["email"], *children, **more))

    def waiting(self) -> Any:
        """Return an invitation that waits for the approval of a claimant with another address."""
        invitation = self.invite(forwarding="approve")
        assert self.accept(invitation, self.fresh("bob")).status == 202
        return invitation

    def ended(self) -> Any:
        invitation = self.invite()
        assert self.act(invitation, "cancel").status == 200
        return invitation

    def enrol(self, session: str, email: str = "", *children: str, **more: Any) -> Response:
        """Register on the public route and return the answer, whatever its status."""
        return call(
            "POST", f"/v1/portal/{self.org}/sessions/{session}/registrations", person(email or self.fresh("ben"), *children, **more)
        )

    def register(self, session: str = "", email: str = "", *children: str, **more: Any) -> Any:
        registered = self.enrol(session or self.session(), email, *children, **more)
        assert registered.status == 201, registered.text
        return registered.json

    def paid(self) -> Any:
        """Register somebody who has paid in cash."""
        registration = self.register()
        payment = {"amount": registration["total"], "method": "cash"}
        recorded = self.call("POST", f"/registrations/{registration['id']}/payments", payment)
        assert recorded.status == 201, recorded.text
        return recorded.json

    def order_token(self) -> str:
        """Return the token of an order of two sessions."""
        lines = [{"session": self.session(), "participants": [{"name": "Kim"}]} for _ in range(2)]
        body = {"email": self.fresh("ben"), "name": "A Parent", "lines": lines}
        placed = call("POST", f"/v1/portal/{self.org}/baskets", body)
        assert placed.status == 201, placed.text
        return str(placed.json["order"])

    def roster(self, session: str, meeting: str = "") -> Any:
        return self.call("GET", f"/sessions/{session}/roster" + (f"?meeting={meeting}" if meeting else "")).json

    def full_session(self) -> str:
        session = self.session(spots_total=1)
        assert self.enrol(session).status == 201
        return session

    def entry(self, *, spots_free: int = 0) -> Any:
        """Add an entry to the waitlist of a full session, then add `spots_free` spots to the session."""
        session = self.full_session()
        email = self.fresh("wendy")
        made = self.call("POST", f"/sessions/{session}/waitlist", {"email": email, "name": f"Wendy {self.org}", "spots": 1})
        assert made.status == 201, made.text
        if spots_free:
            assert self.edit(session, spots_total=1 + spots_free).status == 200
        return made.json

    def waitlist_token(self, *, mailed: bool = False) -> str:
        session, _, id = str(self.entry()["id"]).partition("-")
        entry = waitlist.get(self.org, session, id)
        link = links.mailed_waitlist_link if mailed else links.waitlist_link
        return link(entry).rpartition("/")[2]
