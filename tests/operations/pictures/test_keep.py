"""Pictures are stored before they are named, shared by content, and deleted when nothing names them."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib import clients
from chalicelib.config import config
from chalicelib.operations import pictures, sessions
from chalicelib.operations.pictures import keep
from chalicelib.rules.inputs.new_sessions import DuplicateInput
from chalicelib.rules.inputs.sessions import CancelInput
from chalicelib.rules.organisations import Organisation
from chalicelib.rules.pictures import NoPicture
from chalicelib.rules.refusals import NotFound
from chalicelib.rules.session_refusals import SessionCancelled
from chalicelib.rules.sessions import Session
from chalicelib.rules.times import written
from chalicelib.tables import pictures as stored
from tests.operations.pictures.test_shrink import picture
from tests.operations.simulated_aws import Streams

pytestmark = pytest.mark.usefixtures("bucket")
SMALL, LARGE = picture("PNG"), picture("PNG", (50, 50))


def names() -> set[str]:
    found = clients.s3().list_objects_v2(Bucket=config().pictures_bucket).get("Contents", [])
    return {entry["Key"].removeprefix("demo/") for entry in found}


def give(content: bytes | None, now: datetime, *, session: str = "s1", alt: str = "A pot") -> str:
    shown = pictures.change_session_picture("demo", session, content, alt=alt, now=now).session.picture
    return shown.name if shown else ""


def test_the_picture_before_is_deleted(open_session: Callable[..., Session], streams: Streams, now: datetime) -> None:
    open_session()
    first = give(SMALL, now)
    second = give(LARGE, now)
    streams.drain(now)
    assert first != second
    assert names() == {f"s1/{second}"}
    assert give(b"", now) == ""
    streams.drain(now)
    assert names() == set()


def test_a_copy_has_its_own(open_session: Callable[..., Session], streams: Streams, now: datetime) -> None:
    open_session()
    name = give(SMALL, now)
    start = DuplicateInput.model_validate({"starts_at": written(now + timedelta(days=9))})
    copy = sessions.duplicate_session("demo", "s1", start, key="k", now=now).session
    give(b"", now)
    streams.drain(now)
    assert names() == {f"{copy.id}/{name}"}
    sessions.delete_session("demo", copy.id)
    streams.drain(now)
    assert names() == set()


def test_the_logo_before_is_deleted(organisation: Organisation) -> None:
    first = pictures.change_logo("demo", SMALL, alt="").logo
    second = pictures.change_logo("demo", LARGE, alt="").logo
    assert first is not None
    assert second is not None
    assert names() == {f"logo/{second.name}"}
    pictures.change_logo("demo", b"", alt="")
    assert names() == set()


def test_one_that_is_given_again_while_it_is_deleted_stays(
    open_session: Callable[..., Session], monkeypatch: pytest.MonkeyPatch, now: datetime
) -> None:
    """At every moment of the deletion."""
    open_session()
    name = give(SMALL, now)
    for step in ("get", "delete"):
        give(b"", now)
        plain = getattr(stored, step)

        def first_given(*arguments: str, plain: Callable[..., Any] = plain) -> Any:
            give(SMALL, now)
            return plain(*arguments)

        with monkeypatch.context() as patched:
            patched.setattr(stored, step, first_given)
            pictures.delete_picture_if_left("demo", "s1", name)
        assert names() == {f"s1/{name}"}, step


def test_one_that_is_deleted_while_it_is_given_stays(
    open_session: Callable[..., Session], monkeypatch: pytest.MonkeyPatch, now: datetime
) -> None:
    open_session()
    name = give(SMALL, now)
    give(b"", now)
    plain: Callable[..., Any] = vars(keep)["write_edit"]

    def first_deleted(*given: Any, **how: Any) -> Any:
        pictures.delete_picture_if_left("demo", "s1", name)
        return plain(*given, **how)

    monkeypatch.setattr(keep, "write_edit", first_deleted)
    give(SMALL, now)
    assert names() == {f"s1/{name}"}


def test_what_it_shows_changes_alone(open_session: Callable[..., Session], now: datetime) -> None:
    open_session()
    with pytest.raises(NoPicture):
        give(None, now)
    name = give(SMALL, now)
    assert give(None, now, alt="A vase") == name
    picture = sessions.read_session("demo", "s1", now=now).session.picture
    assert picture is not None
    assert picture.alt == "A vase"


def test_a_repeated_upload_writes_nothing_anew(open_session: Callable[..., Session], now: datetime) -> None:
    open_session()
    give(SMALL, now)
    version = sessions.read_session("demo", "s1", now=now).session.version
    give(SMALL, now)
    assert sessions.read_session("demo", "s1", now=now).session.version == version


def test_a_cancelled_session_keeps_what_it_shows(open_session: Callable[..., Session], now: datetime) -> None:
    open_session()
    sessions.cancel_session("demo", "s1", CancelInput(), by="m", now=now)
    with pytest.raises(SessionCancelled):
        give(SMALL, now)


@pytest.mark.parametrize("name", ["", "x.jpg", "../other/x.jpg", "0" * 64 + "-0x1.jpg", "0" * 64 + "-1x1.svg", "0" * 64 + "-1x1.jpg"])
def test_other_names_are_not_found(tables: None, name: str) -> None:
    with pytest.raises(NotFound):
        pictures.read_picture("demo", "s1", name)


def test_a_picture_of_another_organisation_is_not_found(open_session: Callable[..., Session], now: datetime) -> None:
    open_session()
    name = give(SMALL, now)
    assert stored.get("demo", "s1", name)
    with pytest.raises(NotFound):
        pictures.read_picture("other", "s1", name)
