"""The bucket of pictures: org/session/SHA-256-width x height.jpg, or .png; a logo org/logo/…

Nothing in it expires. What its session or organisation does not name any more is deleted."""

from contextlib import suppress

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib import clients
from chalicelib.config import config
from chalicelib.rules.pictures import kind_of
from chalicelib.rules.refusals import Busy, NotFound
from chalicelib.tables.files import NOT_THERE

LINK_SECONDS = 600
FOREVER = "public, max-age=31536000, immutable"


def put(org: str, owner: str, name: str, content: bytes) -> None:
    """Store a picture under the name that follows from its content. Idempotent. Raises Busy."""
    try:
        clients.s3().put_object(Bucket=config().pictures_bucket, Key=_key(org, owner, name), Body=content, ContentType=kind_of(name))
    except (ClientError, BotoCoreError) as fault:
        raise Busy from fault


def get(org: str, owner: str, name: str) -> bytes:
    """Return the content of a picture. Raises NotFound, Busy."""
    try:
        return bytes(clients.s3().get_object(Bucket=config().pictures_bucket, Key=_key(org, owner, name))["Body"].read())
    except ClientError as fault:
        if fault.response["Error"]["Code"] in NOT_THERE:
            raise NotFound from None
        raise Busy from fault
    except BotoCoreError as fault:
        raise Busy from fault


def copy(org: str, owner: str, to: str, name: str) -> None:
    """Store the picture of one owner for another one, too. One that is gone is left out. Idempotent. Raises Busy."""
    with suppress(NotFound):
        put(org, to, name, get(org, owner, name))


def delete(org: str, owner: str, name: str) -> None:
    """Delete a picture. Idempotent. Raises Busy."""
    try:
        clients.s3().delete_object(Bucket=config().pictures_bucket, Key=_key(org, owner, name))
    except (ClientError, BotoCoreError) as fault:
        raise Busy from fault


def link(org: str, owner: str, name: str) -> str:
    """Return a link that shows a picture for ten minutes, whether it exists or not. Caches keep the picture."""
    answered = {"ResponseContentType": kind_of(name), "ResponseCacheControl": FOREVER}
    parameters = {"Bucket": config().pictures_bucket, "Key": _key(org, owner, name), **answered}
    return clients.s3().generate_presigned_url("get_object", Params=parameters, ExpiresIn=LINK_SECONDS)


def _key(org: str, owner: str, name: str) -> str:
    return f"{org}/{owner}/{name}"
