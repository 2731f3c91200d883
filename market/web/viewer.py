"""Who is looking: one frozen object a request, made by the accounts package from the session cookie."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from litestar import Request

from market.kernel.errors import Forbidden
from market.kernel.i18n import N_
from market.oversight.rules import Scope


@dataclass(frozen=True)
class Viewer:
    """`organisation_kind`: enterprise | public_body | natural_person | agency | regulator | operator | expert.
    `roles`: admin, handler, signatory within the organisation."""

    person_id: UUID | None = None
    person_name: str = ""
    organisation_id: UUID | None = None
    organisation_kind: str = ""
    organisation_name: str = ""
    organisation_code: str = ""
    roles: frozenset[str] = frozenset()
    scopes: tuple[Scope, ...] = ()
    session_id: UUID | None = None
    second_factor_due: bool = False
    unread: int = 0  # messages of the organisation, by this person
    token_id: UUID | None = None
    token_scopes: frozenset[str] = frozenset()  # of the token that a program came with (market.accounts.tokens)

    @property
    def signed_in(self) -> bool:
        return self.person_id is not None

    @property
    def is_anonymous(self) -> bool:
        return not self.signed_in

    @property
    def is_owner(self) -> bool:
        return self.organisation_kind in OWNER_KINDS

    @property
    def is_agency(self) -> bool:
        return self.organisation_kind == "agency"

    @property
    def is_operator(self) -> bool:
        return self.organisation_kind == "operator"

    @property
    def is_regulator(self) -> bool:
        return self.organisation_kind == "regulator"

    def has_role(self, role: str) -> bool:
        return role in self.roles


OWNER_KINDS = frozenset({"enterprise", "public_body", "natural_person"})
ANONYMOUS = Viewer()


class SignInNeeded(Exception):
    """Anonymous where a person is needed: the answer is the sign-in page, then back."""


class CodeNeeded(Exception):
    """What the viewer wants to do binds, and needs a fresh code of the second factor first."""


class TokenUnusable(Exception):
    """A program came with a token that lets nobody in. `code` names the reason, `message` says it to people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code)
        self.code = code
        self.message = message


class ScopeMissing(Forbidden):
    """The token is good, but not for this."""

    def __init__(self, scope: str) -> None:
        super().__init__(N_("This token may not do this: it lacks the scope {scope}."), scope=scope)
        self.scope = scope


def viewer_of(request: Request[Any, Any, Any]) -> Viewer:
    viewer: Viewer = request.scope["state"].get("viewer", ANONYMOUS)
    return viewer


def require_viewer(request: Request[Any, Any, Any], *kinds: str, role: str | None = None) -> Viewer:
    """The signed-in viewer, of one of these organisation kinds ("owner" means any kind of owner) and with this role.
    Raises SignInNeeded or Forbidden."""
    viewer = viewer_of(request)
    if viewer.is_anonymous:
        raise SignInNeeded
    allowed = {kind for name in kinds for kind in (OWNER_KINDS if name == "owner" else {name})}
    if allowed and viewer.organisation_kind not in allowed:
        raise Forbidden(N_("This page is not for your kind of account."))
    if role and not viewer.has_role(role):
        raise Forbidden(N_("Your role in {organisation} does not allow this: it needs a colleague with the right role."),
                        organisation=viewer.organisation_name)  # fmt: skip
    return viewer


def require_scope(request: Request[Any, Any, Any], scope: str) -> Viewer:
    """The viewer behind a token of this scope. Raises SignInNeeded or ScopeMissing."""
    viewer = viewer_of(request)
    if viewer.is_anonymous:
        raise SignInNeeded
    if scope not in viewer.token_scopes:
        raise ScopeMissing(scope)
    return viewer
