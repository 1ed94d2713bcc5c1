"""Nobody overwrites what they have not seen: the ETag of a row is its version, and If-Match names the one seen."""

from django.utils.translation import gettext as _

from clinics.api_problems import Problem

# What the document says of operations that ask for a version.
VERSIONED = {
    "parameters": [
        {
            "in": "header",
            "name": "If-Match",
            "required": True,
            "description": "The ETag of the version that you saw. `*` overwrites whatever is there.",
            "schema": {"type": "string"},
            "example": '"7"',
        }
    ]
}
MAY_BE_VERSIONED = {"parameters": [VERSIONED["parameters"][0] | {"required": False}]}


def etag(version):
    """The ETag of a version: a number, or the moment of the last change."""
    version = version if isinstance(version, int) else f"{version.timestamp():.6f}"
    return f'"{version}"'


def check_version(request, version, *, current, is_required=True):
    """Let the request pass only if it saw `version`; call it with the row locked.

    Raises Problem 428 if it names none although one is required, and 412 with `current()`, the row as it stands now
    (a Schema).
    """
    seen = request.headers.get("If-Match")
    if seen is None:
        if is_required:
            raise Problem(428)
        return
    if seen.strip() != "*" and etag(version) not in [tag.strip() for tag in seen.split(",")]:
        said = _("Somebody has changed this meanwhile. `current` is how it stands now.")
        raise Problem(412, detail=said, headers={"ETag": etag(version)}, current=current().model_dump())
