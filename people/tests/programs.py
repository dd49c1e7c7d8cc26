"""A program of somebody: asks the API with a token."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from people import tokens
from people.models import ApiToken, Scope, User
from people.request_ids import HEADER


@dataclass
class Program:
    """Sends JSON with its token, as in `program(ann).post("holds", {"amount": "1.00"})`.

    Every request has the same id, so that two refusals can be compared byte for byte.
    """

    token: ApiToken
    secret: str
    client: Client

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.secret}", HEADER: "a-program"}

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Send a request; `body` is sent as JSON, and as it is when it is bytes."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        sent: dict[str, Any] = {} if body is None else {"data": body}
        return getattr(self.client, method)(
            f"/api/v1/{path}",
            **sent,
            content_type="application/json",
            headers=self.headers | named,
        )

    def get(self, path: str, query: Any = None, **headers: str) -> Any:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.get(
            f"/api/v1/{path}",
            query or {},
            headers=self.headers | named,
        )

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.ask("post", path, body, **headers)

    def put(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.ask("put", path, body, **headers)

    def patch(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.ask("patch", path, body, **headers)

    def delete(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.ask("delete", path, body, **headers)


def program(user: User, *scopes: Scope, for_others: bool = False, **more: timedelta) -> Program:
    """Return a program of `user` with these scopes, or all; `lasting=` says how long it is good."""
    now = timezone.now()
    made = tokens.mint(
        user=user,
        name=f"Program {user.tokens.count() + 1}",
        scopes=scopes or list(Scope),
        now=now,
        expires_at=now + more["lasting"] if more else None,
        for_others=for_others,
    )
    return Program(made.token, made.secret, Client())
