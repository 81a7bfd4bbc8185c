"""The login page, and what stands behind it: `j_security_check` with `appNav`, `j_username`, `j_password` (id:2414284080)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.os_admin import html

if TYPE_CHECKING:
    from lab.core.world import Node

PATH = "showLogin.do"
CHECK = "j_security_check"
FAILED = "Error: Log on failed - Invalid User ID or Password"
BODY = """<form name="logonForm" method="post" action="/cmplatform/j_security_check" autocomplete="off">
<input type="hidden" name="appNav" value="cmplatform">
<table><tr><td>&nbsp;</td><td><table>
<tr><td class="cuesLoginLabel">Username</td></tr><tr><td><input type="text" name="j_username" size="25" maxlength="128"></td></tr>
<tr><td class="cuesLoginLabel">Password</td></tr><tr><td><input type="password" name="j_password" size="25" maxlength="128"></td></tr>
<tr><td><button type="submit" class="cuesLoginButton">Login</button><button type="reset" class="cuesLoginButton">Reset</button></td></tr>
</table></td></tr></table></form>"""


def page(node: Node, failed: bool = False) -> str:
    """The page."""
    return html.page(html.product(node.product), BODY, (FAILED,) if failed else ())
