"""Switches off OpenSSL's check of a peer certificate's extended key usage, which the ssl module has no word for.

Only X15.5 needs it (`SIP TLS Certificate ExtendedKeyUsage Checking Mode: Off`). The module keeps its SSL_CTX right behind the head of the
Python object; before anything is written there, what is found has to answer like this context.
"""

from __future__ import annotations

import ctypes
import re
import ssl
from functools import lru_cache
from pathlib import Path

ANY_PURPOSE = 7     # X509_PURPOSE_ANY
VERIFY_PEER = 1


@lru_cache
def _libraries() -> tuple[ctypes.CDLL, ctypes.CDLL]:
    paths = {match[1]: match[0] for match in re.finditer(r"/\S*lib(ssl|crypto)\.so\S*", Path("/proc/self/maps").read_text(encoding="utf-8"))}
    secure, crypto = ctypes.CDLL(paths["ssl"]), ctypes.CDLL(paths["crypto"])
    secure.SSL_CTX_get_verify_mode.argtypes = [ctypes.c_void_p]
    secure.SSL_CTX_get0_param.argtypes = [ctypes.c_void_p]
    secure.SSL_CTX_get0_param.restype = ctypes.c_void_p
    crypto.X509_VERIFY_PARAM_set_purpose.argtypes = [ctypes.c_void_p, ctypes.c_int]
    return secure, crypto


def allow_any(context: ssl.SSLContext) -> None:
    """Let a context (that asks for certificates) take them whatever their usage. Raises RuntimeError where this Python cannot."""
    try:
        secure, crypto = _libraries()
        inner = ctypes.c_void_p.from_address(id(context) + object.__basicsize__).value
        fits = bool(inner) and bool(secure.SSL_CTX_get_verify_mode(inner) & VERIFY_PEER) == (context.verify_mode != ssl.CERT_NONE)
        if fits and crypto.X509_VERIFY_PARAM_set_purpose(secure.SSL_CTX_get0_param(inner), ANY_PURPOSE) == 1:
            return
    except (KeyError, OSError, AttributeError) as error:
        raise RuntimeError(f"the lab cannot switch off the check of extended key usage here: {error}") from error
    raise RuntimeError("the lab cannot switch off the check of extended key usage with this Python")
