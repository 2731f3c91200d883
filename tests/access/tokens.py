"""Who gets which answer from the pages of tokens. `token_id` is one of the owner's; nobody has a second factor."""

from __future__ import annotations

from tests.access.accounts import signed_in

EXPECTATIONS: dict[tuple[str, str], dict[str, int]] = {
    # Handlers do not make tokens, and experts have nothing that a program could do.
    ("GET", "/account/tokens"): signed_in(200, anonymous=303, colleague=403, expert=403),
    ("POST", "/account/tokens"): signed_in(422, anonymous=401, colleague=403, expert=403),
    ("GET", "/account/tokens/{token_id:uuid}/revoke"): signed_in(
        404, anonymous=303, owner=200, colleague=403, expert=403
    ),
    ("POST", "/account/tokens/{token_id:uuid}/revoke"): signed_in(
        404, anonymous=401, owner=303, colleague=403, expert=403
    ),
}
