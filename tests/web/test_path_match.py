import pytest

from chalicelib.web.path_match import Match, Resources

RESOURCES = Resources(
    {
        "/": {"GET"},
        "/v1/health": {"GET"},
        "/v1/orgs/{org}": {"GET"},
        "/v1/orgs/{org}/customers/invite": {"POST"},
        "/v1/orgs/{org}/customers/{customer}": {"GET"},
        "/v1/invoices/{token}": {"GET"},
        "/v1/{proxy+}": {"GET", "PUT"},
        "/{proxy+}": {"GET", "DELETE"},
    }
)


@pytest.mark.parametrize(
    ("path", "resource", "names"),
    [
        ("/", "/", {}),
        ("/v1/health", "/v1/health", {}),
        ("/v1/health/", "/v1/health", {}),
        ("/v1/orgs/demo", "/v1/orgs/{org}", {"org": "demo"}),
        ("/v1/orgs/d%20e%2Fmo", "/v1/orgs/{org}", {"org": "d%20e%2Fmo"}),
        ("/v1/orgs/demo/customers/c1", "/v1/orgs/{org}/customers/{customer}", {"org": "demo", "customer": "c1"}),
        ("/v1/orgs/demo/nothing", "/v1/{proxy+}", {"proxy": "orgs/demo/nothing"}),
        ("/v1/orgs//customers/c1", "/v1/{proxy+}", {"proxy": "orgs//customers/c1"}),
        ("/v1", "/{proxy+}", {"proxy": "v1"}),
        ("/a/b", "/{proxy+}", {"proxy": "a/b"}),
    ],
)
def test_literal_segments_win_over_names_and_names_over_the_rest(path: str, resource: str, names: dict[str, str]) -> None:
    assert RESOURCES.find(path, "GET") == Match(resource, names)


@pytest.mark.parametrize(
    ("method", "path", "resource"),
    [
        ("POST", "/v1/orgs/demo/customers/invite", "/v1/orgs/{org}/customers/invite"),
        ("GET", "/v1/orgs/demo/customers/invite", "/v1/orgs/{org}/customers/{customer}"),
        ("PUT", "/v1/orgs/demo/customers/invite", "/v1/{proxy+}"),
        ("DELETE", "/v1/orgs/demo/customers/invite", "/{proxy+}"),
        ("DELETE", "/v1/health", "/{proxy+}"),
    ],
)
def test_a_resource_that_does_not_serve_the_method_is_passed_over(method: str, path: str, resource: str) -> None:
    match = RESOURCES.find(path, method)
    assert match is not None
    assert match.resource == resource


def test_without_a_method_the_most_specific_resource_is_found() -> None:
    assert RESOURCES.find("/v1/orgs/demo/customers/invite") == Match("/v1/orgs/{org}/customers/invite", {"org": "demo"})


@pytest.mark.parametrize(("method", "path"), [("PATCH", "/v1/health"), ("DELETE", "/")])
def test_where_no_resource_serves_the_method_there_is_no_match(method: str, path: str) -> None:
    assert RESOURCES.find(path, method) is None
