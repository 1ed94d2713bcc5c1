"""What axe finds on a page that stands in a browser: only that comes back, not the thousand things in order."""

from axe_playwright_python.sync_playwright import Axe

# Preloading would read all style sheets once more, for rules that are not asked here. A page within a page is
# asked by itself.
ALWAYS = {"preload": False, "resultTypes": ["violations"], "iframes": False}
ASK = "([context, options]) => axe.run(context, options).then((found) => found.violations)"


def teach(page):
    """Let every document that the page opens from now on know axe, without being told of it each time."""
    page.add_init_script(Axe().axe_script)


def violations(page, leaving_out=(), **options):
    """Every rule that the page breaks as it stands, with the elements that break it; a document learns axe once.

    `leaving_out` are selectors of what is not asked about.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(Axe().axe_script)
    context = {"exclude": [[selector] for selector in leaving_out]} if leaving_out else {"include": [["html"]]}
    return page.evaluate(ASK, [context, ALWAYS | options])


def broken_ids(page, **options):
    """The names of the rules alone."""
    return [violation["id"] for violation in violations(page, **options)]
