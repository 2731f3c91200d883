"""Passwords (Argon2id), second factors (TOTP) and the sealing of personal numbers."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
from functools import lru_cache

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from cryptography.fernet import Fernet, InvalidToken

from market.kernel.settings import Secret

STEP_SECONDS = 30
# Argon2id with the library's defaults (RFC 9106 low-memory profile); quick in tests and demo through the cheaper one.
STRONG = PasswordHasher()
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


async def hash_password(password: str, *, hasher: PasswordHasher = STRONG) -> str:
    return await asyncio.to_thread(hasher.hash, password)


@lru_cache
def _nobody() -> str:
    """Hash to check against when there is no such login, so that the answer takes as long."""
    return STRONG.hash("nobody")


async def password_matches(password: str, stored: str | None) -> bool:
    try:
        return await asyncio.to_thread(STRONG.verify, stored or _nobody(), password) and stored is not None
    except (VerifyMismatchError, InvalidHashError):
        return False


def _fernet(key: Secret, purpose: str) -> Fernet:
    material = hashlib.sha256(f"{purpose}|{key.reveal()}".encode()).digest()
    return Fernet(base64.urlsafe_b64encode(material))


def seal(key: Secret, purpose: str, text: str) -> str:
    return _fernet(key, purpose).encrypt(text.encode()).decode()


def unseal(key: Secret, purpose: str, sealed: str) -> str | None:
    try:
        return _fernet(key, purpose).decrypt(sealed.encode()).decode()
    except InvalidToken:
        return None


def digest(key: Secret, purpose: str, text: str) -> str:
    """A keyed digest: equal texts are found, the text cannot be guessed back without the key."""
    return hmac.new(key.reveal().encode(), f"{purpose}|{text}".encode(), hashlib.sha256).hexdigest()


def new_totp_secret() -> str:
    return pyotp.random_base32()


def totp_step(secret: str, code: str, *, unix_time: int, last_step: int) -> int | None:
    """The time step this code belongs to (one step either side is accepted), None if wrong or used before."""
    totp = pyotp.TOTP(secret)
    for step in (unix_time // STEP_SECONDS + drift for drift in (0, -1, 1)):
        if step > last_step and hmac.compare_digest(totp.at(step * STEP_SECONDS), code):
            return step
    return None
