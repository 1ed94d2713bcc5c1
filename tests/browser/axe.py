"""What axe finds on a page that stands in a browser: only that comes back, not the thousand things in order."""

from axe_playwright_python.sync_playwright import Axe

# Preloading would read all style sheets once more, for rules that are not asked here.
ALWAYS = {"preload": False, "resultTypes": ["violations"]}
ASK = "(options) => axe.run(options).then((found) => found.violations)"


def violations(page, **options):
    """Every rule that the page breaks as it stands, with the elements that break it; a document learns axe once."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(Axe().axe_script)
    return page.evaluate(ASK, ALWAYS | options)


def broken_ids(page, **options):
    """The names of the rules alone."""
    return [violation["id"] for violation in violations(page, **options)]
