import pytest

from chalicelib.web.matching import Routes

ROUTES = Routes(
    [
        "/",
        "/v1/health",
        "/v1/orgs/{org}",
        "/v1/orgs/{org}/sessions/{session}",
        "/v1/invoices/{token}",
        "/{a}",
        "/{a}/{b}",
    ]
)


@pytest.mark.parametrize(
    ("path", "resource", "names"),
    [
        ("/", "/", {}),
        ("/v1/health", "/v1/health", {}),
        ("/v1/health/", "/v1/health", {}),
        ("/v1/orgs/demo", "/v1/orgs/{org}", {"org": "demo"}),
        ("/v1/orgs/d%20e%2Fmo", "/v1/orgs/{org}", {"org": "d%20e%2Fmo"}),
        ("/v1/orgs/demo/sessions/s1", "/v1/orgs/{org}/sessions/{session}", {"org": "demo", "session": "s1"}),
        ("/v1", "/{a}", {"a": "v1"}),
        ("/v1/other", "/{a}/{b}", {"a": "v1", "b": "other"}),
    ],
)
def test_written_segments_win_over_names(path: str, resource: str, names: dict[str, str]) -> None:
    match = ROUTES.find(path)
    assert match is not None
    assert (match.resource, match.names) == (resource, names)


@pytest.mark.parametrize("path", ["/v1/orgs/demo/sessions", "/a/b/c", "/v1/orgs//sessions/s1"])
def test_an_undeclared_path_has_no_resource(path: str) -> None:
    assert ROUTES.find(path) is None
