"""Both fakes at once: `Sandbox` for tests, `serve` for a process of its own."""

from __future__ import annotations

import signal
import ssl
import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any, Self

from airflow_provider_sagex3_cleo.sandbox.admin import SandboxAdmin
from airflow_provider_sagex3_cleo.sandbox.agreements import folder_of, invoice_folder_of, shipment_folder_of
from airflow_provider_sagex3_cleo.sandbox.cleo_admin import CleoAdmin
from airflow_provider_sagex3_cleo.sandbox.cleo_fake import DEFAULT_USERS, CleoFake
from airflow_provider_sagex3_cleo.sandbox.clock import Clock
from airflow_provider_sagex3_cleo.sandbox.partner import INBOUND
from airflow_provider_sagex3_cleo.sandbox.world import ENROLLED, World
from airflow_provider_sagex3_cleo.sandbox.x3_fake import FOLDER, LOGIN, PASSWORD, X3Fake

__all__ = ["Sandbox", "serve"]


class Sandbox:
    """A fake Sage X3 and a fake Cleo over one seeded world and one clock; a context manager.

    Args:
        seed: of the world.
        orders: purchase orders at the start, history included.
        start: the clock's time at the start, to which the history leads up; None for the machine's own.
        frozen: the clock stands still until moved.
        x3_port, cleo_port: 0 for a free one.
        x3_tls, cleo_tls: serve it by https with this context (`tls.self_signed` makes one).

    Attributes:
        world, clock, x3, cleo: everything in process.
        admin: the fake Sage X3's admin door over HTTP; `cleo_admin` the fake Cleo's.
    """

    def __init__(
        self,
        seed: int = 1,
        *,
        orders: int = 5_200,
        supplier_count: int = 320,
        start: datetime | None = None,
        frozen: bool = False,
        x3_port: int = 0,
        cleo_port: int = 0,
        x3_tls: ssl.SSLContext | None = None,
        cleo_tls: ssl.SSLContext | None = None,
    ) -> None:
        self.clock = Clock(start, frozen=frozen)
        self.world = World(seed, self.clock, orders=orders, supplier_count=supplier_count)
        self.x3 = X3Fake(self.world, port=x3_port, tls=x3_tls)
        live = [folder_of(supplier.code) for supplier in self.world.enrolled(ENROLLED)]
        for customer in self.world.sales.enrolled():
            live += [invoice_folder_of(customer.code), shipment_folder_of(customer.code)]
        folders = [*live, *(f"{name}-test" for name in live), INBOUND]
        self.cleo = CleoFake(self.clock, port=cleo_port, folders=folders, tls=cleo_tls)
        self.cleo.directory.settle(
            [supplier.code for supplier in self.world.enrolled(ENROLLED)],
            [customer.code.lower() for customer in self.world.sales.enrolled()],
        )
        self.admin = SandboxAdmin(self.x3.url, verify=x3_tls is None)
        self.cleo_admin = CleoAdmin(self.cleo.url, verify=cleo_tls is None)

    @property
    def x3_url(self) -> str:
        """The fake Sage X3's scheme, host and port."""
        return self.x3.url

    @property
    def cleo_url(self) -> str:
        """The fake Cleo's scheme, host and port."""
        return self.cleo.url

    def access(self) -> dict[str, dict[str, Any]]:
        """What the two connections of a client hold: host, port, scheme, login, password, extras."""
        cleo_login, cleo_password = next(iter(DEFAULT_USERS.items()))
        return {
            "sagex3": {
                "schema": self.x3_url.partition(":")[0],
                "host": "127.0.0.1",
                "port": self.x3.server.port,
                "login": LOGIN,
                "password": PASSWORD,
                "extra": {"environment": "test", "transport": "rest", "folder": FOLDER},
                "connected_app": {
                    "client_id": self.x3.app.client_id,
                    "client_secret": self.x3.app.client_secret,
                    "subject": self.x3.app.subject,
                    "audience": self.x3.app.audience,
                },
            },
            "cleo": {
                "schema": self.cleo_url.partition(":")[0],
                "host": "127.0.0.1",
                "port": self.cleo.server.port,
                "login": cleo_login,
                "password": cleo_password,
                "extra": {"environment": "test"},
            },
        }

    def start(self) -> Self:
        """Serve both."""
        self.x3.start()
        self.cleo.start()
        return self

    def stop(self) -> None:
        """Stop both."""
        self.admin.close()
        self.cleo_admin.close()
        self.x3.stop()
        self.cleo.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()


def serve(
    seed: int = 1,
    x3_port: int = 0,
    cleo_port: int = 0,
    *,
    orders: int = 5_200,
    start: datetime | None = None,
    x3_tls: ssl.SSLContext | None = None,
    cleo_tls: ssl.SSLContext | None = None,
    ready: Callable[[Sandbox], None] | None = None,
) -> None:
    """Serve both fakes in this process until SIGINT or SIGTERM. `ready` is called once both answer.

    Call it from the main thread."""
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    with Sandbox(
        seed, orders=orders, start=start, x3_port=x3_port, cleo_port=cleo_port, x3_tls=x3_tls, cleo_tls=cleo_tls
    ) as sandbox:
        if ready is not None:
            ready(sandbox)
        stopping.wait()
