"""The one kind of API that the house has: how it answers errors, how it is found, and what it says of itself.

The OpenAPI document is made from the operations; what holds for all of them (refusals, limits, idempotency keys) is
added here, once.
"""

import re
from copy import deepcopy

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.db import IntegrityError
from django.http import Http404
from django.urls import path as django_path
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.utils import normalize_path, replace_path_param_notation

from clinics.api_bodies import CheckedParser
from clinics.api_examples import show_examples
from clinics.api_problems import MEDIA_TYPE, PLAIN, TYPES, Problem, of_rule, of_validation, problem_response
from clinics.errors import RuleBroken

PROBLEM = {
    "type": "object",
    "title": "Problem",
    "description": "A refusal (RFC 9457). Decide by `type` or `status`; show `detail` and `errors` to people.",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "format": "uri", "examples": [f"{TYPES}invalid"]},
        "title": {"type": "string", "examples": ["Unprocessable Entity"]},
        "status": {"type": "integer", "examples": [422]},
        "detail": {"type": "string", "examples": ["Some of what was sent cannot be taken."]},
        "request_id": {"type": "string", "description": "Name it when you ask us about this answer."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "message"],
                "properties": {
                    "field": {"type": "string", "examples": ["phone"]},
                    "message": {"type": "string", "examples": ["This is needed."]},
                },
            },
        },
    },
}
IDEMPOTENCY_KEY = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": False,
    "description": "Any text of your own, such as a UUID: sent again within a day, one effect and the same answer.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
}
LIMITS = {
    "RateLimit-Limit": "Requests a minute.",
    "RateLimit-Remaining": "How many are left.",
    "RateLimit-Reset": "Seconds until there are as many again.",
}


class HouseAPI(NinjaAPI):
    """django-ninja with the house's refusals. `fields_of_rules` and `fields_of_constraints` name what is to blame."""

    def __init__(self, *, fields_of_rules, fields_of_constraints, **kwargs):
        self.fields_of_rules, self.fields_of_constraints = fields_of_rules, fields_of_constraints
        super().__init__(openapi_url=None, docs_url=None, parser=CheckedParser(), **kwargs)

    def set_default_exception_handlers(self):
        self.add_exception_handler(Exception, _let_django_report)
        self.add_exception_handler(Problem, lambda request, problem: problem_response(problem))
        self.add_exception_handler(HttpError, lambda request, error: _refuse(error.status_code, str(error)))
        self.add_exception_handler(Http404, lambda request, error: _refuse(404))
        self.add_exception_handler(ObjectDoesNotExist, lambda request, error: _refuse(404))
        self.add_exception_handler(PermissionDenied, lambda request, error: _refuse(403))
        self.add_exception_handler(ValidationError, _report_fields)
        self.add_exception_handler(RuleBroken, self._report_rule)
        self.add_exception_handler(IntegrityError, self._report_constraint)

    def _report_rule(self, request, broken):
        return problem_response(of_rule(broken, fields=self.fields_of_rules))

    def _report_constraint(self, request, error):
        """Something is there already that may be there only once: two requests have met, or one was late."""
        name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", "")
        if name not in self.fields_of_constraints:
            raise error
        field, words = self.fields_of_constraints[name]
        return problem_response(Problem(409, "taken", words, errors=[{"field": field, "message": str(words)}]))

    def _get_urls(self):
        """One address a path; its view says which permission each method asks for."""
        return [
            _address(bound.prefix, path, path_view)
            for bound in self._get_bound_routers()
            for path, path_view in bound.path_operations.items()
        ]

    def get_root_path(self, path_params):
        return "/api/"

    def get_openapi_operation_id(self, operation):
        return operation.view_func.__name__

    def get_openapi_schema(self, **kwargs):
        document = super().get_openapi_schema(path_prefix="/api/")
        document["servers"] = [{"url": settings.BASE_URL}]
        document["components"]["schemas"]["Problem"] = PROBLEM
        document["components"]["securitySchemes"]["Session"]["name"] = settings.SESSION_COOKIE_NAME
        codes = {(path, method): code for path, method, code in self.permissions()}
        schemas = document["components"]["schemas"]
        for path, methods in document["paths"].items():
            for method, operation in methods.items():
                methods[method] = _complete(operation, path, method.upper(), codes[path, method.upper()])
                show_examples(methods[method], schemas)
        return document

    def permissions(self):
        """(path, method, permission code) of every operation."""
        return [
            (re.sub(r"{\w+:", "{", normalize_path(f"/api/{path}")), method, _code(operation))
            for bound in self._get_bound_routers()
            for path, view in bound.path_operations.items()
            for operation in view.operations
            for method in operation.methods
        ]


def _let_django_report(request, error):
    raise error


def _report_fields(request, error):
    return problem_response(of_validation(error.errors))


def _refuse(status, detail=""):
    return problem_response(Problem(status, detail=detail))


def _code(operation):
    return operation.auth_callbacks[0].code


def _address(prefix, path, path_view):
    route = normalize_path("/".join(filter(None, map(replace_path_param_notation, (prefix, path))))).lstrip("/")
    view = path_view.get_view()
    view.login_required = False  # the gate asks who it is, and answers a program with 401 instead of a login page
    view.permissions = {method: _code(each) for each in path_view.operations for method in each.methods}
    return django_path(route, view, name=path_view.operations[0].view_func.__name__)


def _complete(shared, path, method, code):
    """One operation with what holds for all of its kind; `shared` may be that of several methods."""
    operation = deepcopy(shared)
    if method == "PATCH":
        operation["operationId"] += "_patch"
    operation["x-permission"] = code
    operation["description"] = f"{operation.get('description', '')}\n\nAsks for the permission `{code}`.".strip()
    parameters = operation["parameters"]
    for each in parameters:
        each.pop("examples", None)  # those of its schema; of a parameter itself OpenAPI wants a map of them
    if method == "POST":
        parameters.append(IDEMPOTENCY_KEY)
    statuses = {400, 401, 403, 422, 429, 500}
    statuses |= {404} if "{" in path else set()
    statuses |= {409, 413, 415} if method != "GET" else set()
    statuses |= {412, 428} if any(each["name"] == "If-Match" for each in parameters) else set()
    for answer in operation["responses"].values():
        headers = {name: {"description": words, "schema": {"type": "string"}} for name, words in LIMITS.items()}
        answer["headers"] = answer.get("headers", {}) | headers
    schema = {"$ref": "#/components/schemas/Problem"}
    for status in sorted(statuses - set(operation["responses"])):
        words = str(PLAIN[status][1])
        operation["responses"][status] = {"description": words, "content": {MEDIA_TYPE: {"schema": schema}}}
    return operation
