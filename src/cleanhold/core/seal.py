"""Seals: what stands beside a manifest, and is no part of what it says.

A manifest's hash goes into the run keys of what is built from it, so a manifest must say the same
whenever it is made of the same. How far the audit log had come, and who signs, is said here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from cleanhold.core.run import canonical_json


class Signer(Protocol):
    """Who can sign."""

    @property
    def public(self) -> str:
        """The public key, `ed25519:` and its 32 bytes in base64."""

    def sign(self, data: bytes) -> str:
        """The signature of some bytes, in base64."""


@dataclass(frozen=True, slots=True)
class Seal:
    """How far the audit log had come when a manifest was made, perhaps signed.

    Attributes:
        manifest: hex SHA-256 of the manifest.
        entries: how many the audit log had.
        hash: of the newest of them.
        key: the public key that the signature is of, `ed25519:…`; empty if nobody has signed.
        signature: of `told`, Ed25519 (RFC 8032), in base64.
    """

    manifest: str
    entries: int
    hash: str
    key: str = ""
    signature: str = ""

    @property
    def told(self) -> bytes:
        """What is signed."""
        log = {"entries": self.entries, "hash": self.hash}
        return canonical_json({"seal": 1, "manifest": self.manifest, "log": log})

    def signed_by(self, signer: Signer) -> Seal:
        """The same, signed."""
        return Seal(self.manifest, self.entries, self.hash, signer.public, signer.sign(self.told))

    def as_dict(self) -> dict[str, Any]:
        told = {
            "seal": 1,
            "manifest": self.manifest,
            "log": {"entries": self.entries, "hash": self.hash},
        }
        return told | ({"key": self.key, "signature": self.signature} if self.key else {})

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> Seal:
        log = value["log"]
        return cls(
            str(value["manifest"]),
            int(log["entries"]),
            str(log["hash"]),
            str(value.get("key", "")),
            str(value.get("signature", "")),
        )
