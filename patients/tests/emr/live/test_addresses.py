import ssl
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from patients.emr.addresses import PinnedTransport, check_url, is_public, place_of, same_origin
from patients.emr.errors import AddressRefused, NameUnknown
from tests.doubles.fhir import FhirDouble

pytestmark = pytest.mark.usefixtures("public_server")
GOOD = "https://fhir.epic.com/api/FHIR/R4"
REFUSED = [
    "http://fhir.epic.com/R4",
    "https://example.com/R4",
    "https://fhir.epic.com.example.com/",
    "https://notepic.com/",
    "https://evil-epic.com/",
    "https://epic.com/",
    "https://fhir.epic.com@169.254.169.254/",
    "https://169.254.169.254#@fhir.epic.com/",
    "https://user:word@fhir.epic.com/",
    "https://@fhir.epic.com/",
    "https://fhir.epic.com\\@10.0.0.1/",
    "https://fhir.epic.com%2f@10.0.0.1/",
    "https://fhir.epic.com%00.example.com/",
    "https://fhir.epic.com/\r\nHost: a",
    "https://fhir.epic.com:22/",
    "https://fhir.epic.com:6379/",
    "https://fhir.epic.com:99999/",
    "https://fhir.epic.com./",
    "https://fhir..epic.com/",
    "https://-a.epic.com/",
    "https://fhir.epic。com/",
    "https://ⓕhir.epic.com/",
    "https://127.0.0.1/",
    "https://localhost/",
    "https://[::1]/",
    "https://[::ffff:169.254.169.254]/",
    "https://[fd00:ec2::254]/",
    "https://2130706433/",
    "https://0x7f.1/",
    "https://0177.0.0.1/",
    "https://10.0.0.1.epic.com:80/",
    "https://169.254.169.254/latest/meta-data/",
    "https://metadata.google.internal/",
    "file:///etc/passwd",
    "gopher://fhir.epic.com/",
    "ftp://fhir.epic.com/",
    "//fhir.epic.com/",
    "fhir.epic.com/R4",
    "javascript:alert(1)",
    "https://",
    "",
    "https://fhir.epic.com/" + "a" * 2000,
]
NOT_PUBLIC = [
    "127.0.0.1",
    "127.8.8.8",
    "0.0.0.0",
    "10.1.2.3",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "100.100.100.200",
    "192.0.0.192",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "168.63.129.16",
    "::",
    "::1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "::a00:1",
    "64:ff9b::a00:1",
    "64:ff9b::a9fe:a9fe",
    "2002:a00:1::",
    "2002:a9fe:a9fe::1",
    "fe80::1",
    "fe80::1%eth0",
    "fc00::1",
    "fd00:ec2::254",
    "fec0::1",
    "ff02::1",
    "2001:db8::1",
    "not an address",
]


@pytest.fixture
def public_server(settings):
    settings.LOCAL, settings.EMR_HOSTS = False, ["fhir.clinic.example"]


def test_hosts_of_the_vendors_and_those_that_were_allowed_may_be_called():
    for url in (GOOD, "https://FHIR-EHR.Cerner.com/r4/x", "https://fhir.clinic.example:8443/r4?_count=10"):
        assert check_url(url).host.islower()


@pytest.mark.parametrize("url", REFUSED)
def test_an_address_of_any_other_kind_is_refused_before_anything_is_looked_up(url):
    with pytest.raises(AddressRefused):
        place_of(url, look_up=lambda host, port: pytest.fail("it was looked up"))


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_a_listed_name_that_leads_into_a_network_of_ones_own_is_refused(address):
    assert not is_public(address)
    with pytest.raises(AddressRefused):
        place_of(GOOD, look_up=lambda host, port: ["93.184.215.14", address])


def test_a_name_that_leads_to_public_addresses_is_called_at_the_first():
    place = place_of(GOOD, look_up=lambda host, port: ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"])

    assert (place.host, place.address) == ("fhir.epic.com", "93.184.215.14")


def test_a_name_that_leads_nowhere_says_so():
    with pytest.raises(NameUnknown):
        place_of(GOOD, look_up=lambda host, port: [])


def test_one_origin_is_scheme_host_and_port():
    assert same_origin("https://fhir.epic.com/a", "https://FHIR.epic.com:443/b")
    assert not same_origin("https://fhir.epic.com/a", "https://fhir.epic.com:8443/a")
    assert not same_origin("https://fhir.epic.com/a", "https://open.epic.com/a")


def test_a_name_is_looked_up_once_so_that_what_it_becomes_meanwhile_does_not_matter(settings):
    settings.LOCAL = True
    answers = iter([["127.0.0.1"], ["10.0.0.1"], ["169.254.169.254"]])
    with FhirDouble() as server, PinnedTransport(look_up=lambda host, port: next(answers)) as transport:
        with httpx.Client(transport=transport) as client:
            url = server.url.replace("127.0.0.1", "localhost")
            statuses = [client.get(f"{url}/metadata").status_code for _each in range(3)]
        hosts = {asked.headers["Host"] for asked in server.asked}

    assert statuses == [200, 200, 200]
    assert next(answers) == ["10.0.0.1"]
    assert hosts == {url.removeprefix("http://")}


def test_a_rebound_name_is_refused_and_nothing_connects(settings):
    settings.LOCAL = True
    with httpx.Client(transport=PinnedTransport(look_up=lambda host, port: ["169.254.169.254"])) as client:
        for url in (GOOD, "http://localhost:1/"):
            with pytest.raises(AddressRefused):
                client.get(url)


def test_the_certificate_is_held_to_the_name_and_not_to_the_number(settings, tmp_path):
    settings.LOCAL = True
    for name, is_right in (("localhost", True), ("other.example", False)):
        pem = _certificate(name, tmp_path / f"{name}.pem")
        trusted = ssl.create_default_context(cafile=pem)
        transport = PinnedTransport(look_up=lambda host, port: ["127.0.0.1"], verify=trusted)
        with _tls_server(pem) as port, httpx.Client(transport=transport) as client:
            if is_right:
                assert client.get(f"https://localhost:{port}/").text == "here"
            else:
                with pytest.raises(httpx.ConnectError, match="certificate"):
                    client.get(f"https://localhost:{port}/")


def _certificate(name, path):
    key = ec.generate_private_key(ec.SECP256R1())
    called, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]), datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(called, called, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    return path


class _tls_server:
    """A server of one word behind a certificate."""

    def __init__(self, pem):
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(pem)

    def __enter__(self):
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _Here)
        self.server.socket = self.context.wrap_socket(self.server.socket, server_side=True)
        Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self.server.server_address[1]

    def __exit__(self, *error):
        self.server.shutdown()
        self.server.server_close()


class _Here(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "4")
        self.end_headers()
        self.wfile.write(b"here")

    def log_message(self, *words):
        """Say nothing on the screen."""
