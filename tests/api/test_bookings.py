"""Own bookings: the link of a booking, in each answer of registering."""

import re

from chalicelib.config import config
from tests.api.tenants import Office


def test_every_answer_of_registering_has_the_link_of_the_booking(demo: Office) -> None:
    session = demo.session()
    public, invited = demo.register(session, "ana@demo.test"), demo.accept(demo.invite(session)).json
    body = {"new_customer": {"name": "Lea", "email": "lea@demo.test"}, "participants": [{"name": "Lou"}]}
    by_staff = demo.call("POST", f"/sessions/{session}/registrations", body).json
    found = [one["booking"] for one in (public, invited, by_staff)]
    assert all(re.fullmatch(re.escape(config().public_url) + r"/b/[\w.-]+", link) for link in found)
    assert len(set(found)) == 3
    assert "booking" not in demo.call("GET", f"/registrations/{public['id']}").json, "staff who only read do not get it"
