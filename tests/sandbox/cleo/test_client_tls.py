"""TLS: an unknown certificate is refused, our own CA bundle is taken, and a broken connection is told apart."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from airflow_provider_sagex3_cleo import errors as e
from airflow_provider_sagex3_cleo.cleo.client import CleoClient
from airflow_provider_sagex3_cleo.cleo.settings import CleoSettings
from airflow_provider_sagex3_cleo.sandbox.cleo_fake import CleoFake

FOLDER = "outbound/850"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that is its own CA, and its key."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sandbox")])
    built = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("tls")
    (folder / "cert.pem").write_bytes(built.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )  # fmt: skip
    return folder / "cert.pem", folder / "key.pem"


@pytest.fixture
def cleo(certificate: tuple[Path, Path]) -> Iterator[CleoFake]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    with CleoFake(users={"edi": "pw"}, folders=(FOLDER,), tls=context) as fake:
        yield fake


def client(cleo: CleoFake, schema: str = "https", **extras: str) -> CleoClient:
    given = {"environment": "test"} | extras
    return CleoClient(CleoSettings.from_connection("c", "127.0.0.1", cleo.server.port, schema, "edi", "pw", given))


def test_an_unknown_certificate_is_refused_with_the_remedy(cleo: CleoFake) -> None:
    with client(cleo) as cautious, pytest.raises(e.TlsRejected, match="`verify`"):
        cautious.upload(FOLDER, "a.edi", b"x")
    assert cleo.server.log() == []


def test_the_sites_own_ca_bundle_is_taken(cleo: CleoFake, certificate: tuple[Path, Path]) -> None:
    with client(cleo, verify=str(certificate[0])) as trusting:
        assert trusting.upload(FOLDER, "a.edi", b"x").status == 201


def test_an_answer_lost_over_tls_is_unknown_and_no_fault_of_the_certificate(
    cleo: CleoFake, certificate: tuple[Path, Path]
) -> None:
    with client(cleo, verify=str(certificate[0])) as trusting:
        cleo.cut_upload("after")
        with pytest.raises(e.AnswerLost):
            trusting.upload(FOLDER, "a.edi", b"x")
    assert len(cleo.store.journal()) == 1
