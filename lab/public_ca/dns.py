"""The name server whose TXT records the public CA looks at for challenges by DNS: queries and signed updates (RFC 2136, RFC 8945) by TCP.

It is primary for the domain of its host. `lab public-ca txt` writes the same records as a person would.
"""

from __future__ import annotations

import asyncio
import base64
import secrets
import struct
from typing import TYPE_CHECKING

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.opcode
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset
import dns.tsig

from lab.core.refusals import refusal
from lab.ucm.tls import write_private

if TYPE_CHECKING:
    from lab.public_ca.authority import PublicCa

CHANNEL = "dns"
KEY = "collab-acme"
refusal("dns_key", "RFC 2136 3.3, RFC 8945 5.2", "an update without the zone's key")


class NameServer:
    """The server of one zone."""

    def __init__(self, ca: PublicCa) -> None:
        self._ca = ca
        self._zone = dns.name.from_text(str(ca.host.variables.get("collab_domain") or ca.host.fqdn.partition(".")[2]))
        secret = base64.b64encode(secrets.token_bytes(32)).decode("ascii")
        self._key = dns.tsig.Key(KEY, secret, "hmac-sha256")
        write_private(ca.world.directory / "ca" / "dns.key", f'key "{KEY}" {{\n\talgorithm hmac-sha256;\n\tsecret "{secret}";\n}};\n')
        self._server: asyncio.Server | None = None

    async def open(self) -> None:
        """Listen. Raises OSError (address taken)."""
        self._server = await asyncio.start_server(self._serve, self._ca.host.address, self._ca.host.ports["dns"])

    def close(self) -> None:
        """Stop listening."""
        if self._server is not None:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                (length,) = struct.unpack("!H", await reader.readexactly(2))
                wire = self._answer(await reader.readexactly(length)).to_wire()
                writer.write(struct.pack("!H", len(wire)) + wire)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    def _answer(self, wire: bytes) -> dns.message.Message:
        try:
            message = dns.message.from_wire(wire, keyring={self._key.name: self._key})
        except dns.tsig.BadSignature:
            return self._bad_key(wire, dns.rcode.BADSIG)
        except dns.message.UnknownTSIGKey:
            return self._bad_key(wire, dns.rcode.BADKEY)
        answer = dns.message.make_response(message)
        answer.flags |= dns.flags.AA
        if message.opcode() == dns.opcode.UPDATE:
            self._update(message, answer)
        else:
            self._query(message, answer)
        return answer

    def _bad_key(self, wire: bytes, error: dns.rcode.Rcode) -> dns.message.Message:
        """NOTAUTH, with what is wrong with the key in a TSIG record that nobody can check."""
        message = dns.message.from_wire(wire, keyring=False)
        self._note("UPDATE", "read", refused=dns.rcode.to_text(error))
        answer = dns.message.make_response(message)
        answer.use_tsig(dns.tsig.Key(message.keyname, bytes(32), message.tsig[0].algorithm), tsig_error=error)
        answer.set_rcode(dns.rcode.NOTAUTH)
        return answer

    def _update(self, message: dns.message.Message, answer: dns.message.Message) -> None:
        if not message.had_tsig and self._ca.world.refuses("dns_key"):
            self._note("UPDATE", "read", refused="no key")
            answer.set_rcode(dns.rcode.REFUSED)
            return
        zone, _prerequisites, changes, _more = message.sections
        if [one.name for one in zone] != [self._zone] or not all(one.name.is_subdomain(self._zone) for one in changes):
            answer.set_rcode(dns.rcode.NOTZONE)
            return
        for rrset in changes:
            name = rrset.name.to_text(omit_final_dot=True).lower()
            values = [b"".join(record.strings).decode("ascii") for record in rrset if record.rdtype == dns.rdatatype.TXT]
            held = self._ca.records.setdefault(name, [])
            for value in values:
                gone = rrset.deleting is not None
                self._note(f"UPDATE {name}", "write", removed=gone)
                held[:] = [one for one in held if one != value] + ([] if gone else [value])
            if not held:
                del self._ca.records[name]

    def _query(self, message: dns.message.Message, answer: dns.message.Message) -> None:
        question = message.question[0]
        self._note(f"QUERY {question.name.to_text(omit_final_dot=True)}", "read")
        if not question.name.is_subdomain(self._zone):
            answer.set_rcode(dns.rcode.REFUSED)
            return
        found = self._ca.records.get(question.name.to_text(omit_final_dot=True).lower(), ())
        if question.rdtype == dns.rdatatype.TXT and found:
            answer.answer.append(dns.rrset.from_text_list(question.name, 60, dns.rdataclass.IN, dns.rdatatype.TXT, [f'"{one}"' for one in found]))
            return
        words = f"ns.{self._zone} hostmaster.{self._zone} 1 3600 600 86400 60"
        answer.authority.append(dns.rrset.from_text(self._zone, 60, dns.rdataclass.IN, dns.rdatatype.SOA, words))

    def _note(self, operation: str, kind: str, **detail: object) -> None:
        self._ca.world.journal.add(self._ca.host.name, CHANNEL, operation, kind, **detail)
