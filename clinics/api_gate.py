"""The gate before every operation of the API: who asks, how often, with what; and JSON for whatever is refused.

It stands inside the transaction and the clinic that ClinicMiddleware opened, so that the key of an idempotent request
and what the request did are written together or not at all.
"""

from clinics.api_access import allows, check_asker
from clinics.api_bodies import read_body
from clinics.api_idempotency import find_answer, keep_answer
from clinics.api_limits import count_request
from clinics.api_problems import Problem, as_problem, problem_response
from clinics.api_tokens import note_use
from clinics.requests import is_api


class ApiMiddleware:
    """Let through to an operation only what it can work on; every refusal leaves as application/problem+json."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if not is_api(request):
            return self.get_response(request)
        request.api_body = request.kept_answer = None
        request.api_headers = {}
        response = as_problem(self._answer(request))
        if request.kept_answer is not None and response.status_code < 500:
            keep_answer(request.kept_answer, response)
        for name, value in request.api_headers.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    def _answer(self, request):
        try:
            request.api_headers = count_request(request)
            check_asker(request)
            request.api_body = read_body(request)
        except Problem as problem:
            return problem_response(problem)
        if request.api_token is not None:
            note_use(request.api_token)
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        """Tell a repeated request what it was told before, if its asker may still be told."""
        code = getattr(view, "permissions", {}).get(request.method)
        if not is_api(request) or code is None or not allows(request, code):
            return None
        try:
            return find_answer(request)
        except Problem as problem:
            return problem_response(problem)
