"""Private keys from a pool on disk, because making RSA keys is what would make `lab up` slow (lab.md 2.3).

The pool lives in `$XDG_CACHE_HOME or ~/.cache`/collab-security-lab. A lab takes keys in order, each at most once, so that within one
estate no two identities share a key unless the product itself shares it. They are lab keys: worthless elsewhere, still mode 0600.
"""

from __future__ import annotations

import os
import tempfile
from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric import rsa


def cache_directory() -> Path:
    """Where the pool is kept."""
    root = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return Path(root) / "collab-security-lab"


def key_pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> str:
    """A private key as unencrypted PKCS#8 PEM."""
    encoded = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return encoded.decode("ascii")


@lru_cache(maxsize=4096)
def load_key(pem: str) -> rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey:
    """A private key from its PEM text; parsed once."""
    # The check of RSA keys costs as much as making them; these keys are our own.
    return serialization.load_pem_private_key(pem.encode("ascii"), None, unsafe_skip_rsa_key_validation=True)


class KeyPool:
    """directory: the pool's place; None = the cache directory."""

    def __init__(self, directory: Path | None = None) -> None:
        self.directory = directory or cache_directory() / "keys"
        self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._next: dict[int, int] = {}

    def rsa(self, bits: int = 2048) -> str:
        """The next unused RSA key of that size as PEM; made and kept when the pool has no more."""
        number = self._next.get(bits, 0)
        self._next[bits] = number + 1
        path = self.directory / f"rsa{bits}-{number:05d}.pem"
        try:
            return path.read_text(encoding="ascii")
        except FileNotFoundError:
            pem = key_pem(rsa.generate_private_key(public_exponent=65537, key_size=bits))
            self._store(path, pem)
            return pem

    def ec(self, curve: ec.EllipticCurve | None = None) -> str:
        """A new elliptic-curve key (P-384 unless told) as PEM; these are cheap and not pooled."""
        return key_pem(ec.generate_private_key(curve or ec.SECP384R1()))

    def _store(self, path: Path, pem: str) -> None:
        # Written aside and linked: two labs that start at once must not read half a file.
        handle, name = tempfile.mkstemp(dir=self.directory, prefix=".new-")
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(pem)
        os.replace(name, path)
