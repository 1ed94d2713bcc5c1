"""The door of a FHIR server: SMART backend services, a signed assertion for a token, each assertion good once."""

import time
from dataclasses import dataclass, field
from urllib.parse import parse_qs
from uuid import uuid4

import jwt

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ALGORITHMS = ["RS384", "ES384"]
LONGEST = 300  # seconds that an assertion may be good for


@dataclass
class TokenDesk:
    """Gives out tokens to whoever signs with a key of `jwks`, a function that fetches the client's published keys."""

    jwks: object
    client_id: str = "recare-test"
    scopes: tuple = ("system/*.read", "system/Appointment.write")
    lasts: int = 300  # seconds
    tokens: dict = field(default_factory=dict)
    used: set = field(default_factory=set)
    assertions: list = field(default_factory=list)

    def give(self, asked, audience):
        """Answer a token request, as (status, JSON)."""
        form = {name: values[-1] for name, values in parse_qs(asked.body.decode()).items()}
        if form.get("grant_type") != "client_credentials" or form.get("client_assertion_type") != ASSERTION:
            return 400, {"error": "invalid_request"}
        try:
            claims = self._read(form.get("client_assertion", ""), audience)
        except (jwt.PyJWTError, KeyError, ValueError) as error:
            return 401, {"error": "invalid_client", "error_description": str(error)}
        asked_for = set(form.get("scope", "").split())
        if not all(self._grants(scope) for scope in asked_for):
            return 400, {"error": "invalid_scope", "error_description": "A scope was not granted."}
        self.used.add(claims["jti"])
        token = uuid4().hex
        self.tokens[token] = time.time() + self.lasts
        scope = " ".join(sorted(asked_for))
        return 200, {"access_token": token, "token_type": "bearer", "expires_in": self.lasts, "scope": scope}

    def _grants(self, scope):
        """A scope that stands on the list, or that one for every type of resource holds."""
        _kind, _dot, right = scope.partition(".")
        return scope in self.scopes or f"system/*.{right}" in self.scopes

    def _read(self, assertion, audience):
        head = jwt.get_unverified_header(assertion)
        if head["alg"] not in ALGORITHMS:
            raise ValueError("The algorithm is none of ours.")
        [key] = [each for each in self.jwks()["keys"] if each["kid"] == head["kid"]]
        if "d" in key:
            raise ValueError("A private key was published.")
        needs = ["exp", "iss", "sub", "aud", "jti"]
        signed_with = jwt.PyJWK(key).key
        claims = jwt.decode(assertion, signed_with, [head["alg"]], audience=audience, options={"require": needs})
        self.assertions.append({"kid": head["kid"], **claims})
        if claims["iss"] != self.client_id or claims["sub"] != self.client_id:
            raise ValueError("The client is unknown.")
        if claims["exp"] > time.time() + LONGEST + 5:
            raise ValueError("The assertion is good for too long.")
        if claims["jti"] in self.used:
            raise ValueError("The assertion was used before.")
        return claims

    def knows(self, asked):
        """Tell whether a request carries a token that has not run out."""
        token = asked.headers.get("Authorization", "").removeprefix("Bearer ")
        return self.tokens.get(token, 0) > time.time()

    def expire(self):
        """Let every token run out at once, though it was promised to last."""
        self.tokens.clear()
