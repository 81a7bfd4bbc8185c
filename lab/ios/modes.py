"""The configuration modes that the lab knows, each with its lines in the order that the device prints them.

A rule is one line: its syntax (lab.ios.grammar), the mode that it opens, its default (not printed), and the releases that have it.
What is not here is refused with the marker, as a router refuses what it does not know. Releases are numbers: 17.09 is 17.9.
Sources: ios.md 1.2 and 2 (order, defaults, releases), run_cube_tls_profile_17.cfg (order within voice classes). Lines that day 0 has
and nobody changes are here, too.
"""

from __future__ import annotations

from dataclasses import dataclass

EVER = 99.0
TLS = "{tls-profile <n:1-10000>|trustpoint <w> [client-vtp <w>] [cn-san-validate server] [client-vtp <w>] [strict-cipher|ecdsa-cipher]}"
TLS_OLD = "trustpoint <w> [cn-san-validate server] [client-vtp <w>] [strict-cipher|ecdsa-cipher]"
SUITE = "{AEAD_AES_256_GCM|AEAD_AES_128_GCM|AES_CM_128_HMAC_SHA1_80|AES_CM_128_HMAC_SHA1_32}"
STRONG = ("DHE_RSA_AES128_GCM_SHA256|DHE_RSA_AES256_GCM_SHA384|ECDHE_ECDSA_AES128_GCM_SHA256|ECDHE_ECDSA_AES256_GCM_SHA384|ECDHE_RSA_AES128_GCM_SHA256|"
          "ECDHE_RSA_AES256_GCM_SHA384")
STRONG_13 = "AES128_GCM_SHA256|AES256_GCM_SHA384|CHACHA20_POLY1305_SHA256"
WEAK = "DHE_RSA_WITH_AES_128_CBC_SHA|DHE_RSA_WITH_AES_256_CBC_SHA|RSA_WITH_AES_128_CBC_SHA|RSA_WITH_AES_256_CBC_SHA"
# What is said of weak ciphers from 17.18.2 on; {line}: the line (id:63645924565).
WARNING = "SECURITY WARNING - Module: VOICE, Command: {line}, Reason: %s, Remediation: Use stronger cipher(s) to enhance security"
WEAK_CIPHER = WARNING % "Weak cipher(s) are present in the command"
WEAK_LIST = WARNING % "strict-cipher includes weak ciphers like RSA_WITH_AES_128_CBC_SHA"
PROFILE_CIPHER = "{<n:1-10000>|strict-cipher|ecdsa-cipher [curve-size 384]}"


@dataclass(frozen=True)
class Rule:
    """One line. joins: no `!` behind it at the top level. says: what the device prints when the line is taken ({line}: the line);
    of: last words of which it says that, "" = of all, with | between them.

    on_by_default: printed only as `no ...`.
    """

    syntax: str
    mode: str = ""
    default: str = ""
    on_by_default: bool = False
    since: float = 0.0
    until: float = EVER
    joins: bool = False
    says: str = ""
    of: str = ""


@dataclass(frozen=True)
class Mode:
    """prompt: what stands in brackets. initial: (line that is there and printed from the first moment, since which release)."""

    prompt: str
    rules: tuple[Rule, ...]
    initial: tuple[tuple[str, float], ...] = ()


BORDER = "You need to save and reload the router for this configuration change to be effective."
LICENCE = "Error: CUBE SIP trunk licensing is now based on dynamic session counting. Static license capacity configuration has been deprecated."

SERVICE_SIP = (
    Rule("bind {control|media} / source-interface <w>"),
    Rule("session transport / {udp|tcp|tcp tls}", default="session transport udp"),
    Rule("url / {sip|sips|tel}", default="url sip"),
    Rule("header-passing"),
    Rule("error-passthru"),
    Rule("registrar server / [expires max <n:60-86400> [min <n:60-86400>]]"),
    Rule("early-offer / forced"),
    Rule("midcall-signaling / {passthru|block}"),
    Rule("pass-thru {content unsupp|content sdp|headers unsupp}"),
    Rule("sip-profiles / <n:1-10000>"),
    Rule("options-ping / <n:60-1200>"),
    Rule("srtp-auth / {sha1-32|sha1-80|sha1-32 sha1-80|sha1-80 sha1-32}", default="srtp-auth sha1-32"),
    Rule("srtp-crypto / <n:1-10000>", since=16.05),
    Rule("srtp negotiate / cisco"),
    Rule("asserted-id / {pai|ppi}"),
)
VOICE_SERVICE = (
    Rule("ip address trusted list", "trusted"),
    Rule("ip address trusted authenticate", on_by_default=True),
    Rule("ip address trusted call-block / cause <w>"),
    Rule("address-hiding"),
    Rule("mode border-element / [license capacity <n:1-999999>]", says=BORDER, until=17.02),
    Rule("mode border-element / [license capacity <n:1-999999>]", says=f"{LICENCE}\n{BORDER}", since=17.02),
    Rule("media / {flow-around|statistics|bulk-stats}"),
    Rule("rtcp keepalive"),
    Rule("srtp / [fallback|pass-thru]"),
    Rule("allow-connections {h323 to h323|h323 to sip|sip to h323|sip to sip}"),
    Rule("supplementary-service sip {moved-temporarily|refer|handle-replaces}", on_by_default=True),
    Rule("redirect ip2ip"),
    Rule("fax protocol / <t>"),
    Rule("no-reg e164"),
    Rule("stun", "stun"),
    Rule("sip", "service-sip"),
)
SIP_UA = (
    Rule("credentials username <w> / password {0|6|7} <w> realm <w>"),
    Rule("credentials username <w> / password <w> realm <w>"),
    Rule("authentication username <w> / password {0|6|7} <w> [realm <w>]"),
    Rule("authentication username <w> / password <w> [realm <w>]"),
    Rule("remote-party-id", on_by_default=True),
    Rule("retry {invite|bye|cancel|register|options|response} / <n:1-10>"),
    Rule("timers {trying|connect|disconnect|register|options|expires|keepalive active|keepalive down|connection aging} / <n:1-1800000>"),
    Rule("keepalive target / <w>"),
    Rule("mwi-server / <t>"),
    Rule("registrar / <t>"),
    Rule("sip-server / <w>"),
    Rule("transport udp", on_by_default=True),
    Rule("transport tcp", on_by_default=True),
    Rule("transport tcp tls / [v1.0|v1.1|v1.2]", default="transport tcp tls", until=17.14),
    Rule("transport tcp tls / [v1.0|v1.1|v1.2|v1.2 minimum|v1.3]", default="transport tcp tls", since=17.14, until=26.01),
    Rule("transport tcp tls / [v1.2|v1.2 minimum|v1.3]", default="transport tcp tls", since=26.01),
    Rule(f"crypto signaling default / {TLS_OLD}", until=17.03),
    Rule(f"crypto signaling remote-addr <ip> <ip> / {TLS_OLD}", until=17.03),
    Rule(f"crypto signaling default / {TLS}", since=17.03),
    Rule(f"crypto signaling remote-addr <ip> <ip> / {TLS}", since=17.03),
    Rule("connection-reuse / [via-port]"),
    Rule("xfer target / dial-peer"),
)
DIAL_PEER = (
    Rule("description / <t>"),
    Rule("translation-profile {incoming|outgoing} / <w>"),
    Rule("preference / <n:0-10>", default="preference 0"),
    Rule("huntstop"),
    Rule("shutdown"),
    Rule("max-conn / <n:1-2147483647>"),
    Rule("destination-pattern / <w>"),
    Rule("rtp payload-type <w> / <n:96-127>"),
    Rule("session protocol / {sipv2|cisco}", default="session protocol cisco"),
    Rule("session target / <w>"),
    Rule("session transport / {udp|tcp|tcp tls|system}", default="session transport system"),
    Rule("session server-group / <n:1-10000>"),
    Rule("destination {dpg|e164-pattern-map|uri} / <w>"),
    Rule("incoming called-number / <w>"),
    Rule("incoming called e164-pattern-map / <w>"),
    Rule("incoming uri {via|request|to|from} / <w>"),
    Rule("voice-class codec / <n:1-10000> [offer-all]"),
    Rule("voice-class sip tenant / <n:1-10000>"),
    Rule("voice-class sip url / {sip|sips|tel|system}"),
    Rule("voice-class sip srtp negotiate / {cisco|system}"),
    Rule("voice-class sip srtp-auth / {sha1-32|sha1-80|sha1-32 sha1-80|sha1-80 sha1-32|system}"),
    Rule("voice-class sip srtp-crypto / <n:1-10000>", since=16.05),
    Rule("voice-class sip options-keepalive / [up-interval <n:5-1200>] [down-interval <n:5-1200>] [retry <n:1-10>]"),
    Rule("voice-class sip options-keepalive profile / <n:1-10000>"),
    Rule("voice-class sip profiles / <n:1-10000> [inbound]"),
    Rule("voice-class sip early-offer / forced"),
    Rule("voice-class sip asserted-id / {pai|ppi|system}"),
    Rule("voice-class sip pass-thru {content unsupp|content sdp|headers unsupp} / [system]"),
    Rule("voice-class sip bind {control|media} / source-interface <w>"),
    Rule("dtmf-relay / {rtp-nte|sip-kpml|sip-notify|rtp-nte sip-kpml|rtp-nte sip-notify|sip-kpml rtp-nte|rtp-nte digit-drop}"),
    Rule("codec / {g711ulaw|g711alaw|g729r8|g722-64|transparent}", default="codec g729r8"),
    Rule("srtp / [fallback|pass-thru|system]"),
    Rule("fax rate / <t>"),
    Rule("fax protocol / <t>"),
    Rule("fax-relay / <t>"),
    Rule("ip qos dscp <w> / <w>"),
    Rule("clid / <t>"),
    Rule("vad", on_by_default=True),
)
TENANT = (
    Rule("registrar / <t>"),
    Rule("credentials username <w> / password {0|6|7} <w> realm <w>"),
    Rule("tls-profile / <n:1-10000>", since=17.08),
    Rule("listen-port {secure|non-secure} / <n:1-65535>", since=17.08),
    Rule("sip-server / <w>"),
    Rule("srtp-auth / {sha1-32|sha1-80|sha1-32 sha1-80|sha1-80 sha1-32|system}"),
    Rule("srtp-crypto / <n:1-10000>", since=16.05),
    Rule("session transport / {udp|tcp|tcp tls|system}"),
    Rule("url / {sip|sips|tel|system}"),
    Rule("error-passthru / [system]"),
    Rule("early-offer / forced"),
    Rule("asserted-id / {pai|ppi|system}"),
    Rule("options-ping / <n:60-1200>"),
    Rule("sip-profiles / <n:1-10000> [inbound]"),
    Rule("bind {control|media} / source-interface <w>"),
    Rule("pass-thru {content unsupp|content sdp|headers unsupp} / [system]"),
)
TRUSTPOINT = (
    Rule("enrollment / {terminal|terminal pem|selfsigned|pkcs12|url <w>}"),
    Rule("serial-number / [none]"),
    Rule("ip-address / <w>"),
    Rule("fqdn / <w>"),
    Rule("fingerprint / <t>"),
    Rule("subject-name / <t>"),
    Rule("subject-alt-name / <t>"),         # one of these two, see lab.ios.cli.settings
    Rule("subject-alt-name <w>"),
    Rule("chain-validation / {stop|continue <w>}", default="chain-validation stop"),
    Rule("revocation-check / {none|crl|ocsp|crl none|ocsp none|crl ocsp|ocsp crl}"),
    Rule("rsakeypair / <w> [<n:360-4096> [<n:360-4096>]]"),
    Rule("eckeypair / <w>", since=15.02),
    Rule("usage / {ike|ssl-client|ssl-server}"),
    Rule("hash / {md5|sha1|sha256|sha384|sha512}"),
)
INTERFACE_LINES = (
    Rule("description / <t>"),
    Rule("ip address / <ip> <ip>"),
    Rule("shutdown"),
    Rule("negotiation / auto"),
    Rule("duplex / auto"),
    Rule("speed / auto"),
)
LINE = (
    Rule("exec-timeout / <n:0-35791> [<n:0-2147483>]"),
    Rule("privilege level / <n:0-15>"),
    Rule("logging synchronous"),
    Rule("login / [local|authentication <w>]"),
    Rule("stopbits / <n:1-2>"),
    Rule("length / <n:0-512>"),
    Rule("transport preferred / {none|ssh|telnet}"),
    Rule("transport input / {none|all|ssh|telnet|telnet ssh}"),
)
REGISTER_GLOBAL = (
    Rule("mode / cme"),
    Rule("system message / <t>"),
    Rule("security-policy / secure"),
    Rule("default mode", since=16.0),
    Rule("allow-hash-in-dn", since=16.0, on_by_default=True),
    Rule("max-dn / <n:1-4800>"),
    Rule("max-pool / <n:1-4800>"),
)
REGISTER_POOL = (
    Rule("registration-timer max / <n:1-86400> min <n:1-86400>"),
    Rule("id / {network <ip> mask <ip>|ip <ip> mask <ip>|mac <w>}"),
    Rule("preference / <n:0-10>"),
    Rule("proxy / <ip> [preference <n:0-10>]"),
    Rule("dtmf-relay / {rtp-nte|sip-kpml|sip-notify|rtp-nte sip-kpml}"),
    Rule("voice-class codec / <n:1-10000>"),
    Rule("codec / {g711ulaw|g711alaw|g729r8}"),
    Rule("vad", on_by_default=True),
)
FALLBACK = (
    Rule("secondary-dialtone / <w>"),
    Rule("max-conferences / <n:1-100>"),
    Rule("transfer-system / {full-consult|full-blind}"),
    Rule("timeouts interdigit / <n:2-120>"),
    Rule("ip source-address / <ip> [port <n:2000-9999>]"),
    Rule("max-ephones / <n:0-1500>"),
    Rule("max-dn / <n:0-2500> [dual-line|octo-line]"),
    Rule("system message {primary|secondary} / <t>"),
    Rule("dialplan-pattern <n:1-5> / <t>"),
    Rule("transport-tcp-tls / {v1.0|v1.1|v1.2}", since=15.06),
    Rule("secure-srst / [enable]"),
)
TELEPHONY = (
    Rule("srst mode / {auto-provision none|auto-provision dn|auto-provision all}"),
    Rule("secure-signaling trustpoint / <w>"),
    Rule("tftp-server-credentials trustpoint / <w>"),
    Rule("device-security-mode / {none|authenticated|encrypted}"),
    Rule("max-ephones / <n:0-1500>"),
    Rule("max-dn / <n:0-2500>"),
    Rule("ip source-address / <ip> [port <n:2000-9999>]"),
    Rule("transport-tcp-tls / {v1.0|v1.1|v1.2}", since=15.06),
)

TOP = (
    Rule("version / <w>"),
    Rule("service timestamps debug / <t>", joins=True),
    Rule("service timestamps log / <t>", joins=True),
    Rule("service password-encryption", joins=True),
    Rule("platform qfp utilization monitor load / <n:0-100>", joins=True),
    Rule("service call-home"),
    Rule("hostname / <w>"),
    Rule("boot-start-marker", joins=True),
    Rule("boot system / <t>", joins=True),
    Rule("boot-end-marker"),
    Rule("logging buffered / <t>", joins=True),
    Rule("logging console", on_by_default=True),
    Rule("enable secret / {0|5|8|9} <w>"),
    Rule("enable secret / <w>"),
    Rule("aaa new-model"),
    Rule("clock timezone / <t>"),
    Rule("archive", "archive"),
    Rule("ip cef", on_by_default=True, joins=True),
    Rule("ip domain lookup", on_by_default=True, joins=True),
    Rule("ip domain name / <w>", joins=True),
    Rule("ip domain-name / <w>", joins=True),
    Rule("ip name-server <ip>"),
    Rule("login on-success log"),
    Rule("subscriber templating"),
    Rule("multilink bundle-name / authenticated"),
    Rule("crypto pki trustpoint <w>", "trustpoint"),
    Rule("crypto pki certificate chain <w>", "chain"),
    Rule("voice service voip", "voice-service"),
    Rule("voice class uri <w> sip", "class-uri"),
    Rule("voice class codec <n:1-10000>", "class-codec"),
    Rule("voice class sip-profiles <n:1-10000>", "class-profiles"),
    Rule("voice class sip-copylist <n:1-10000>", "class-copylist"),
    Rule("voice class e164-pattern-map <n:1-10000>", "class-map"),
    Rule("voice class dpg <n:1-10000>", "class-dpg"),
    Rule("voice class server-group <n:1-10000>", "class-server-group"),
    Rule("voice class sip-options-keepalive <n:1-10000>", "class-keepalive"),
    Rule("voice class tenant <n:1-10000>", "class-tenant", since=15.06),
    Rule("voice class srtp-crypto <n:1-10000>", "class-srtp-crypto", since=16.05),
    Rule("voice class tls-cipher <n:1-10000>", "class-tls-cipher", since=17.03),
    Rule("voice class tls-profile <n:1-10000>", "class-tls-profile", since=17.03),
    Rule("voice register global", "register-global"),
    Rule("voice register pool <n:1-4800>", "register-pool"),
    Rule("license udi pid / <w> sn <w>", joins=True),
    Rule("license boot level / <t>", joins=True),
    Rule("license boot module / <t>", joins=True),
    Rule("diagnostic bootup level / <w>", joins=True),
    Rule("memory free low-watermark processor / <n:1-4294967295>"),
    Rule("spanning-tree extend system-id"),
    Rule("username <w> / privilege <n:0-15> secret {0|5|8|9} <w>", joins=True),
    Rule("username <w> / privilege <n:0-15> secret <w>", joins=True),
    Rule("redundancy", "redundancy"),
    Rule("interface <w>", "interface"),
    Rule("ip forward-protocol / nd", joins=True),
    Rule("ip http server", on_by_default=True, joins=True),
    Rule("ip http authentication / <w>", joins=True),
    Rule("ip http secure-server", joins=True),
    Rule("ip http client source-interface / <w>", joins=True),
    Rule("ip route <ip> <ip> / <w>", joins=True),
    Rule("ip route vrf <w> <ip> <ip> / <w>", joins=True),
    Rule("ip ssh version / <n:1-2>", joins=True),
    Rule("ip ssh rsa keypair-name / <w>"),
    Rule("ip access-list extended <w>", "acl"),
    Rule("access-list <n:1-199> <t>", joins=True),
    Rule("snmp-server community <w> / {RO|RW}"),
    Rule("snmp-server community <w> / {RO|RW} <w>"),
    Rule("control-plane", "control-plane"),
    Rule("mgcp behavior <w> / <t>", joins=True),
    Rule("mgcp profile default", "mgcp"),
    Rule("dspfarm profile <n:1-65535> {conference|mtp|transcode} [universal] [security]", "dspfarm"),
    Rule("stcapp security tls-version / v1.2", since=15.06),
    Rule("dial-peer voice <n:1-2147483647> voip", "dial-peer"),
    Rule("dial-peer voice <n:1-2147483647> pots", "dial-peer-pots"),
    Rule("presence", "presence"),
    Rule("gateway", "gateway"),
    Rule("sip-ua", "sip-ua"),
    Rule("credentials", "credentials"),
    Rule("telephony-service", "telephony"),
    Rule("call-manager-fallback", "fallback"),
    Rule("banner {exec|login|motd} / <t>"),
    Rule("line con <n:0-0>", "line"),
    Rule("line aux <n:0-0>", "line"),
    Rule("line vty <n:0-98> [<n:0-98>]", "line"),
    Rule("ntp server / <w>", joins=True),
)

MODES: dict[str, Mode] = {
    "config": Mode("config", TOP),
    "trustpoint": Mode("ca-trustpoint", TRUSTPOINT, (("revocation-check crl", 0.0),)),
    "chain": Mode("config-cert-chain", ()),
    "archive": Mode("config-archive", (
        Rule("log config", "archive-log"), Rule("path / <w>"), Rule("maximum / <n:1-14>"), Rule("write-memory"), Rule("time-period / <n:1-525600>"))),
    "archive-log": Mode("config-archive-log-cfg", (Rule("logging enable"), Rule("hidekeys"))),
    "voice-service": Mode("conf-voi-serv", VOICE_SERVICE),
    "trusted": Mode("cfg-iptrust-list", (Rule("ipv4 <ip> [<ip>]"), Rule("ipv4 <w>", since=16.0), Rule("ipv6 <w>"))),
    "stun": Mode("conf-serv-stun", (Rule("stun flowdata agent-id / <t>"), Rule("stun flowdata shared-secret / <n:0-7> <w>"))),
    "service-sip": Mode("conf-serv-sip", SERVICE_SIP),
    "class-uri": Mode("config-voice-uri-class", (Rule("host / <w>"), Rule("pattern / <w>"), Rule("user-id / <w>"))),
    "class-codec": Mode("config-class", (Rule("codec preference <n:1-24> / <w> [bytes <n:10-240>]"),)),
    "class-profiles": Mode("config-class", (Rule("rule <n:1-1024> / <t>"), Rule("request <t>"), Rule("response <t>"))),
    "class-copylist": Mode("config-class", (Rule("sip-header <w>"),)),
    "class-map": Mode("voice-class-e164-pattern-map", (Rule("e164 <w>"), Rule("url / <w>"))),
    "class-dpg": Mode("voice-class", (Rule("description / <t>"), Rule("dial-peer <n:1-2147483647> / [preference <n:0-10>]"))),
    "class-server-group": Mode("config-class", (
        Rule("description / <t>"), Rule("hunt-scheme / {preference|round-robin}", default="hunt-scheme preference"),
        Rule("ipv4 <ip> / [port <n:1-65535>] [preference <n:0-5>]"))),
    "class-keepalive": Mode("config-class", (
        Rule("description / <t>"), Rule("down-interval / <n:5-1200>"), Rule("up-interval / <n:5-1200>"), Rule("retry / <n:1-10>"),
        Rule("transport / {tcp|udp|tcp tls|system}"))),
    "class-tenant": Mode("config-class", TENANT),
    "class-srtp-crypto": Mode("config-class", (Rule(f"crypto <n:1-4> / {SUITE}"),)),
    "class-tls-cipher": Mode("config-class", (
        Rule(f"cipher <n:1-10> / {{{STRONG}|{WEAK}}}", until=17.14), Rule(f"cipher <n:1-13> / {{{STRONG}|{STRONG_13}|{WEAK}}}", since=17.14, until=17.18),
        Rule(f"cipher <n:1-13> / {{{STRONG}|{STRONG_13}|{WEAK}}}", since=17.18, says=WEAK_CIPHER, of=WEAK))),
    "class-tls-profile": Mode("config-class", (
        Rule("description / <t>"), Rule("trustpoint / <w>"), Rule(f"cipher / {PROFILE_CIPHER}", until=17.18),
        Rule(f"cipher / {PROFILE_CIPHER}", since=17.18, says=WEAK_LIST, of="strict-cipher"),
        Rule("cn-san validate / server", until=17.08), Rule("cn-san validate / {server|client|bidirectional}", since=17.08),
        Rule("cn-san <n:1-10> / <w>"), Rule("client-vtp / <w>"), Rule("sni send"))),
    "register-global": Mode("config-register-global", REGISTER_GLOBAL, (("default mode", 16.0), ("no allow-hash-in-dn", 16.0))),
    "register-pool": Mode("config-register-pool", REGISTER_POOL),
    "redundancy": Mode("config-red", (Rule("mode / {none|sso|rpr}"),)),
    "interface": Mode("config-if", INTERFACE_LINES),
    "acl": Mode("config-ext-nacl", (Rule("{permit|deny|remark} <t>"), Rule("<n:1-2147483647> / {permit|deny} <t>"))),
    "control-plane": Mode("config-cp", ()),
    "mgcp": Mode("config-mgcp-profile", ()),
    "dspfarm": Mode("config-dspfarm-profile", (
        Rule("trustpoint / <w>"), Rule("tls-version / v1.2"), Rule("codec <w>"), Rule("maximum sessions / <n:1-1000>"),
        Rule("associate application / {SCCP|CUBE}"), Rule("shutdown"))),
    "dial-peer": Mode("config-dial-peer", DIAL_PEER),
    "dial-peer-pots": Mode("config-dial-peer", (
        Rule("description / <t>"), Rule("destination-pattern / <w>"), Rule("incoming called-number / <w>"), Rule("direct-inward-dial"), Rule("port / <w>"),
        Rule("forward-digits / <w>"), Rule("prefix / <w>"), Rule("shutdown"))),
    "presence": Mode("config-presence", (Rule("allow / subscribe"),)),
    "gateway": Mode("config-gateway", (Rule("media-inactivity-criteria / all"), Rule("timer receive-rtp / <n:180-86400>"))),
    "sip-ua": Mode("config-sip-ua", SIP_UA),
    "credentials": Mode("config-credentials", (Rule("ip source-address / <ip> [port <n:2000-9999>]"), Rule("trustpoint / <w>"))),
    "telephony": Mode("config-telephony", TELEPHONY),
    "fallback": Mode("config-cm-fallback", FALLBACK),
    "line": Mode("config-line", LINE),
}
