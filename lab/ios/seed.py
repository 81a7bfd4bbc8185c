"""Day 0 of a router: reachable, telephony in the clear, nothing of PKI but what the factory and the HTTPS server made.

estate.yml may say of a group: `lines` (more configuration, as typed), `running_lines` (N: filled up with access lists to about N lines),
`routers: {NAME: {lines: [...]}}`, `secured: true` (somebody has been there before: a certificate of the enterprise CA, SIP by TLS, secure SRST).
The passwords' hashes are the lab's own and fit nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.x509.oid import NameOID

from lab.core.keys import load_key
from lab.core.names import address_of
from lab.ios import config
from lab.ios.grammar import understand
from lab.ucm import x509 as pems

if TYPE_CHECKING:
    from lab.ios.router import Router

SECRET = "$9$labHashOfNothing.AtAll$0000000000000000000000000000000000000000000"
OLD_SECRET = "$1$lab0$0000000000000000000000"


def fill(router: Router) -> None:
    """Write day 0 into an empty router, and save it."""
    appliance = router.appliance
    estate = appliance.group.estate
    _type(router, _common(router))
    _factory(router)
    _type(router, _voice(router))
    _type(router, estate.get("lines", ()))
    _type(router, estate.get("routers", {}).get(appliance.name, {}).get("lines", ()))
    if estate.get("secured"):
        _secure(router)
    _stuff(router, int(estate.get("running_lines", 0)))
    router.save()


def _type(router: Router, lines: list[str] | tuple[str, ...]) -> None:
    """Lines as in a configuration file: a blank at the beginning is a level."""
    stack = [router.config]
    for line in lines:
        depth = len(line) - len(line.lstrip(" "))
        del stack[depth + 1:]
        section, off = stack[-1], line.lstrip().startswith("no ")
        rules = config.rules(section.mode, router.release)
        match = understand(line.strip().removeprefix("no ") if off else line.strip(), [rule.syntax for rule in rules], off)
        if off:
            config.remove(section, rules[match.number], match, router.release)
        elif (opened := config.write(section, rules[match.number], match, router.release)) is not None:
            stack.append(opened)


def _common(router: Router) -> list[str]:
    appliance, new = router.appliance, router.is_xe
    domain = appliance.fqdn.partition(".")[2]
    port = "GigabitEthernet0/0/0" if new else "GigabitEthernet0/0"
    secret = f"9 {SECRET}" if new else f"5 {OLD_SECRET}"
    return [
        f"version {appliance.release}", "service timestamps debug datetime msec", "service timestamps log datetime msec", f"hostname {appliance.hostname}",
        "boot-start-marker", "boot-end-marker", f"enable secret {secret}", "aaa new-model", "no ip domain lookup",
        f"ip {'domain name' if new else 'domain-name'} {domain}", "login on-success log", "archive", " path flash:archive", " maximum 5",
        f"username {appliance.account[0]} privilege {router.world.variant('ios_login_privilege')} secret {secret}",
        f"license udi pid {router.model[0]} sn {router.serial}", *(["redundancy", " mode none"] if new else []),
        f"interface {port}", " description Voice", f" ip address {appliance.address} 255.0.0.0",
        *([" negotiation auto"] if new else [" duplex auto", " speed auto"]),
        f"interface {port[:-1]}1", " shutdown", "ip forward-protocol nd", "ip http server", "ip http authentication local", "ip http secure-server",
        "ip ssh version 2", "control-plane", "line con 0", " logging synchronous", " stopbits 1", "line vty 0 4", " exec-timeout 30 0", " transport input ssh",
    ]


def _factory(router: Router) -> None:
    """The trustpoint of the router's own HTTPS server, and on IOS XE that of smart licensing."""
    number = int("".join(part.zfill(3) for part in router.appliance.address.split(".")[1:])) + 1000000000
    name = f"TP-self-signed-{number}"
    _type(router, [f"crypto pki trustpoint {name}", " enrollment selfsigned", f" subject-name cn=IOS-Self-Signed-Certificate-{number}",
                   " revocation-check none", f" rsakeypair {name}"])
    router.pki.make_key(name, 2048)
    router.pki.self_sign(name, name, "sha1" if not router.is_xe else "sha256")
    if router.is_xe:
        _type(router, ["crypto pki trustpoint SLA-TrustPoint", " enrollment pkcs12", " revocation-check crl"])
        name = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Cisco"), x509.NameAttribute(NameOID.COMMON_NAME, "Cisco Licensing Root CA")])
        router.pki.change("SLA-TrustPoint", ca=pems.self_signed("SLA", name, router.world.keys.rsa(), router.world.clock.now(), authority=True))


def _voice(router: Router) -> list[str]:
    """Calls between Unified CM and the provider, in the clear; on a branch router what phones fall back to."""
    source = "GigabitEthernet0/0/0" if router.is_xe else "GigabitEthernet0/0"
    servers = _call_managers(router)
    common = ["voice service voip", " ip address trusted list", *(f"  ipv4 {address}" for address in servers), " mode border-element",
              " allow-connections sip to sip", " no supplementary-service sip refer", " sip",
              f"  bind control source-interface {source}", f"  bind media source-interface {source}"]
    if router.role == "srst":
        address = router.appliance.address
        return [*common, "  registrar server expires max 600 min 60", "voice class codec 1", " codec preference 1 g711ulaw", "voice register global",
                " max-dn 50", " max-pool 50", "voice register pool 1", " id network 10.0.0.0 mask 255.0.0.0", " dtmf-relay rtp-nte", " voice-class codec 1",
                "sip-ua", "call-manager-fallback", " max-conferences 8",
                f" ip source-address {address} port 2000", " max-ephones 50", " max-dn 50"]
    peers = []
    for number, address in enumerate(servers, 101):
        peers += [f"dial-peer voice {number} voip", f" description Unified CM {address}", f" preference {number - 101}", r" destination-pattern +1408555....",
                  " session protocol sipv2", f" session target ipv4:{address}", " session transport tcp", " voice-class codec 1",
                  " voice-class sip options-keepalive", " dtmf-relay rtp-nte", " no vad"]
    return [*common, "  early-offer forced", "voice class codec 1", " codec preference 1 g711ulaw", " codec preference 2 g711alaw",
            "voice class uri CUCM sip", " pattern ent-pa.com", "dial-peer voice 1 voip", " description From Unified CM", " session protocol sipv2",
            " incoming uri via CUCM", " voice-class codec 1", " dtmf-relay rtp-nte", " no vad", *peers,
            "dial-peer voice 200 voip", " description Provider", " destination-pattern 9T", " session protocol sipv2",
            " session target dns:sip.provider.example", " voice-class codec 1", " dtmf-relay rtp-nte", " no vad", "sip-ua", " retry invite 2"]


def _secure(router: Router) -> None:
    """What a router that works encrypted has: the trustpoint ENT-PA, and the voice side of it."""
    label, authority = "ENT-PA", router.world.ca
    key = router.pki.make_key(label, 2048)
    own = authority.issue(load_key(key.pem).public_key(), router.fqdn, [router.fqdn], "both")
    for name, issuer in ((f"{label}-ROOT", authority.root), (label, authority.issuing)):
        _type(router, [f"crypto pki trustpoint {name}", " enrollment terminal pem", " revocation-check none",
                       *([f" subject-name cn={router.fqdn}", f" rsakeypair {label}", " hash sha256"] if name == label else [])])
        router.pki.change(name, ca=pems.to_pem(issuer))
    router.pki.change(label, own=pems.to_pem(own), key=key.pem)
    servers = _call_managers(router)
    everybody = router.role == "srst" or not servers
    far_ends = ["default"] if everybody else [f"remote-addr {server} 255.255.255.255" for server in servers]
    _type(router, ["sip-ua", *(f" crypto signaling {far_end} trustpoint {label}" for far_end in far_ends)])
    if router.role == "srst":
        _type(router, ["credentials", f" ip source-address {router.appliance.address} port 2445", f" trustpoint {label}"])
    else:
        _type(router, [line for number in range(101, 101 + len(servers)) for line in (
            f"dial-peer voice {number} voip", " session transport tcp tls", " srtp", *([] if router.is_xe else [" voice-class sip srtp-auth sha1-80"]))])


def _call_managers(router: Router) -> list[str]:
    """Addresses of the call-processing nodes of its Unified CM cluster; of names that the estate knows where the cluster is not simulated."""
    cluster = router.appliance.variables.get("collab_cm_cluster", "")
    hosts = [name for name, given in router.world.hosts.items()
             if given.get("collab_cluster") == cluster and "call_processing" in given.get("collab_roles", ())]
    return [address for name in hosts if (address := address_of(router.world, name))]


def _stuff(router: Router, wanted: int) -> None:
    """Fill up to about so many lines, as a router has that has stood for years."""
    have = sum(1 for _line in config.walk(router.config))
    lines, number = [], 0
    while have + len(lines) < wanted:
        if number % 250 == 0:
            lines.append(f"ip access-list extended BRANCH-{number // 250}")
        lines.append(f" permit tcp 10.{number // 250}.{number % 250}.0 0.0.0.255 any eq 443")
        number += 1
    _type(router, lines)
