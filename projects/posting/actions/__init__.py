from projects.posting.actions.amendment import amend, preview, withdraw
from projects.posting.actions.checking import Books, books_for, books_of, findings_for
from projects.posting.actions.drafts import (
    already_published,
    attach_file,
    detach_file,
    discard_draft,
    fingerprint,
    repost,
    save_draft,
    start_draft,
)
from projects.posting.actions.notices import notice_json, notice_sha256
from projects.posting.actions.publication import publish

__all__ = [
    "Books",
    "already_published",
    "amend",
    "attach_file",
    "books_for",
    "books_of",
    "detach_file",
    "discard_draft",
    "findings_for",
    "fingerprint",
    "notice_json",
    "notice_sha256",
    "preview",
    "publish",
    "repost",
    "save_draft",
    "start_draft",
    "withdraw",
]
