"""API keys of an organisation, for its owners."""

from chalicelib.api import lists
from chalicelib.api.endpoints import Request, endpoint
from chalicelib.api.responses import ApiResponse, Out
from chalicelib.api.shapes import Moment
from chalicelib.operations import api_keys
from chalicelib.rules.api_keys import KeyRole, TooManyKeys
from chalicelib.rules.inputs.api_keys import ApiKeyInput
from chalicelib.web.audience import Staff

API_KEYS = "/v1/orgs/{org}/api-keys"


class ApiKeyOut(Out):
    id: str
    name: str
    role: KeyRole
    prefix: str
    """The beginning of the key, to recognise it by."""
    created_at: Moment
    last_used_at: Moment | None
    """To the hour; null until its first use."""
    expires_at: Moment | None
    """The moment from which the key is refused; null if it has no end."""


class NewApiKeyOut(ApiKeyOut):
    key: str
    """The key itself. It is in no other answer: keep it where your program reads its secrets."""


class ApiKeyListOut(Out):
    items: list[ApiKeyOut]
    next: str | None


@endpoint("GET", API_KEYS, id="api_keys.list_api_keys", who=Staff("manage_integrations"), gives={200: ApiKeyListOut}, query=lists.QUERY)
def list_api_keys(request: Request[None]) -> ApiResponse:
    """List the API keys, latest first, with their last use. Expired ones are listed until they are deleted."""
    page, next_start = lists.page_of(api_keys.every(request.org), lists.list_query(request.call), lambda key: key.id)
    items = [ApiKeyOut.model_validate(key) for key in page]
    return ApiResponse(200, ApiKeyListOut(items=items, next=lists.cursor(request.call, next_start)))


@endpoint(
    "POST",
    API_KEYS,
    id="api_keys.create_api_key",
    who=Staff("manage_integrations"),
    takes=ApiKeyInput,
    gives={201: NewApiKeyOut},
    refuses=(TooManyKeys,),
)
def create_api_key(request: Request[ApiKeyInput]) -> ApiResponse:
    """Create an API key. Its text is in this answer only."""
    made = api_keys.make(request.org, request.body, by=request.staff.email, now=request.call.now)
    return ApiResponse(201, NewApiKeyOut(**dict(ApiKeyOut.model_validate(made.key)), key=made.text))


@endpoint("DELETE", API_KEYS + "/{key}", id="api_keys.delete_api_key", who=Staff("manage_integrations"), gives={204: None})
def delete_api_key(request: Request[None]) -> ApiResponse:
    """Delete an API key; requests with it are refused at once."""
    api_keys.delete(request.org, request["key"])
    return ApiResponse(204)
