"""OS Administration asked as a browser asks it: pages found by their words, forms sent back whole (vos.md 1.4)."""

from __future__ import annotations

import asyncio
import subprocess

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from lab.core.variants import VARIANTS
from lab.os_admin import unsure  # noqa: F401  (registers the variants)
from tests.lab.axl_lab import Lab
from tests.lab.enterprise import CM
from tests.lab.enterprise import with_products
from tests.lab.os_admin_client import Browser

USER, PASSWORD = "administrator", "Platform-1"
READINGS = [(name, value) for name, entry in sorted(VARIANTS.items()) if name.startswith("os_admin_") for value in entry.values]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    lab = Lab(tmp_path_factory.mktemp("os-admin"), 5, "12.5")
    lab.snapshot("day0")
    yield lab
    lab.close()


@pytest.fixture
def lab(whole):
    whole.restore("day0")
    return whole


@pytest.fixture
def browser(lab):
    return logged_in(lab)


def logged_in(lab, name="us-cm-pub"):
    browser = Browser(lab.world.node(name))
    browser.log_in(USER, PASSWORD)
    return browser


def writes(lab):
    return [(entry.node, entry.operation, entry.detail.get("object"), entry.detail.get("refused"))
            for entry in lab.world.journal.entries(writes=True) if entry.channel == "os_admin"]


def chain(lab):
    return [one.public_bytes(Encoding.PEM).decode() for one in lab.world.ca.chain]


def trust(browser, lab, store="tomcat-trust", description="Enterprise CA"):
    for pem in reversed(chain(lab)):
        browser.send("GET", "certificateFindList.do")
        browser.follow("Upload Certificate/Certificate chain")
        browser.press_with("Upload", {"Certificate Purpose": store, "Description(friendly name)": description},
                           ("Upload File", ("ca.pem", pem.encode())))


def make_request(browser, lab, unit="tomcat", multi=True, name="us-cm-pub-ms.ent-pa.com"):
    browser.send("GET", "certificateFindList.do")
    browser.follow("Generate CSR")
    distribution = lab.world.variant("os_admin_multi_server_label") if multi else "us-cm-pub.ent-pa.com"
    return browser.press_with("Generate", {"Certificate Purpose": unit, "Distribution": distribution, "Common Name": name})


def get_request(browser, unit="tomcat"):
    browser.send("GET", "certificateFindList.do")
    browser.follow("Download CSR")
    return browser.press_with("Download CSR", {"Certificate Purpose": unit})


def upload(browser, unit, content):
    browser.send("GET", "certificateFindList.do")
    browser.follow("Upload Certificate/Certificate chain")
    return browser.press_with("Upload", {"Certificate Purpose": unit}, ("Upload File", (f"{unit}.pem", content)))


# ---- login and sessions


def test_login_leads_on_to_the_page_that_was_asked_for(lab):
    browser = Browser(lab.world.node("us-cm-pub"))
    browser.send("GET", "certificateUpload.do")
    assert browser.is_login() and browser.answer.status_code == 200
    browser.submit(browser.form("j_username"), {"j_username": USER, "j_password": PASSWORD})
    assert browser.title == "Upload Certificate/Certificate chain" and "Logout" in browser.answer.text
    browser.follow("Logout")
    browser.send("GET", "certificateUpload.do")
    assert browser.is_login()


def test_the_public_tools_login_works(lab):
    """As id:47173098050 does it: the password first, then pages (no page before)."""
    browser = Browser(lab.world.node("us-cm-pub"))
    browser.send("POST", "j_security_check", data={"appNav": "cmplatform", "j_username": USER, "j_password": PASSWORD})
    browser.send("GET", "certificateUpload.do")
    assert len(browser.page.xpath("//input[@name='token']/@value")[0]) == 32
    assert browser.page.xpath("//select[@id='NAME']") and browser.page.xpath("//input[@id='FILE' and @type='file']")


def test_a_request_without_a_session_is_refused(lab):
    browser = Browser(lab.world.node("us-cm-pub"))
    browser.send("GET", "certificateFindList.do?sortColumn=expiration")
    assert browser.is_login() and "tomcat" not in browser.answer.text


def test_wrong_passwords_are_refused_and_lock_the_account_for_the_command_line_too(lab):
    browser = Browser(lab.world.node("us-cm-sub1"))
    for _attempt in range(3):
        browser.log_in(USER, "wrong")
        assert browser.is_login() and browser.status == ["Error: Log on failed - Invalid User ID or Password"]
    browser.log_in(USER, PASSWORD)
    assert browser.is_login()
    assert lab.call(lambda: lab._lab._shells["us-cm-sub1"].login(USER, PASSWORD)) is False
    assert "wrong" not in str([entry.detail for entry in lab.world.journal.entries() if entry.detail.get("user") is None])


def test_a_wrong_password_gets_no_page(lab):
    browser = Browser(lab.world.node("us-cm-pub"))
    browser.log_in(USER, "wrong")
    browser.send("GET", "certificateFindList.do")
    assert browser.is_login()


def test_half_an_hour_of_silence_ends_a_session(lab, browser):
    lab.call(lambda: lab.world.clock.advance(1790))
    browser.send("GET", "certificateMonitor.do")
    lab.call(lambda: lab.world.clock.advance(1790))
    browser.send("GET", "certificateMonitor.do")
    assert not browser.is_login()
    lab.call(lambda: lab.world.clock.advance(1810))
    form = browser.form("Save")
    browser.submit(form, {}, browser.buttons(form, "Save")[0])
    assert browser.is_login()
    assert writes(lab)[-1] == ("us-cm-pub", "POST certificateMonitor.do", None, "no session")


def test_a_restart_of_tomcat_ends_sessions(lab, browser):
    async def restart():
        await lab.world.node("us-cm-pub").services.restart("Cisco Tomcat")

    lab.do(restart())
    browser.send("GET", "certificateMonitor.do")
    assert browser.is_login()


def test_without_a_session_a_redirect_leads_to_the_login(lab):
    lab.world.set_variant("os_admin_no_session", "redirect")
    browser = Browser(lab.world.node("us-cm-pub"))
    browser.send("GET", "certificateMonitor.do", allow_redirects=False)
    assert browser.answer.status_code == 302
    browser.log_in(USER, PASSWORD)
    browser.send("GET", "certificateMonitor.do")
    assert browser.title == "Certificate Monitor"


# ---- forms


def test_a_token_is_needed_and_used_up(lab, browser):
    browser.send("GET", "certificateMonitor.do")
    form = browser.form("Save")
    sent = dict(form.form_values())
    browser.submit(form, {}, browser.buttons(form, "Save")[0])
    assert browser.status == ["Update successful"]
    for data in (sent, {key: value for key, value in sent.items() if key != "token"}):
        browser.send("POST", "certificateMonitor.do", data=data)
        assert browser.status == ["Error: The form has already been processed or no token was supplied, please try again."]
    assert [refused is None for _node, _operation, _about, refused in writes(lab)[-3:]] == [True, False, False]


def test_another_page_makes_the_token_of_the_first_stale(lab, browser):
    browser.send("GET", "certificateMonitor.do")
    form = browser.form("Save")
    browser.send("GET", "certificateUpload.do")
    browser.submit(form, {})
    assert "no token" in browser.status[0]


@pytest.mark.parametrize("change", [lambda sent: sent.pop("frequency"), lambda sent: sent.update(strange="1")], ids=["less", "more"])
def test_a_form_that_is_not_whole_is_refused(lab, browser, change):
    unknown = lab.world.unknown
    browser.send("GET", "certificateMonitor.do")
    sent = dict(browser.form("Save").form_values())
    change(sent)
    browser.send("POST", "certificateMonitor.do", data=sent)
    assert browser.status == ["Error: The request is not valid"] and lab.world.unknown == unknown + 1


def test_a_choice_that_the_page_does_not_offer_is_refused(lab, browser):
    browser.send("GET", "certificateGenerateNewCsr.do")
    sent = dict(browser.form("Generate").form_values(), hashAlgorithm="MD5")
    browser.send("POST", "certificateGenerateNewCsr.do", data=sent)
    assert browser.status == ["Error: Invalid value for Hash Algorithm"]
    assert lab.world.node("us-cm-pub").certificates.request("tomcat") is None


def test_unknown_pages_are_counted(lab, browser):
    unknown = lab.world.unknown
    assert browser.send("GET", "somethingElse.do").status_code == 404
    assert lab.world.unknown == unknown + 1


# ---- certificates


def whole_way(lab, browser):
    """Trust, request, signature, upload, as the guide's steps 1 to 5 go."""
    trust(browser, lab)
    assert browser.status[0] == "Success: Certificate Uploaded"
    make_request(browser, lab)
    assert browser.status[0] == "Success: Certificate Signing Request Generated"
    answer = get_request(browser)
    assert answer.headers["Content-Disposition"] == 'attachment; filename="tomcat.csr"'
    request = x509.load_pem_x509_csr(answer.content)
    names = request.extensions.get_extension_for_class(x509.SubjectAlternativeName).value.get_values_for_type(x509.DNSName)
    assert set(names) == {"us-cm-pub.ent-pa.com", "us-cm-sub1.ent-pa.com", "us-cm-sub2.ent-pa.com", "us-cm-tftp1.ent-pa.com", "ent-pa.com"}
    assert request.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value == "us-cm-pub-ms.ent-pa.com"
    issued = lab.call(lambda: lab.world.ca.sign_request(answer.text, "CollabServer").certificate)
    upload(browser, "tomcat", issued.encode())
    assert browser.status[0] == "Success: Certificate Uploaded"
    assert lab.world.node("us-cm-pub").certificates.identity("tomcat").certificate == issued
    lab.call(lambda: lab.world.clock.advance(600))
    assert lab.world.node("us-cm-sub2").certificates.identity("tomcat").certificate == issued
    return issued


def test_the_whole_way_of_a_multi_server_certificate(lab, browser, tmp_path):
    since = len(writes(lab))
    issued = whole_way(lab, browser)
    assert "Certificate upload operation successful for the nodes us-cm-pub.ent-pa.com,us-cm-sub1.ent-pa.com" in " ".join(browser.status)
    assert "Cisco Tomcat" in " ".join(browser.status)
    assert [(operation, about) for _node, operation, about, _refused in writes(lab)[since:]] == [
        ("POST certificateUpload.do", "tomcat-trust"), ("POST certificateUpload.do", "tomcat-trust"),
        ("POST certificateGenerateNewCsr.do", "tomcat (Multi-server(SAN))"), ("POST certificateUpload.do", "tomcat")]
    (tmp_path / "leaf.pem").write_text(issued)
    (tmp_path / "root.pem").write_text(chain(lab)[1])
    (tmp_path / "issuing.pem").write_text(chain(lab)[0])
    subprocess.run(["openssl", "verify", "-x509_strict", "-no_check_time", "-purpose", "sslserver", "-CAfile", tmp_path / "root.pem", "-untrusted",
                    tmp_path / "issuing.pem", tmp_path / "leaf.pem"], check=True, capture_output=True)


@pytest.mark.parametrize(("name", "value"), READINGS)
def test_the_whole_way_under_every_reading(lab, name, value):
    lab.world.set_variant(name, value)
    whole_way(lab, logged_in(lab))
    assert len([one for one in lab.world.journal.entries(writes=True) if one.channel == "os_admin" and one.detail.get("object")][-4:]) == 4


@pytest.mark.parametrize("fields", ["bean", "coded"])
@pytest.mark.parametrize("token", ["struts1", "query"])
def test_the_whole_way_when_everything_is_otherwise(lab, fields, token):
    for name, value in {"fields": fields, "token": token, "layout": "labels", "buttons": "button", "links": "popup", "paths": "other", "change": "submit",
                        "multi_server_label": "Multi-Server SAN", "words": "short", "confirmation": "page", "no_session": "redirect"}.items():
        lab.world.set_variant(f"os_admin_{name}", value)
    whole_way(lab, logged_in(lab))


def test_a_form_that_submits_itself_shows_what_belongs_to_the_choice(lab):
    lab.world.set_variant("os_admin_change", "submit")
    browser = logged_in(lab)
    before = len(writes(lab))
    browser.send("GET", "certificateGenerateNewCsr.do")
    assert browser.value("Generate", "Common Name") == "us-cm-pub.ent-pa.com"
    browser.fill(browser.form("Generate"), "Distribution", "Multi-server(SAN)")
    assert browser.value("Generate", "Common Name") == "us-cm-pub-ms.ent-pa.com"
    assert "us-cm-sub1.ent-pa.com" in browser.value("Generate", "Auto-populated Domains")
    assert browser.value("Generate", "Parent Domain") == "ent-pa.com"
    browser.fill(browser.form("Generate"), "Certificate Purpose", "CAPF")
    assert browser.choices("Generate", "Distribution") == ["us-cm-pub.ent-pa.com"]
    browser.fill(browser.form("Generate"), "Certificate Purpose", "tomcat-ECDSA")
    assert browser.choices("Generate", "Key Length") == ["384", "256", "521"]
    assert len(writes(lab)) == before and lab.world.node("us-cm-pub").certificates.requests() == []


def test_names_beside_the_nodes_can_be_given(lab, browser):
    browser.send("GET", "certificateGenerateNewCsr.do")
    browser.press_with("Generate", {"Distribution": "Multi-server(SAN)", "Other Domains": "a.ent-pa.com, b.ent-pa.com", "Parent Domain": "ent-pa.org",
                                    "Key Length": "4096", "Hash Algorithm": "SHA512"})
    request = x509.load_pem_x509_csr(get_request(browser).content)
    names = set(request.extensions.get_extension_for_class(x509.SubjectAlternativeName).value.get_values_for_type(x509.DNSName))
    assert {"a.ent-pa.com", "b.ent-pa.com", "ent-pa.org"} <= names and "ent-pa.com" not in names
    assert request.public_key().key_size == 4096 and request.signature_hash_algorithm.name == "sha512"


def test_from_14_on_the_organisational_unit_is_a_choice(tmp_path):
    lab = Lab(tmp_path, 6, "15")
    try:
        browser = logged_in(lab)
        browser.send("GET", "certificateGenerateNewCsr.do")
        assert browser.value("Generate", "Include OU in CSR") is False
        browser.send("GET", "certificateFindList.do?sortColumn=expiration&sortAscend=true")
        assert "Usage" in browser.answer.text and "Common Name/Common Name_SerialNumber" in browser.answer.text
    finally:
        lab.close()


@pytest.mark.parametrize(("name", "unit", "multi", "text"), [
    ("us-cm-sub1", "tomcat", True, "Error: Multi-server (SAN) requests can be generated on the publisher only"),
    ("us-cm-pub", "CAPF", True, "Error: Certificate type CAPF does not support multi-server distribution"),
])
def test_requests_that_the_product_refuses(lab, name, unit, multi, text):
    browser = logged_in(lab, name)
    make_request(browser, lab, unit, multi)
    assert browser.status == [text]
    assert writes(lab)[-1][3] == text.removeprefix("Error: ")


def test_uploads_that_the_product_refuses(lab, browser):
    make_request(browser, lab)
    csr = get_request(browser).text
    issued = lab.call(lambda: lab.world.ca.sign_request(csr, "CollabServer").certificate)
    upload(browser, "tomcat", issued.encode())
    assert browser.status == ["Error: CA certificate is not available in the trust-store"]
    upload(browser, "CallManager", issued.encode())
    assert "CallManager.csr does not exist" in browser.status[0]
    upload(browser, "tomcat", b"rubbish")
    assert browser.status == ["Error: Certificate is not in PEM format"]
    trust(browser, lab)
    make_request(browser, lab)
    upload(browser, "tomcat", issued.encode())
    assert browser.status == ["Error: CSR public key and certificate public key do not match"]


def test_an_upload_needs_a_file(lab, browser):
    browser.send("GET", "certificateUpload.do")
    browser.press_with("Upload", {"Certificate Purpose": "tomcat-trust"})
    assert browser.status == ["Error: Select a file to upload"]


def test_a_der_file_is_taken_too(lab, browser):
    browser.send("GET", "certificateUpload.do")
    browser.press_with("Upload", {"Certificate Purpose": "CallManager-trust"}, ("Upload File", ("root.der", _der(lab))))
    assert browser.status == ["Success: Certificate Uploaded"]
    lab.call(lambda: lab.world.clock.advance(60))
    assert chain(lab)[1] in [one.certificate for one in lab.world.node("us-cm-sub1").certificates.trust("CallManager-trust")]


def _der(lab):
    return lab.world.ca.root.public_bytes(Encoding.DER)


def test_the_list_shows_nothing_before_a_search_then_filters_sorts_and_pages(lab, browser):
    browser.send("GET", "certificateFindList.do")
    assert "No active query" in browser.answer.text and not browser.page.xpath("//table[@id='certificateList']")
    find = browser.form("Find")
    browser.send("GET", find.action, params=dict(find.form_values(), text="CallManager", operator="is exactly"))
    rows = [[cell.text_content() for cell in row] for row in browser.page.xpath("//table[@id='certificateList']//tr[td]")]
    assert [row[:3] for row in rows] == [["CallManager", "us-cm-pub.ent-pa.com", "Self-signed"]]
    browser.send("GET", "certificateFindList.do?lookup=false&multiple=true&rowsPerPage=25&pageNumber=1")
    total = int(browser.page.xpath("string(//caption)").split(" of ")[1].rstrip(")"))
    seen = len(browser.page.xpath("//table[@id='certificateList']//tr[td]"))
    while browser.page.xpath("//a[.='Next Page']"):
        browser.follow("Next Page")
        seen += len(browser.page.xpath("//table[@id='certificateList']//tr[td]"))
    assert seen == total > 25
    browser.send("GET", "certificateFindList.do?sortColumn=expiration&sortAscend=true&rowsPerPage=250")
    dates = [cell.text for cell in browser.page.xpath("//table[@id='certificateList']//tr/td[7]")]
    assert len(dates) == total and dates == sorted(dates, key=lambda text: (text[6:], text[:5]))


def test_a_pending_request_is_in_the_list(lab, browser):
    make_request(browser, lab)
    browser.send("GET", "certificateFindList.do?rowsPerPage=250")
    rows = [[cell.text_content() for cell in row] for row in browser.page.xpath("//table[@id='certificateList']//tr[td]")]
    assert ["tomcat", "us-cm-pub-ms.ent-pa.com", "CSR Only", "RSA", "Multi-server(SAN)", "--", "--", "\xa0"] in rows


def test_details_files_deletion_and_regeneration(lab, browser):
    trust(browser, lab)
    lab.call(lambda: lab.world.clock.advance(60))
    browser.send("GET", "certificateFindList.do?rowsPerPage=250")
    browser.follow("Enterprise Root CA")
    assert browser.title == "Certificate Details" and "Enterprise CA" in browser.answer.text
    details = browser.answer.url
    assert browser.follow("Download .PEM File").text == chain(lab)[1]
    assert browser.follow("Download .DER File").content == _der(lab)
    browser.send("GET", details)
    browser.press("Delete")
    assert browser.status[0] == "Success: Certificate deleted"
    assert all(chain(lab)[1] not in [one.certificate for one in node.certificates.trust("tomcat-trust")] for node in lab.world.nodes())
    browser.send("GET", details)
    assert browser.status == ["Error: The certificate does not exist"]
    before = lab.world.node("us-cm-pub").certificates.identity("ipsec")
    browser.send("GET", "certificateEdit.do?cert=ipsec&file=ipsec")
    browser.press("Regenerate")
    assert lab.world.node("us-cm-pub").certificates.identity("ipsec") != before
    assert writes(lab)[-1][1:3] == ("POST certificateRegenerate.do", "ipsec/ipsec")


@pytest.mark.parametrize(("name", "unit", "names", "purposes"), [
    ("us-imp-pub", "cup-xmpp", {"us-imp-pub", "us-imp-sub1"}, {"cup-xmpp", "cup-xmpp-s2s", "cup-xmpp-trust", "tomcat-trust"}),
    ("us-cuc-pub", "tomcat", {"us-cuc-pub", "us-cuc-sub"}, {"tomcat", "tomcat-trust", "CallManager-trust"}),
    ("us-cm-pub", "tomcat", {"us-cm-pub", "us-cm-sub1", "us-imp-pub", "us-imp-sub1"}, {"CallManager", "CAPF", "CAPF-trust"}),
])
def test_every_product_has_the_pages(run_lab, name, unit, names, purposes):
    async def scenario(lab):
        node = lab.world.node(name)

        def ask():
            browser = Browser(node)
            browser.log_in("osadmin", "lab-pass-1")
            browser.send("GET", "certificateUpload.do")
            offered = set(browser.choices("Upload", "Certificate Purpose"))
            browser.send("GET", "certificateGenerateNewCsr.do")
            browser.press_with("Generate", {"Certificate Purpose": unit, "Distribution": "Multi-server(SAN)", "Common Name": f"{name}-ms.ent-pa.com"})
            return offered, browser.status, browser.answer.text

        offered, status, text = await asyncio.to_thread(ask)
        assert purposes <= offered and status[0] == "Success: Certificate Signing Request Generated"
        assert all(f"{one}.ent-pa.com" in status[1] for one in names)
        assert ("IM and Presence" in text) is name.startswith("us-imp")
        asked = x509.load_pem_x509_csr(node.certificates.request(unit).csr.encode())
        held = asked.extensions.get_extension_for_class(x509.SubjectAlternativeName).value.get_values_for_type(x509.DNSName)
        assert {f"{one}.ent-pa.com" for one in names} <= set(held)

    run_lab(scenario, names=CM, change=with_products())


# ---- monitoring and revocation


def test_certificate_monitor_is_kept_and_read_back(lab, browser):
    browser.follow("Certificate Monitor")
    assert browser.value("Save", "Notification Start Time") == "30" and browser.value("Save", "Days") is True
    browser.press_with("Save", {"Notification Start Time": "60", "Notification Frequency": "12", "Hours": True, "Enable E-mail Notification": True,
                                "E-mail IDs": "uc@ent-pa.com;pki@ent-pa.com", "Enable LSC Monitoring": True})
    assert browser.status == ["Update successful"] and writes(lab)[-1][2] == "certificate monitor"
    other = logged_in(lab, "us-cm-sub1")
    other.follow("Certificate Monitor")
    assert [other.value("Save", label) for label in ("Notification Start Time", "Notification Frequency", "Hours", "E-mail IDs", "Enable LSC Monitoring")] == [
        "60", "12", True, "uc@ent-pa.com;pki@ent-pa.com", True]


def test_certificate_monitor_may_lack_lsc_and_hold_for_one_node(lab, browser):
    lab.world.set_variant("os_admin_monitor_lsc", "missing")
    lab.world.set_variant("os_admin_monitor_labels", "os_guide")
    lab.world.set_variant("os_admin_settings_reach", "node")
    browser.follow("Certificate Monitor")
    assert "LSC" not in browser.answer.text
    browser.press_with("Save", {"Notification Start Time": "90", "Enable Email Notification": True, "Email ID": "uc@ent-pa.com"})
    other = logged_in(lab, "us-cm-sub1")
    other.follow("Certificate Monitor")
    assert other.value("Save", "Notification Start Time") == "30"


@pytest.mark.parametrize("fields", [
    {"Notification Start Time": "soon"}, {"Notification Frequency": "0"}, {"Enable E-mail Notification": True},
    {"E-mail IDs": "a@ent-pa.com; b@ent-pa.com"}, {"E-mail IDs": "nobody"},
])
def test_monitor_settings_that_make_no_sense_are_refused(lab, browser, fields):
    browser.follow("Certificate Monitor")
    browser.press_with("Save", fields)
    assert browser.status[0].startswith("Error: ") and writes(lab)[-1][3]
    browser.follow("Certificate Monitor")
    assert browser.value("Save", "Notification Start Time") == "30" and browser.value("Save", "E-mail IDs") == ""


def test_revocation_is_kept_and_read_back(lab, browser):
    browser.follow("Certificate Revocation")
    assert browser.value("Save", "Enable OCSP") is False
    browser.press_with("Save", {"Enable OCSP": True, "Use Configured OCSP URI": True, "OCSP Configured URI": "http://us-ca.ent-pa.com:20080/ocsp",
                                "Enable Revocation Check": True, "Check Every": "24", "Hours": True})
    assert browser.status[0] == "Update successful" and "restart" in browser.status[1]
    browser.follow("Certificate Revocation")
    assert [browser.value("Save", label) for label in ("Enable OCSP", "Use Configured OCSP URI", "OCSP Configured URI", "Check Every", "Hours")] == [
        True, True, "http://us-ca.ent-pa.com:20080/ocsp", "24", True]


def test_the_revocation_page_may_be_missing_or_know_lists(lab):
    lab.world.set_variant("os_admin_revocation", "missing")
    browser = logged_in(lab)
    assert "Certificate Revocation" not in browser.answer.text
    assert browser.send("GET", "certificateRevocation.do").status_code == 404
    lab.world.set_variant("os_admin_revocation", "with_crl")
    browser.send("GET", "certificateRevocation.do")
    browser.press_with("Save", {"Enable CRL": True, "CRL Distribution Point URI": "http://us-ca.ent-pa.com/root.crl"})
    assert browser.value("Save", "Enable CRL") is True


@pytest.mark.parametrize("fields", [
    {"Enable OCSP": True, "Use Configured OCSP URI": True}, {"OCSP Configured URI": "us-ca"}, {"Enable Revocation Check": True},
    {"Enable Revocation Check": True, "Check Every": "-1"},
])
def test_revocation_settings_that_make_no_sense_are_refused(lab, browser, fields):
    browser.follow("Certificate Revocation")
    browser.press_with("Save", fields)
    assert browser.status[0].startswith("Error: ")
    browser.follow("Certificate Revocation")
    assert browser.value("Save", "Enable OCSP") is False and browser.value("Save", "Check Every") == ""


@pytest.mark.parametrize("page", ["Certificate Monitor", "Certificate Revocation"])
@pytest.mark.parametrize(("name", "value"), [one for one in READINGS if one[0] not in ("os_admin_monitor_labels", "os_admin_revocation")])
def test_settings_under_every_reading(lab, page, name, value):
    lab.world.set_variant(name, value)
    browser = logged_in(lab)
    browser.follow(page)
    browser.press_with("Save", {"Notification Frequency": "3"} if page == "Certificate Monitor" else {"Enable Revocation Check": True, "Check Every": "3"})
    browser.follow(page)
    assert browser.value("Save", "Notification Frequency" if page == "Certificate Monitor" else "Check Every") == "3"


# ---- snapshots and faults


def test_snapshots_hold_settings_and_sessions(lab, browser):
    lab.snapshot("logged-in")
    browser.follow("Certificate Monitor")
    browser.press_with("Save", {"Notification Start Time": "99"})
    lab.restore("logged-in")
    browser.follow("Certificate Monitor")
    assert browser.value("Save", "Notification Start Time") == "30"
    lab.restore("day0")
    browser.send("GET", "certificateMonitor.do")
    assert browser.is_login()


@pytest.mark.parametrize(("phase", "kept"), [("before", "30"), ("after", "45")])
def test_a_session_lost_in_the_middle(lab, browser, phase, kept):
    lab.world.faults.add({"action": "expire", "channel": "os_admin", "operation": "POST certificateMonitor.do", "phase": phase})
    browser.follow("Certificate Monitor")
    browser.press_with("Save", {"Notification Start Time": "45"})
    assert browser.is_login()
    browser.submit(browser.form("j_username"), {"j_username": USER, "j_password": PASSWORD})
    browser.follow("Certificate Monitor")
    assert browser.value("Save", "Notification Start Time") == kept


def test_a_page_that_changed(lab, browser):
    lab.world.faults.add({"action": "status", "status": 200, "body": "<html><head><title>Certificate Monitor</title></head><body><form><table><tr>"
                          "<td class='cuesFieldLabel'>Warn me</td><td><input type='text' name='w'></td></tr></table></form></body></html>",
                          "channel": "os_admin", "operation": "GET certificateMonitor.do"})
    browser.follow("Certificate Monitor")
    assert browser.answer.headers["Content-Type"].startswith("text/html") and "Warn me" in browser.answer.text
    browser.send("GET", "certificateMonitor.do")
    assert browser.value("Save", "Notification Start Time") == "30"
