"""What no source settles about the OS Administration pages, as switches; and what they must refuse.

Public are: the login (`j_security_check`, `appNav`, `j_username`, `j_password`), the Struts 2 token and that every answer brings the next one,
`certificateFindList.do` with its query, `certificateUpload.do` with the ids NAME and FILE, the class `cuesButton`, the labels of the
administration and security guides (vos.md 1.4; id:2414284080, id:47173098050, id:35826467343, id:63257434760, id:63436019081, id:63089276546).
Names of all other fields, and how a page is laid out, are the lab's own.
"""

from __future__ import annotations

from lab.core.refusals import refusal
from lab.core.variants import variant

SHEET = "vos.md 1.4"

variant("os_admin_no_session", ("login_page", "redirect"), "login_page", SHEET,
        "what a request without a session gets: the login page with status 200, or a redirect to it")
variant("os_admin_token", ("struts2", "struts1", "query"), "struts2", "id:2414284080 (12.5); other names inferred",
        "the token of a form: struts.token.name and the field it names, the field of Struts 1, or a part of the action's query")
variant("os_admin_fields", ("upper", "bean", "coded"), "upper", f"{SHEET} (unknown)", "how fields are named: three inventions of the lab's own")
variant("os_admin_layout", ("cells", "labels"), "cells", f"{SHEET} (unknown)", "a field's name in the table cell before it, or in a <label for=...>")
variant("os_admin_buttons", ("input", "button"), "input", SHEET,
        "the button of a form: input.cuesButton whose onclick submits, or a <button> that is part of what is sent")
variant("os_admin_links", ("anchor", "popup"), "anchor", f"{SHEET} (unknown)", "the list's buttons as links, or as buttons that open a window")
variant("os_admin_paths", ("recalled", "other"), "recalled", f"{SHEET} (recall)", "paths of the pages that no source names")
variant("os_admin_change", ("static", "submit"), "static", f"{SHEET} (unknown)",
        "whether another choice of purpose or distribution makes the page submit itself and come back changed")
variant("os_admin_multi_server_label", ("Multi-server(SAN)", "Multi-Server (SAN)", "Multi-Server SAN"), "Multi-server(SAN)",
        "id:63137111536, guide step 2, id:63121582915", "how the choice of Distribution is written")
variant("os_admin_words", ("documented", "short"), "documented", "id:63475791504, id:63121582915", "what a page says when it has done its work")
variant("os_admin_monitor_labels", ("security_guide", "os_guide"), "security_guide", "id:63436019081, id:63089276546",
        "labels of the e-mail fields of Certificate Monitor")
variant("os_admin_monitor_lsc", ("shown", "missing"), "shown", "guide; id:63089276546 lacks it", "whether Certificate Monitor offers LSC monitoring")
variant("os_admin_revocation", ("shown", "with_crl", "missing"), "shown", "vos.md 3; id:63428964096 (CRL from 14SU3)",
        "whether there is a Certificate Revocation page, and whether it speaks of revocation lists, too")
variant("os_admin_confirmation", ("none", "page"), "none", f"{SHEET} (unknown)", "whether a change is asked about on a page of its own")
variant("os_admin_settings_reach", ("cluster", "node"), "cluster", "vos.md 8 (storage unknown)",
        "whether monitoring and revocation hold for all nodes of the cluster or for the one they are set on")

refusal("os_admin_login", SHEET, "a login with a wrong name or password")
refusal("os_admin_session", SHEET, "a request without a session")
refusal("os_admin_token", "id:2414284080", "a form without its token, or with one that is used up")
refusal("os_admin_form", f"{SHEET} (inferred)", "a form that lacks one of its fields, or has one that the page did not offer")
refusal("os_admin_choice", f"{SHEET} (inferred)", "a value that a list or a pair of buttons does not offer")
refusal("os_admin_file", f"{SHEET} (inferred)", "an upload without a file")
refusal("os_admin_settings", "id:63089276546, id:63436019081", "settings of monitoring and revocation that make no sense")
