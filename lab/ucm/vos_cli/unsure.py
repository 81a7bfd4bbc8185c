"""What no source settles about the command line, as variants, and what it must refuse. Imported for its registrations."""

from __future__ import annotations

from lab.core.refusals import refusal
from lab.core.variants import variant

variant("cli_pager", ("press-enter", "options"), "press-enter", "vos.md 6; unicon's VOS patterns know both", "text and keys of the pager")
variant("cli_typing", ("any-speed", "slow-keys"), "any-speed", "vos.md 6", "questions lose keys that arrive too fast")
variant("cli_crlf", ("one-enter", "two-enters"), "one-enter", "vos.md 6", "whether CR LF counts as one Enter key or two")
variant("cli_prompt", ("plain", "ansi"), "plain", "vos.md 6, transcript 01; unicon's VOS patterns", "an erase-line sequence before the prompt")
variant("cli_echo_wrap", ("plain", "wrapped"), "plain", "vos.md 6", "echo of a long line is broken at the window's width")
variant("cli_login_nudge", ("unneeded", "needed"), "unneeded", "vos.md 6", "some nodes show the first prompt only after an Enter")
variant("cli_yes_no_key", ("key", "line"), "key", "vos.md 6", "(y/n) takes one key, or a key and Enter")
variant("cli_paste_end", ("end-line", "empty-line"), "end-line", "vos.md 1.1, transcript 13", "what ends a pasted certificate")
variant("cli_version_label", ("active-master", "active"), "active-master", "vos.md 3", "label of `show version active`")
variant("cli_network_cluster", ("full", "old", "wrapped"), "full", "vos.md 3", "layout of `show network cluster`")
variant("cli_replication_layout", ("new", "old"), "new", "id:63550708979, id:40943692527", "layout of `utils dbreplication runtimestate`")
variant("cli_sql_empty", ("header", "nothing"), "header", "vos.md 3", "what `run sql` prints for no rows")
variant("cli_service_head", ("short", "full"), "short", "vos.md 3; id:63135403676, id:63326044654", "platform services and status lines above the list")
variant("cli_command_successful", ("printed", "absent"), "printed", "vos.md 1.1 and 3", "`Command successful` after some commands")
variant("cli_restart_prompt", ("after-started", "after-starting"), "after-started", "vos.md 3", "`utils service restart` returns before the service is up")
variant("cli_csr_ou", ("release", "asked", "not-asked"), "release", "vos.md 1.1", "`set csr gen` asks for the OU (release: from 14 on)")
variant("cli_csr_spacing", ("one", "two"), "one", "vos.md 1.1, transcript 13", "blanks in `Successfully Generated CSR for`")
variant("cli_csr_label", ("request", "sign-request", "new-request"), "request", "vos.md 1.1", "BEGIN line of `show csr own`")
variant("cli_csr_argument", ("either", "file-only"), "either", "vos.md 1.1", "`show csr own tomcat` works besides tomcat/tomcat.csr")
variant("cli_cert_labels", ("release", "issuer-name", "issuer-dn"), "release", "vos.md 1.1", "labels of `show cert` (release: from 15 on the new ones)")
variant("cli_cert_description", ("signed-by", "ca-signed", "signed"), "signed-by", "vos.md 1.1", "how the list describes a certificate of a CA")
variant("cli_cert_trust_pem", ("absent", "present"), "absent", "id:32477123990, id:43310779972", "whether `show cert trust` ends with the PEM, as `own` does")
variant("cli_cert_delete", ("silent", "asks"), "silent", "vos.md 1.1 and 8", "`set cert delete` asks first")
variant("cli_ctl_tail", ("reset-phones", "restart-services"), "reset-phones", "vos.md 2, transcript 14", "what mixed mode tells to restart")
variant("cli_sipoauth", ("plain", "asks", "silent"), "plain", "vos.md 2 and 8 (not published)", "output of `utils sipOAuth-mode enable` and disable")
variant("cli_sipoauth_status", ("sentence", "number", "absent"), "sentence", "vos.md 2 and 8 (not published)", "output of `utils sipOAuth-mode status`")
variant("cli_service_activate", ("states", "sentence"), "states", "vos.md 3 and 8", "output of `utils service activate` and deactivate")
variant("cli_export_case", ("title", "upper"), "title", "vos.md 3", "Allowed or ALLOWED in the licence status")
variant("cli_multi_server_import_before_15", ("works", "refused"), "works", "vos.md 0 and 8 (support statement of 14SU2)",
        "`set cert import own` of a multi-server certificate before 14SU2")
variant("cli_cuc_cluster_status", ("full", "short"), "full", "vos.md 4 (layout recall; states: id:56067390907)", "layout of `show cuc cluster status`")
variant("cli_cuc_status", ("sentence", "word"), "sentence", "vos.md 4 (not published)", "output of `utils cuc encryption status` and its like")
variant("cli_backup_history", ("table", "no-history", "agent-down", "last-failed"), "table", "id:1374479898, id:51827004046", "past backups")
variant(
    "replication_state", ("good", "broken", "in-progress", "database-down"), "good", "vos.md 3", "state of the cluster's database replication"
)

refusal("cli_account_lockout", "vos.md 6", "after three wrong passwords the right one is refused, too, for 300 s")
refusal("cli_session_limit", "vos.md 6", "a node serves ten sessions at most")
refusal("cli_unknown_argument", "lab.md 5", "a command with words that it does not know fails")
