"""JSON Web Signatures as ACME uses them (RFC 7515, 7517, 7518, 7638; RFC 8555 6.2): flattened, RS256 and ES256, ES384, ES512."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

CURVES = {"ES256": ("P-256", ec.SECP256R1, hashes.SHA256, 32), "ES384": ("P-384", ec.SECP384R1, hashes.SHA384, 48),
          "ES512": ("P-521", ec.SECP521R1, hashes.SHA512, 66)}
ALGORITHMS = ("RS256", *CURVES)
MEMBERS = {"RSA": ("e", "kty", "n"), "EC": ("crv", "kty", "x", "y")}


class BadSignature(ValueError):
    """The message is not signed as it says."""


def encode(data: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def decode(text: str) -> bytes:
    """The reverse. Raises ValueError."""
    if not isinstance(text, str) or "=" in text:
        raise ValueError("no base64url text")
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError(str(error)) from error


def _number(text: str) -> int:
    return int.from_bytes(decode(text), "big")


def public_key(jwk: dict[str, Any]) -> rsa.RSAPublicKey | ec.EllipticCurvePublicKey:
    """A key from its JWK. Raises ValueError, KeyError."""
    if jwk["kty"] == "RSA":
        return rsa.RSAPublicNumbers(_number(jwk["e"]), _number(jwk["n"])).public_key()
    curve = next((curve for name, curve, _hash, _size in CURVES.values() if name == jwk["crv"]), None)
    if jwk["kty"] != "EC" or curve is None:
        raise ValueError("this type of key is not supported")
    return ec.EllipticCurvePublicNumbers(_number(jwk["x"]), _number(jwk["y"]), curve()).public_key()


def jwk_of(key: ec.EllipticCurvePublicKey) -> dict[str, str]:
    """The JWK of an elliptic public key."""
    numbers = key.public_numbers()
    name, size = next((name, size) for name, curve, _hash, size in CURVES.values() if curve.name == key.curve.name)
    return {"kty": "EC", "crv": name, "x": encode(numbers.x.to_bytes(size, "big")), "y": encode(numbers.y.to_bytes(size, "big"))}


def thumbprint(jwk: dict[str, Any]) -> str:
    """RFC 7638."""
    members = {name: jwk[name] for name in MEMBERS[jwk["kty"]]}
    return encode(hashlib.sha256(json.dumps(members, sort_keys=True, separators=(",", ":")).encode()).digest())


def check(message: dict[str, Any], algorithm: str, jwk: dict[str, Any]) -> None:
    """Check the signature of a message. Raises BadSignature, ValueError, KeyError."""
    signed = f"{message['protected']}.{message['payload']}".encode("ascii")
    signature, key = decode(message["signature"]), public_key(jwk)
    try:
        if algorithm == "RS256" and isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, signed, padding.PKCS1v15(), hashes.SHA256())
            return
        _name, curve, digest, size = CURVES[algorithm]
        if not isinstance(key, ec.EllipticCurvePublicKey) or key.curve.name != curve.name or len(signature) != 2 * size:
            raise BadSignature("the key does not fit the algorithm")
        raw = encode_dss_signature(int.from_bytes(signature[:size], "big"), int.from_bytes(signature[size:], "big"))
        key.verify(raw, signed, ec.ECDSA(digest()))
    except InvalidSignature as error:
        raise BadSignature("the signature is wrong") from error


def sign(key: ec.EllipticCurvePrivateKey, protected: dict[str, Any], payload: dict[str, Any] | None) -> dict[str, str]:
    """A message signed by a P-256 key. payload None: POST-as-GET."""
    head = encode(json.dumps({"alg": "ES256", **protected}).encode())
    body = "" if payload is None else encode(json.dumps(payload).encode())
    r, s = decode_dss_signature(key.sign(f"{head}.{body}".encode("ascii"), ec.ECDSA(hashes.SHA256())))
    return {"protected": head, "payload": body, "signature": encode(r.to_bytes(32, "big") + s.to_bytes(32, "big"))}
