# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the channels to certificate authorities share: an HTTP session that trusts what it is told to, its failures by kind, and the answer kept on disk."""

from __future__ import annotations

import contextlib
import json
import os
import re
import tempfile
from urllib.parse import urlsplit
from urllib.parse import urlunsplit

import requests
from requests.adapters import HTTPAdapter

from ..errors import NodeError


class _Reached(HTTPAdapter):
    """Connects to an address while the TLS name and the Host header stay those of the URL."""

    def __init__(self, name, address):
        self.name, self.address = name, address
        super().__init__()

    def init_poolmanager(self, *args, **kwargs):
        super().init_poolmanager(*args, **kwargs, server_hostname=self.name, assert_hostname=self.name)

    def send(self, request, **kwargs):
        parts = urlsplit(request.url)
        if parts.hostname != self.address:              # a login of several steps sends the same request again
            request.headers["Host"] = parts.netloc
            host = "[%s]" % self.address if ":" in self.address else self.address
            request.url = urlunsplit(parts._replace(netloc=host + (":%d" % parts.port if parts.port else "")))
        return super().send(request, **kwargs)


def place_of(option):
    """The parts of the option url. NodeError unless it is https and there is a ca_file to verify it with."""
    parts = urlsplit(option("url"))
    if parts.scheme != "https" or not parts.hostname:
        raise NodeError("refused", "url '%s' of the CA must be https://NAME[:PORT]" % option("url"))
    if not option("ca_file"):
        raise NodeError("refused", "ca_file is needed: the CA's web server is verified against it")
    return parts


def prepare(session, parts, address):
    """Make a session of requests independent of its surroundings, and have it reach the CA at an address where one is given."""
    # With it REQUESTS_CA_BUNDLE, proxies and ~/.netrc of whoever runs this would win over what the inventory says (psf/requests 3829).
    session.trust_env = False
    if address and address != parts.hostname:
        session.mount("https://", _Reached(parts.hostname, address))


@contextlib.contextmanager
def exchange(name):
    """Failures of one exchange with the CA of that name as NodeError, by what may have come of it."""
    try:
        yield
    except requests.exceptions.SSLError as e:
        raise NodeError("unreachable", "the CA %s could not be verified with ca_file: %s" % (name, words(e))) from None
    except requests.exceptions.ConnectTimeout:
        raise NodeError("unreachable", "the CA %s does not answer" % name) from None
    except requests.exceptions.ConnectionError as e:
        # A connection that was never opened is a safe failure; one that broke under way may have left a request at the CA.
        unsent = "NewConnectionError" in repr(e) or "NameResolutionError" in repr(e)
        raise NodeError("unreachable" if unsent else "lost", "the CA %s cannot be reached: %s" % (name, words(e))) from None
    except requests.exceptions.RequestException as e:
        raise NodeError("lost", "no answer from the CA %s: %s" % (name, words(e))) from None


def words(error):
    """An exception in one line: the innermost one's words, without tags and at a sane length."""
    while (inner := next((a for a in (getattr(error, "reason", None), *reversed(error.args)) if isinstance(a, Exception)), None)) is not None:
        error = inner
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", str(error))).strip()[:500]


def keep_answer(path, answer):
    """Write the CA's answer to a file, whole or not at all, readable by its owner only."""
    handle, name = tempfile.mkstemp(dir=os.path.dirname(path), prefix=".answer-")
    with os.fdopen(handle, "w", encoding="utf-8") as f:
        json.dump(answer, f)
        f.flush()
        os.fsync(f.fileno())
    os.replace(name, path)
