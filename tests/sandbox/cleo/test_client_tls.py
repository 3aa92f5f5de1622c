"""TLS: an unknown certificate is refused, our own CA bundle is taken, and a broken connection is told apart."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
from urllib3.exceptions import InsecureRequestWarning

from airflow_provider_sagex3_cleo import errors as e
from airflow_provider_sagex3_cleo.cleo.client import CleoClient
from airflow_provider_sagex3_cleo.cleo.settings import CleoSettings
from airflow_provider_sagex3_cleo.sandbox.cleo_admin import CleoAdmin
from airflow_provider_sagex3_cleo.sandbox.cleo_fake import CleoFake
from airflow_provider_sagex3_cleo.sandbox.run import Sandbox
from airflow_provider_sagex3_cleo.sandbox.tls import self_signed

FOLDER = "outbound/850"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, Path]:
    """The server's context, and the CA bundle that knows its certificate."""
    return self_signed(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def bundle(served: tuple[ssl.SSLContext, Path]) -> str:
    return str(served[1])


@pytest.fixture
def cleo(served: tuple[ssl.SSLContext, Path]) -> Iterator[CleoFake]:
    with CleoFake(users={"edi": "pw"}, folders=(FOLDER,), tls=served[0]) as fake:
        yield fake


def client(cleo: CleoFake, schema: str = "https", **extras: str) -> CleoClient:
    given = {"environment": "test"} | extras
    return CleoClient(CleoSettings.from_connection("c", "127.0.0.1", cleo.server.port, schema, "edi", "pw", given))


@pytest.mark.parametrize("extras", [{}, {"verify": "true"}], ids=["by default", "true"])
def test_an_unknown_certificate_is_refused_with_the_remedy(cleo: CleoFake, extras: dict[str, str]) -> None:
    with client(cleo, **extras) as cautious, pytest.raises(e.TlsRejected, match="`verify`"):
        cautious.upload(FOLDER, "a.edi", b"x")
    assert cleo.server.log() == []


def test_the_sites_own_ca_bundle_is_taken(cleo: CleoFake, bundle: str) -> None:
    with client(cleo, verify=bundle) as trusting:
        assert trusting.upload(FOLDER, "a.edi", b"x").status == 201


def test_an_answer_lost_over_tls_is_unknown_and_no_fault_of_the_certificate(cleo: CleoFake, bundle: str) -> None:
    with client(cleo, verify=bundle) as trusting:
        cleo.cut_upload("after")
        with pytest.raises(e.AnswerLost):
            trusting.upload(FOLDER, "a.edi", b"x")
    assert len(cleo.store.journal()) == 1


@pytest.mark.parametrize("dialect", ["rest", "server"])
def test_false_takes_any_certificate_and_warns_of_it(
    cleo: CleoFake, dialect: str, caplog: pytest.LogCaptureFixture
) -> None:
    with client(cleo, verify="false", dialect=dialect) as careless, pytest.warns(InsecureRequestWarning):
        assert careless.upload(FOLDER, "a.edi", b"x").status == 201
    assert cleo.store.files(FOLDER) == {"a.edi": b"x"}
    assert [text for text in caplog.messages if "verify is false" in text]


def test_a_bundle_that_does_not_know_the_certificate_is_refused(cleo: CleoFake, tmp_path: Path) -> None:
    _, other = self_signed(tmp_path)
    with client(cleo, verify=str(other)) as cautious, pytest.raises(e.TlsRejected, match="`verify`"):
        cautious.upload(FOLDER, "a.edi", b"x")


def test_a_whole_sandbox_by_https_gives_its_addresses_and_admin_door(
    served: tuple[ssl.SSLContext, Path], bundle: str
) -> None:
    with Sandbox(7, orders=4, supplier_count=30, x3_tls=served[0], cleo_tls=served[0]) as sandbox:
        access = sandbox.access()["cleo"]
        extra = {**access.pop("extra"), "verify": bundle}
        assert access["schema"] == "https"
        folder = sandbox.cleo.store.folder_names()[0]
        with CleoClient(CleoSettings.from_connection("c", **access, extras=extra)) as trusting:
            trusting.upload(folder, "a.edi", b"x")
        admin = CleoAdmin(sandbox.cleo_url, verify=bundle)
        assert [row.name for row in admin.journal()] == ["a.edi"]
        admin.close()
