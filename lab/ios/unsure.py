"""What no source settles about routers, and what they must refuse (ios.md 7)."""

from __future__ import annotations

from lab.core.refusals import refusal
from lab.core.variants import variant

variant("ios_login_privilege", ("1", "15"), "1", "ios.md 1 (dialogues)", "privilege of a login: 1 needs `enable`, 15 is privileged at once")
variant("ios_old_ssh", ("sha1_only", "also_sha2"), "sha1_only", "ios.md 4", "whether IOS 15 offers SSH algorithms that are newer than SHA-1")
variant("ios_subject_alt_name", ("list", "lines"), "list", "ios.md 1.2",
        "whether several alternative names stand in one line, which another one replaces, or in a line each, which is kept")
variant("ios_default_hash", ("sha1", "sha256"), "sha1", "ios.md 1.2, 7.3", "hash of requests and what the line `hash` is when nobody has written it")
variant("ios_default_hash_line", ("hidden", "shown"), "hidden", "ios.md 1.2, 7.3", "whether `hash` is printed where it is the default")
variant("ios_key_exists", ("silent", "asks"), "silent", "ios.md 1.1, 7.9",
        "whether `crypto key generate rsa` with a modulus asks before it replaces a key pair")
variant("ios_key_background", ("at_once", "background"), "at_once", "ios.md 1.1",
        "whether a new key pair is there when the prompt comes back, or some seconds later (C8000V)")
variant("ios_key_prompt_default", ("512", "2048"), "512", "ios.md 1.1", "the modulus that is offered where none was given")
variant("ios_fingerprint_needed", ("from_26", "always"), "from_26", "id:71318538062 (26.x), id:63575297184 (release not told)",
        "whether releases before 26 ask about a CA certificate, or reject it, too, unless the trustpoint says its fingerprint")
variant("ios_subca_question", ("asked", "skipped"), "asked", "ios.md 1.3, 7.2", "whether a CA whose issuer is known already is accepted without the question")
variant("ios_subca_unknown_root", ("accepted", "refused"), "accepted", "ios.md 1.3", "whether a CA whose issuer is not known can be authenticated")
variant("ios_request_armour", ("as_configured", "bare", "pem"), "as_configured", "ios.md 1.4",
        "whether a request is shown with BEGIN and END lines: as `enrollment terminal [pem]` says, never, always")
variant("ios_question_serial", ("asked", "absent"), "asked", "ios.md 1.4", "whether enrolment asks for the serial number where nothing is configured")
variant("ios_question_address", ("asked", "absent"), "asked", "ios.md 1.4", "whether enrolment asks for the IP address where nothing is configured")
variant("ios_question_redisplay", ("asked", "absent"), "asked", "ios.md 1.4", "whether enrolment offers to show the request again")
variant("ios_fqdn_none_line", ("absent", "present"), "absent", "ios.md 1.4", "whether enrolment names the host where `fqdn none` is configured")
variant("ios_import_failure", ("failed_to_parse", "error_in_saving"), "failed_to_parse", "ios.md 1.5, 7.1", "words for an own certificate that does not fit")
variant("ios_delete_empty_trustpoint", ("silent", "asks"), "silent", "ios.md 1.8", "whether a trustpoint that holds nothing is deleted without a question")
variant("ios_trustpoint_in_use", ("dangling", "refused"), "dangling", "ios.md 7.8", "what becomes of a trustpoint that a configuration line refers to")
variant("ios_vty_logging", ("quiet", "until_no_monitor", "always"), "quiet", "ios.md 4", "whether log lines come into the session")
variant("ios_chain_after_save", ("hex", "nvram"), "hex", "ios.md 1.2", "whether certificates that are saved are printed as bytes or as a file in nvram")
variant("ios_trusted_mask", ("kept", "host_mask"), "kept", "ios.md 2", "whether a trusted address without mask is printed with 255.255.255.255")
variant("ios_separators", ("many", "few"), "many", "ios.md 2", "whether every block of the configuration ends with a line `!`")
variant("ios_srtp_auth", ("parsed", "gone"), "parsed", "ios.md 7.7", "whether IOS XE still takes srtp-auth from 16.5 on")
variant("ios_client_certificate", ("required", "optional"), "required", "ios.md 1.7", "whether a TLS caller without certificate is turned down")
variant("ios_delete_indent", ("blank", "none"), "blank", "ios.md 1.8", "whether the second line of the warning before a deletion begins with a blank")
variant("ios_fingerprint_blank", ("by_release", "never"), "by_release", "ios.md 1.10", "a blank behind fingerprints (IOS 15 and XE 16, not 17)")

refusal("ios_login", "ios.md 4", "an SSH login with a wrong account")
refusal("ios_enable", "ios.md 4", "a wrong enable secret")
refusal("ios_unknown_line", "ios.md 3", "a line that no mode has")
refusal("ios_privilege", "ios.md 4", "a privileged command in user mode")
refusal("ios_key_domain", "ios.md 1.1", "a key pair without label where the router has no domain")
refusal("ios_authenticate_unknown", "ios.md 1.3", "authenticate for a trustpoint that is not configured")
refusal("ios_authenticate_again", "ios.md 1.3", "authenticate for a trustpoint that has its CA")
refusal("ios_authenticate_certificate", "ios.md 1.3", "a CA certificate that is none, or whose time is not now")
refusal("ios_authenticate_fingerprint", "ios.md 1.2", "a CA certificate with another fingerprint than the trustpoint's")
refusal("ios_authenticate_unpinned", "id:71318538062", "a CA certificate whose fingerprint the trustpoint does not say (from 26 on)")
refusal("ios_enroll_without_ca", "ios.md 1.4", "enrolment before the CA is there")
refusal("ios_import_without_request", "ios.md 1.5", "an own certificate where no request waits")
refusal("ios_import_key", "ios.md 1.5", "an own certificate for another key than the request's, or after the key was made anew")
refusal("ios_import_issuer", "ios.md 1.5", "an own certificate that the trustpoint's CA has not signed")
refusal("ios_import_dates", "ios.md 1.3", "an own certificate whose time is not now")
refusal("ios_delete_unknown", "ios.md 1.8", "deleting a trustpoint that is not there")
refusal("ios_revert_archive", "ios.md 3", "a revert timer without an archive")
refusal("ios_caller_trust", "ios.md 1.7", "a TLS caller whose certificate leads to no trustpoint")
refusal("ios_called_trust", "ios.md 1.7", "a TLS far end whose certificate leads to no trustpoint")
refusal("ios_called_name", "ios.md 2", "a TLS far end without its name in the certificate, where cn-san-validate asks for it")
