"""Who gets which answer from the pages about messages. `message_id` is a message to the owner, `endpoint_id` a webhook of
the owner's; `token` ends an e-mail to the owner. `colleague` works for the owner as a handler."""

from __future__ import annotations

Expected = dict[str, int]

SIGNED_IN = (
    "owner", "colleague", "other_owner", "winning_agency", "other_agency", "expert", "regulator", "regulator_out_of_scope",
    "operator",
)  # fmt: skip


def signed_in(answer: int, *, anonymous: int, **others: int) -> Expected:
    return {**dict.fromkeys(SIGNED_IN, answer), "anonymous": anonymous, **others}


def owners_admin(answer: int, *, anonymous: int) -> Expected:
    return signed_in(404, anonymous=anonymous, owner=answer, colleague=403)


_ONE = "/account/webhooks/{endpoint_id:uuid}"
EXPECTATIONS: dict[tuple[str, str], Expected] = {
    ("GET", "/messages"): signed_in(200, anonymous=303),
    ("GET", "/messages/{message_id:uuid}"): signed_in(404, anonymous=303, owner=303, colleague=303),
    ("POST", "/messages/{message_id:uuid}/read"): signed_in(404, anonymous=401, owner=303, colleague=303),
    ("POST", "/messages/read"): signed_in(303, anonymous=401),
    ("GET", "/account/messages"): signed_in(200, anonymous=303),
    ("POST", "/account/messages"): signed_in(422, anonymous=401),
    # Nobody in the scene has asked for a code or has another address than a telephone; the operator's is no mobile one.
    ("POST", "/account/messages/{channel:str}/code"): signed_in(303, anonymous=401, operator=409),
    ("POST", "/account/messages/{channel:str}/confirm"): signed_in(422, anonymous=401),
    # The link's signature lets in, whoever holds it.
    ("GET", "/messages/stop/{token:str}"): signed_in(200, anonymous=200),
    ("POST", "/messages/stop/{token:str}"): signed_in(200, anonymous=200),
    ("GET", "/account/webhooks"): signed_in(200, anonymous=303, colleague=403),
    ("POST", "/account/webhooks"): signed_in(422, anonymous=401, colleague=403),
    ("GET", _ONE): owners_admin(200, anonymous=303),
    ("POST", f"{_ONE}/ping"): owners_admin(303, anonymous=401),
    ("GET", f"{_ONE}/rotate"): owners_admin(200, anonymous=303),
    ("POST", f"{_ONE}/rotate"): owners_admin(200, anonymous=401),
    ("POST", f"{_ONE}/switch"): owners_admin(422, anonymous=401),
    ("GET", f"{_ONE}/remove"): owners_admin(200, anonymous=303),
    ("POST", f"{_ONE}/remove"): owners_admin(303, anonymous=401),
    ("POST", f"{_ONE}/replay"): owners_admin(422, anonymous=401),
}
