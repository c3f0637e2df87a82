"""axe-core, the accessibility checker. It is fetched with npm, not shipped."""

from functools import cache

from playwright.sync_api import Page

from infra.local import npm

PACKAGE = "axe-core@4.14.1"
INTEGRITY = "sha512-FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ=="
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN = """
    async ([within, rules]) => {
        const found = await axe.run(within, {runOnly: rules, resultTypes: ["violations"]})
        return [found.passes.length, found.violations]
    }
"""
"""What has passed is only counted: to describe and to hand over each of its elements costs more than to check them."""


@cache
def source() -> str:
    """Return the script, fetched on first use. Raises PackageMissingError."""
    return (npm.unpacked(PACKAGE, INTEGRITY) / "axe.min.js").read_text(encoding="utf-8")


def violations(page: Page, within: str = "html") -> list[str]:
    """Return the accessibility violations of a page, or of a part of it: rule, description and place."""
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(source())
    passed, found = page.evaluate(RUN, [within, RULES])
    assert passed > 3, "axe checked nothing"
    return [f"{one['id']}: {one['help']} {[node['target'] for node in one['nodes']]}" for one in found]
