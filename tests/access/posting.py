"""Who gets what from the routes of notices: the public pages, and the owner's own."""

from __future__ import annotations

_VIEWERS = ("anonymous", "owner", "colleague", "other_owner", "winning_agency", "other_agency", "expert", "regulator",
            "regulator_out_of_scope", "operator")  # fmt: skip


def _all(status: int, **others: int) -> dict[str, int]:
    return dict.fromkeys(_VIEWERS, status) | others


_PUBLIC = _all(200)
_OWNERS = _all(403, anonymous=303, owner=200, colleague=200, other_owner=200)
_OWN_DRAFT = _all(403, anonymous=303, owner=200, colleague=200, other_owner=404)
_OWN_DRAFT_POST = _all(403, anonymous=401, owner=303, colleague=303, other_owner=404)
_SIGNED = _all(403, anonymous=303, owner=200, colleague=403, other_owner=404)
_SIGNED_POST = _all(403, anonymous=401, colleague=403, other_owner=404)

EXPECTATIONS: dict[tuple[str, str], dict[str, int]] = {
    ("GET", "/projects"): _PUBLIC,
    ("GET", "/results"): _PUBLIC,
    ("GET", "/methods"): _PUBLIC,
    ("GET", "/projects/{number:str}"): _PUBLIC,
    ("GET", "/projects/{number:str}/notice"): _PUBLIC,
    ("GET", "/projects/{number:str}/notice.json"): _PUBLIC,
    ("GET", "/projects/{number:str}/files/{file_id:uuid}"): _PUBLIC,
    ("GET", "/projects/{number:str}/eligibility"): _all(403, anonymous=303, winning_agency=200, other_agency=200),
    ("GET", "/owner/projects"): _OWNERS,
    ("GET", "/owner/drafts"): _OWNERS,
    ("POST", "/owner/drafts"): _all(403, anonymous=401, owner=303, colleague=303, other_owner=303),
    ("GET", "/owner/drafts/{draft_id:uuid}"): _OWN_DRAFT,
    ("POST", "/owner/drafts/{draft_id:uuid}"): _OWN_DRAFT_POST,
    ("POST", "/owner/drafts/{draft_id:uuid}/matching"): _OWN_DRAFT_POST | {"owner": 200, "colleague": 200},
    ("POST", "/owner/drafts/{draft_id:uuid}/requirements"): _OWN_DRAFT_POST | {"owner": 200, "colleague": 200},
    ("POST", "/owner/drafts/{draft_id:uuid}/agencies"): _OWN_DRAFT_POST | {"owner": 200, "colleague": 200},
    # An empty form: the file is missing.
    ("POST", "/owner/drafts/{draft_id:uuid}/files"): _OWN_DRAFT_POST | {"owner": 422, "colleague": 422},
    ("POST", "/owner/drafts/{draft_id:uuid}/files/{file_id:uuid}/remove"): _OWN_DRAFT_POST,
    # A complete draft shows the check page; an unfinished one the form with its errors (422).
    ("GET", "/owner/drafts/{draft_id:uuid}/check"): _OWN_DRAFT,
    # The empty form lacks the fingerprint of the draft that was checked.
    ("POST", "/owner/drafts/{draft_id:uuid}/publish"): _SIGNED_POST | {"owner": 409},
    ("GET", "/owner/drafts/{draft_id:uuid}/discard"): _OWN_DRAFT,
    ("POST", "/owner/drafts/{draft_id:uuid}/discard"): _OWN_DRAFT_POST,
    # The project of these three is open for sign-up.
    ("GET", "/projects/{number:str}/amend"): _SIGNED,
    # The empty form changes nothing.
    ("POST", "/projects/{number:str}/amend"): _SIGNED_POST | {"owner": 409},
    ("GET", "/projects/{number:str}/withdraw"): _SIGNED,
    ("POST", "/projects/{number:str}/withdraw"): _SIGNED_POST | {"owner": 422},
    # Only a failed project can be posted again; this one is not.
    ("POST", "/projects/{number:str}/repost"): _OWN_DRAFT_POST | {"owner": 409, "colleague": 409},
}
