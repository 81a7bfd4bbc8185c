"""What no source settles about the Expressway's command line, as variants, and what it must refuse. Imported for its registrations."""

from __future__ import annotations

from lab.core.refusals import refusal
from lab.core.variants import variant

SHEET = "expressway.md 2.1 (open)"

variant("expressway_cli_end", ("end", "blank", "stars"), "end", SHEET + "; id:6854125261 has `*s/end` and OK",
        "what ends a list before OK: `*c/end` and a blank line, a blank line alone, or `** end`")
variant("expressway_cli_done", ("ok", "blank_ok", "end_ok"), "blank_ok", SHEET, "what a successful write prints: OK, a blank line and OK, or `*c/end` as well")
variant("expressway_cli_error", ("error", "status_then_ok", "text"), "error", SHEET,
        "how a failure looks: a result with status=Error that ends with ERROR, one that ends with OK as on codecs, or plain text")
variant("expressway_cli_verbs", ("joined", "spaced", "release", "both"), "joined", "expressway.md 2.1 and 7 (5)",
        "spelling of xCommand: ZoneAdd, Zone Add, the first before X15 and the second from then on, or either")
variant("expressway_cli_quoted_choice", ("accepted", "refused"), "accepted", SHEET, "whether a value such as On may stand in quotation marks on input")
variant("expressway_cli_output_quotes", ("all", "text_only"), "all", "transcript cli_dnszone_xconfig_lines; expressway.md 2.1",
        "whether all values are quoted in output, or texts alone")
variant("expressway_cli_greeting", ("banner", "bare"), "banner", "id:6737837400 (the words); the layout is ours", "what a session begins with")
variant("expressway_cli_unset", ("listed", "left_out"), "listed", SHEET, "whether settings without a value are listed")
variant("expressway_cli_exec", ("refused", "runs"), "refused", "no source", "whether a command can be given to ssh on its command line")
variant("expressway_cli_sessions", ("several", "one"), "several", "expressway.md 7 (9)", "how many sessions one account may have")

refusal("expressway_cli_account", "expressway.md 2.1", "an account other than admin and root by SSH")
refusal("expressway_cli_login", "expressway.md 2.1", "a wrong password by SSH")
refusal("expressway_cli_session", "expressway.md 7 (9)", "a further session of an account (where one is all it may have)")
refusal("expressway_cli_unknown", "lab.md 5", "a path, verb or parameter that the release does not have")
refusal("expressway_cli_value", "RM150", "a value that its setting or parameter does not take")
refusal("expressway_cli_missing", "RM150", "a command without one of its required parameters")
refusal("expressway_cli_subject", "RM150", "TLS Verify Mode On of a traversal server zone without a TLS verify subject name")
refusal("expressway_cli_index", "RM150", "deletion of an object that is not there")
refusal("expressway_cli_acme_reset", "RM150", "ACME Reset while ACME is enabled")
