"""The certificate templates that the simulated enterprise CA offers.

One of them is right (`CollabServer`); each of the others makes exactly one mistake that a real AD CS template can make, so that a
test which uses it proves that this very mistake is noticed. Names in `Template.name` are what a client sends as
`CertificateTemplate:<name>` (lab.md 4). The mistakes come from the guide's Table 7-10 and vos.md 1.5 and 1.8: a template without
client authentication, a CA that drops the names, a CA manager who has to approve. `ShortLived` makes none: a template's validity period is its
own (AD CS, Certificate Templates console, General), and what it issues has to be renewed soon.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Template:
    """What the CA does with a request that names this template.

    name: as sent by the client. outcome: "issue", "pending" (a CA manager decides) or "deny".
    client_authentication: False removes id-kp-clientAuth from the requested extended key usage.
    names: False leaves the subject alternative names out.
    key_usage: None keeps what was requested; else the names of the bits that are set instead.
    days: lifetime; expired: the certificate's whole validity lies in the past. subject: False leaves out all of it but `common_name`.
    """

    name: str
    outcome: str = "issue"
    client_authentication: bool = True
    names: bool = True
    key_usage: tuple[str, ...] | None = None
    days: int = 730
    expired: bool = False
    subject: bool = True
    common_name: str = ""


TEMPLATES = {
    template.name: template
    for template in (
        Template("CollabServer"),
        Template("WebServer", client_authentication=False),
        Template("DropSAN", names=False),
        Template("WrongKeyUsage", key_usage=("key_encipherment",)),
        Template("Expired", expired=True),
        Template("ShortLived", days=20),
        Template("Approval", outcome="pending"),
        Template("Denied", outcome="deny"),
    )
}
