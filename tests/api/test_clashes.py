"""Clashes in the answers of the API: a warning beside what was made."""

from typing import Any

from tests.api.tenants import Office, stream_follows


def add(demo: Office, session: str, child: str) -> Any:
    said = {"new_customer": {"name": "Ana", "email": "clash@demo.test"}, "participants": [{"name": child}], "billing": {"method": "later"}}
    made = demo.call("POST", f"/sessions/{session}/registrations", said)
    assert made.status == 201, made.text
    stream_follows(demo, session)
    return made.json


def test_what_overlaps_is_named_and_made_all_the_same(demo: Office) -> None:
    first, second, third = demo.session(), demo.session(), demo.session()
    assert add(demo, first, "Kim")["clashes"] == []
    (clash,) = add(demo, second, "KIM")["clashes"]
    meeting = demo.read(first)["meetings"][0]
    assert (clash["participant"], clash["session"], clash["meeting"], clash["dates"]) == ("Kim", first, meeting["id"], 1)
    assert (clash["starts_at"], clash["ends_at"]) == (meeting["starts_at"], meeting["ends_at"])
    mia = add(demo, second, "Mia")
    assert mia["clashes"] == []
    moved = demo.call("POST", f"/registrations/{mia['id']}/transfer", {"to_session": third})
    assert (moved.status, moved.json["clashes"]) == (200, [])
