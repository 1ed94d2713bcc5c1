"""Which columns of the board a person keeps folded: a cookie of this browser, one for each member."""

from crm.models import PipelineStage

A_YEAR = 60 * 60 * 24 * 365


def folding_of(request):
    """A question to ask of each stage: is its column folded? Until somebody chooses, that is Lost."""
    kept = request.COOKIES.get(_cookie(request))
    if kept is None:
        return lambda stage: stage.kind == PipelineStage.Kind.LOST
    return lambda stage: stage.pk.hex in kept.split(".")


def remember_folded(request, response, stage, *, folded):
    """Keep with the answer that this member wants `stage` folded, or open."""
    is_folded = folding_of(request)
    kept = {each.pk.hex for each in PipelineStage.objects.in_order() if is_folded(each)}
    kept = kept | {stage.pk.hex} if folded else kept - {stage.pk.hex}
    response.set_cookie(
        _cookie(request),
        ".".join(sorted(kept)),
        max_age=A_YEAR,
        httponly=True,
        samesite="Lax",
        secure=request.is_secure(),
    )
    return response


def _cookie(request):
    return f"folded_{request.member.pk.hex}"
