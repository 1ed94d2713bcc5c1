"""What every answer says to the browser about itself: no foreign scripts, no frames, no copies of people's data.

The walk asks it of every page as it comes by (walking.py); that each finding is found, tests/test_headers.py shows.
"""

import re


def findings(address, who, answer):
    """What is missing in an answer to "nobody" or to a role, one sentence each."""
    headers = answer.headers
    if address.name in ("healthz", "readyz", "metrics"):
        return  # read by machines, before any middleware of ours
    yield from policy_findings(address, headers.get("Content-Security-Policy", ""))
    if headers.get("X-Content-Type-Options") != "nosniff":
        yield "X-Content-Type-Options is not nosniff"
    if headers.get("Referrer-Policy") != "same-origin":
        yield "Referrer-Policy is not same-origin"
    if headers.get("X-Frame-Options") != "DENY":
        yield "X-Frame-Options is not DENY"
    if headers.get("Cross-Origin-Opener-Policy") != "same-origin":
        yield "Cross-Origin-Opener-Policy is not same-origin"
    if who != "nobody" and answer.status == 200 and "no-store" not in headers.get("Cache-Control", ""):
        yield "an answer to somebody who is logged in may be kept by the browser: no no-store"
    yield from script_findings(answer)


def policy_findings(address, policy):
    sources = {part.split()[0]: part.split()[1:] for part in policy.split(";") if part.strip()}
    for directive in ("script-src", "style-src"):
        unsafe = [source for source in sources.get(directive, ["nothing said"]) if "unsafe" in source or "*" in source]
        if directive not in sources or (unsafe and not address.is_admin):
            yield f"{directive} is {' '.join(sources.get(directive, ['missing']))}"
    if "'unsafe-inline'" in sources.get("script-src", []):
        yield "script-src lets inline scripts run"
    for directive, only in {"frame-ancestors": "'none'", "base-uri": "'none'", "object-src": "'none'"}.items():
        if sources.get(directive) != [only]:
            yield f"{directive} is not {only}"


def script_findings(answer):
    nonce = re.search(r"'nonce-([^']+)'", answer.headers.get("Content-Security-Policy", ""))
    for tag in re.findall(r"<script\b[^>]*>", answer.text):
        is_data = "application/json" in tag or "importmap" in tag
        if "src=" not in tag and not is_data and (nonce is None or f'nonce="{nonce[1]}"' not in tag):
            yield f"a script without this answer's nonce: {tag}"
    if re.search(r"<[a-z][^>]*\son(click|change|load|submit|error)=", answer.text) and "/admin" not in answer.path:
        yield "an attribute that runs a script"
