"""The fake Sage X3: REST and GraphQL on one address over one world, and the world's moves by admin call."""

from __future__ import annotations

import ssl
from typing import Any, Final, Self

from airflow_provider_sagex3_cleo.sandbox.server import Reply, SandboxServer
from airflow_provider_sagex3_cleo.sandbox.world import World
from airflow_provider_sagex3_cleo.sandbox.x3_graphql import GraphqlSide
from airflow_provider_sagex3_cleo.sandbox.x3_oauth import OAuthDoor
from airflow_provider_sagex3_cleo.sandbox.x3_reshape import RESHAPES
from airflow_provider_sagex3_cleo.sandbox.x3_rest import RestSide
from airflow_provider_sagex3_cleo.sandbox.x3_token import ConnectedApp

__all__ = ["FOLDER", "LOGIN", "PASSWORD", "X3Fake"]

FOLDER: Final = "PILOT"
LOGIN: Final = "EDI"
PASSWORD: Final = "Sandbox-1-x3"


class X3Fake:
    """One fake Sage X3; a context manager.

    Args:
        world: what it shows; its clock is the server's.
        folder: the folder, which is also the Syracuse endpoint's name.
        tls: serve https with this context.

    Attributes:
        rest, graphql: the two sides, with their settings.
        oauth: the token endpoint, and the access tokens it gave.
        app: the connected application; its id, secret, subject and audience sign good tokens.
    """

    def __init__(
        self,
        world: World,
        *,
        port: int = 0,
        folder: str = FOLDER,
        login: str = LOGIN,
        password: str = PASSWORD,
        app: ConnectedApp | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.world, self.folder, self.login, self.password = world, folder, login, password
        self.app = app or ConnectedApp(subject=login)
        self.server = SandboxServer("sagex3", world.clock, port=port, tls=tls)
        self.server.reshape.update(RESHAPES)
        self.server.expired = Reply.text("Unauthorized", 401, (("WWW-Authenticate", 'Basic realm="Syracuse"'),))
        self.oauth = OAuthDoor(self.server)
        self.rest = RestSide(self.server, world, endpoint=folder, login=login, password=password, oauth=self.oauth)
        self.graphql = GraphqlSide(
            self.server, world, folder=folder, app=self.app, login=login, password=password, oauth=self.oauth
        )
        for name, call in world.calls().items():
            self.server.admin(name, call)

    @property
    def url(self) -> str:
        """Scheme, host and port."""
        return self.server.url

    def fault(self, kind: str, path: str = "", **settings: Any) -> int:
        """Arm a fault (see `faults`). Returns its number."""
        return self.server.fault(kind, path, **settings)

    def start(self) -> Self:
        """Serve in a thread of its own."""
        self.server.start()
        return self

    def stop(self) -> None:
        """Stop serving."""
        self.server.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()
