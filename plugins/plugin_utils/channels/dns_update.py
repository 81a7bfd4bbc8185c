# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""TXT records by DNS UPDATE (RFC 2136), signed with a TSIG key (RFC 8945). Spoken by the PyPI package dnspython.

Options: server (the zone's primary, ADDRESS or ADDRESS:PORT), key_file (a key as tsig-keygen and nsupdate have it).

Both operations may be repeated: a record that is there already is not there twice, and removing one that is gone is no error.
"""

from __future__ import annotations

import ipaddress
import os
import re

import dns.exception
import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.resolver
import dns.tsig
import dns.tsigkeyring
import dns.update

from ..errors import NodeError

KEY = re.compile(r'key\s+"?([^\s"{]+)"?\s*\{\s*algorithm\s+"?([\w.-]+)"?\s*;\s*secret\s+"?([A-Za-z0-9+/=]+)"?\s*;\s*\}\s*;?', re.IGNORECASE)
LIFETIME = 60           # seconds that others may remember a record


class Channel:
    """One server, one key."""

    def __init__(self, option):
        found = re.fullmatch(r"([^:]+):(\d+)", str(option("server")))
        host, port = found.groups() if found else (option("server"), 53)
        try:
            self.address, self.port = str(ipaddress.ip_address(host)), int(port)
        except ValueError:
            raise NodeError("refused", "dns_server '%s' must be the address of the zone's primary server, ADDRESS or ADDRESS:PORT" % option("server")) from None
        self.key = _key(option("key_file"))

    def close(self):
        """Each operation has a connection of its own."""

    def add(self, left, name, value):
        """Put a TXT record there, beside others of that name, and read it back."""
        self._update(left, name, lambda update, host: update.add(host, LIFETIME, "TXT", '"%s"' % value))
        answer = self._exchange(left, dns.message.make_query(name, "TXT"))
        if not any(value == b"".join(record.strings).decode("ascii", "replace") for rrset in answer.answer for record in rrset
                   if record.rdtype == dns.rdatatype.TXT):
            raise NodeError("refused", "DNS server %s took the record of %s and does not have it" % (self.address, name))

    def remove(self, left, name, value):
        """Take that very record away."""
        self._update(left, name, lambda update, host: update.delete(host, "TXT", '"%s"' % value))

    def _update(self, left, name, change):
        host = dns.name.from_text(name)
        update = dns.update.UpdateMessage(self._zone(left, host), keyring=self.key)
        change(update, host)
        answer = self._exchange(left, update)
        if answer.rcode() != dns.rcode.NOERROR:
            raise NodeError("refused", "DNS server %s refuses to change %s: %s" % (self.address, name, dns.rcode.to_text(answer.rcode())))

    def _zone(self, left, host):
        """The zone that a name is in, as the server says."""
        answer = self._exchange(left, dns.message.make_query(host, "SOA"))
        for rrset in (*answer.answer, *answer.authority):
            if rrset.rdtype == dns.rdatatype.SOA and host.is_subdomain(rrset.name):
                return rrset.name
        raise NodeError("refused", "DNS server %s has no zone with %s in it" % (self.address, host))

    def _exchange(self, left, message):
        try:
            return dns.query.tcp(message, self.address, timeout=max(0.1, left), port=self.port)
        except (dns.tsig.PeerError, dns.tsig.BadSignature, dns.tsig.BadTime) as e:
            raise NodeError("auth", "DNS server %s refuses the key of dns_key_file: %s; nothing is tried a second time" % (self.address, e)) from None
        except (OSError, dns.exception.DNSException, EOFError) as e:
            raise NodeError("unreachable", "DNS server %s does not answer: %s" % (self.address, str(e) or type(e).__name__)) from None


def _key(path):
    try:
        with open(os.path.expanduser(path or ""), encoding="ascii", errors="replace") as file:
            found = KEY.search(file.read())
    except OSError as e:
        raise NodeError("refused", "dns_key_file: %s cannot be read: %s" % (path, e.strerror)) from None
    if found is None:
        raise NodeError("refused", "dns_key_file: %s holds no key as tsig-keygen writes it" % path)
    name, algorithm, secret = found.groups()
    try:
        return dns.tsig.Key(name, secret, algorithm=algorithm.lower())
    except (ValueError, dns.exception.DNSException):
        raise NodeError("refused", "dns_key_file: the key in %s cannot be used" % path) from None
