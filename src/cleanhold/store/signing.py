"""Ed25519 keys and signatures (RFC 8032); the one module that runs `cryptography`."""

from __future__ import annotations

import base64
import binascii
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cleanhold.errors import UsageError, WorkspaceError
from cleanhold.store.files import make_folder

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (
        Ed25519PrivateKey,
        Ed25519PublicKey,
    )

#: Names a private key, before the settings do: a file, or the PEM text itself.
VARIABLE = "CLEANHOLD_SIGNING_KEY"

#: How the text of a public key begins.
PREFIX = "ed25519:"

_PEM = "-----BEGIN"
_OTHERS = 0o077  # permissions of whoever is not the owner


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key."""

    _key: Ed25519PrivateKey

    @property
    def public(self) -> str:
        """The public key, `ed25519:` and its 32 bytes in base64."""
        return PREFIX + base64.b64encode(self._key.public_key().public_bytes_raw()).decode()

    def sign(self, data: bytes) -> str:
        """The signature of some bytes, in base64."""
        return base64.b64encode(self._key.sign(data)).decode()


def make_key(file: Path) -> SigningKey:
    """Make a pair of keys; the private one is written as PKCS #8 in PEM, for its owner alone.

    Raises:
        UsageError: the file exists, or cannot be written.
        WorkspaceError: `cryptography` is not installed.
    """
    _require_cryptography()
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key = Ed25519PrivateKey.generate()
    text = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    try:
        make_folder(file.parent)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as opened:
            opened.write(text)
    except FileExistsError:
        raise UsageError(
            f"{file} exists, and may be a key that is in use",
            next="choose another file with --out: it is not overwritten",
        ) from None
    except OSError as error:
        raise UsageError(
            f"{file} cannot be written: {error.strerror}", next="choose another file with --out"
        ) from error
    return SigningKey(key)


def find_key(file: str) -> SigningKey | None:
    """The private key that the environment names, or a file; None where neither does.

    Raises:
        WorkspaceError: it cannot be read, others may read it, or it is no Ed25519 key.
    """
    given = os.environ.get(VARIABLE, "") or file
    if not given:
        return None
    if given.lstrip().startswith(_PEM):
        return _parsed(given.encode(), f"the environment, {VARIABLE}")
    return read_key(Path(given).expanduser())


def read_key(file: Path) -> SigningKey:
    """The private key in a file.

    Raises:
        WorkspaceError: as `find_key`.
    """
    try:
        others = file.stat().st_mode & _OTHERS
        text = file.read_bytes()
    except OSError as error:
        raise WorkspaceError(
            f"the private key cannot be read: {error.strerror}",
            where=str(file),
            next=f"set {VARIABLE}, or make a key with `cleanhold log key`",
        ) from error
    if others:
        raise WorkspaceError(
            "others may read the private key", where=str(file), next=f"chmod 600 {file}"
        )
    return _parsed(text, str(file))


def _parsed(text: bytes, where: str) -> SigningKey:
    _require_cryptography()
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    try:
        key = serialization.load_pem_private_key(text, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise WorkspaceError(
            "it is no private Ed25519 key in PEM, without a password",
            where=where,
            next="make one with `cleanhold log key`",
        )
    return SigningKey(key)


def is_signature(key: str, signature: str, data: bytes) -> bool:
    """Whether a signature of some bytes is that of a public key.

    Raises:
        WorkspaceError: `cryptography` is not installed.
    """
    _require_cryptography()
    from cryptography.exceptions import InvalidSignature

    try:
        _public(key).verify(base64.b64decode(signature, validate=True), data)
    except (InvalidSignature, ValueError, binascii.Error):
        return False
    return True


def require_public(key: str, where: str) -> str:
    """The text itself, if it is that of a public key; nothing is imported for it.

    Raises:
        WorkspaceError: it is not.
    """
    try:
        if key.startswith(PREFIX) and len(_raw(key)) == 32:
            return key
    except (ValueError, binascii.Error):
        pass
    raise WorkspaceError(
        f"{key!r} is no public key",
        where=where,
        next=f"write it as `cleanhold log key` gives it: {PREFIX}…",
    )


def _public(key: str) -> Ed25519PublicKey:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    return Ed25519PublicKey.from_public_bytes(_raw(key))


def _raw(key: str) -> bytes:
    return base64.b64decode(key.removeprefix(PREFIX), validate=True)


def _require_cryptography() -> None:
    try:
        import cryptography  # noqa: F401
    except ImportError as error:
        raise WorkspaceError(
            "signatures need the package `cryptography`",
            next="pip install 'cleanhold[sign]'",
        ) from error
