"""Who we are at an EMR: key pairs that are made here, the assertion that is signed with them, and what is published.

SMART backend services: the EMR fetches our public keys from an address of ours (JWKS) and gives a token to whoever
signs with the private one. The private key never leaves; it is kept sealed.
"""

import time
from dataclasses import dataclass, field
from hashlib import sha256
from uuid import uuid4

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm
from jwt.utils import base64url_encode

RSA_BITS = 3072
GOOD_FOR = 240  # seconds; five minutes are the most that SMART allows
THUMBPRINT = {"RSA": ("e", "kty", "n"), "EC": ("crv", "kty", "x", "y")}  # RFC 7638


@dataclass(frozen=True)
class SigningKey:
    """A key pair: its name, which algorithm it signs with, and the private half, which is never shown."""

    kid: str
    algorithm: str
    private_pem: str = field(repr=False)


def make_key(algorithm):
    """A new key pair for RS384 or ES384; returns the SigningKey and its public half as a JWK."""
    if algorithm == "ES384":
        private = ec.generate_private_key(ec.SECP384R1())
        public = ECAlgorithm.to_jwk(private.public_key(), as_dict=True)
    else:
        private = rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS)
        public = RSAAlgorithm.to_jwk(private.public_key(), as_dict=True)
    public = {name: public[name] for name in THUMBPRINT[public["kty"]]}
    kid = thumbprint(public)
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    published = public | {"kid": kid, "alg": algorithm, "use": "sig", "key_ops": ["verify"]}
    return SigningKey(kid, algorithm, pem.decode()), published


def thumbprint(public):
    """The name of a public key that anybody can work out from it (RFC 7638)."""
    ordered = ",".join(f'"{name}":"{public[name]}"' for name in sorted(THUMBPRINT[public["kty"]]))
    return base64url_encode(sha256(f"{{{ordered}}}".encode()).digest()).decode()


def assertion(key, *, client_id, audience):
    """A signed statement of who we are, for one token request: its `jti` is never used twice."""
    now = int(time.time())
    claims = {
        "iss": client_id,
        "sub": client_id,
        "aud": audience,
        "jti": uuid4().hex,
        "iat": now,
        "exp": now + GOOD_FOR,
    }
    return jwt.encode(claims, key.private_pem, algorithm=key.algorithm, headers={"kid": key.kid})
