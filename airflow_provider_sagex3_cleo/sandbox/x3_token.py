"""The connected-app token check of the fake's GraphQL door, with the refusals of Sage's own sample.

HS256, claims iss, sub, aud (byte for byte), iat, exp. A refusal is 401 in plain text: `Error NN: Invalid token`.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import jwt

from airflow_provider_sagex3_cleo.sandbox.server import Reply

__all__ = ["ConnectedApp"]


@dataclass
class ConnectedApp:
    """One connected application as registered in Sage X3.

    Attributes:
        max_life_s: the app's own token validity; a token lives no longer, whatever its `exp` says.
        clock_offset_s: how far the server's clock is from the machine's (token times are real times).
    """

    client_id: str = "sandbox-app"
    client_secret: str = "sandbox-app-secret-0123456789abcdef"
    subject: str = "EDI"
    audience: str = ""
    max_life_s: float = 300.0
    clock_offset_s: float = 0.0

    def refusal(self, token: str) -> Reply | None:
        """The refusal of this token, or None when it is good."""
        try:
            claims = jwt.decode(
                token, self.client_secret, algorithms=["HS256"], options={"verify_aud": False, "verify_exp": False,
                                                                         "verify_iat": False, "verify_nbf": False}
            )  # fmt: skip
        except jwt.InvalidTokenError:
            return self.invalid(50)
        now = time.time() + self.clock_offset_s
        try:
            issued, ends = float(claims["iat"]), float(claims["exp"])
        except (KeyError, TypeError, ValueError):
            return self.invalid(50)
        if issued > now:
            return self.invalid(21)
        if claims.get("iss") != self.client_id:
            return self.invalid(41)
        if claims.get("sub") != self.subject:
            return self.invalid(42)
        if claims.get("aud") != self.audience:
            return self.invalid(45)
        return self.invalid(50) if now >= min(ends, issued + self.max_life_s) else None

    @staticmethod
    def invalid(number: int) -> Reply:
        """The refusal with this number."""
        return Reply.text(f"Error {number}: Invalid token", 401)
