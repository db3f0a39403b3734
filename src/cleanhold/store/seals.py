"""Seals on disk: one file per manifest, in a folder of their own."""

from __future__ import annotations

import json

from cleanhold.core.run import canonical_json
from cleanhold.core.seal import Seal, Signer
from cleanhold.errors import DamagedFile
from cleanhold.store import signing
from cleanhold.store.crashpoints import crash_point
from cleanhold.store.files import atomic_write
from cleanhold.store.layout import StateFolder


def seal(
    state: StateFolder, manifest: str, *, entries: int, hash: str, signer: Signer | None
) -> Seal:
    """Write the seal of a manifest, durably; an older one of it is replaced.

    Args:
        manifest: hex SHA-256.
        entries: how many the audit log has.
        hash: of the newest of them.
        signer: who signs; nobody if None.
    """
    made = Seal(manifest, entries, hash)
    made = made.signed_by(signer) if signer else made
    atomic_write(state.seal(manifest), canonical_json(made.as_dict()))
    crash_point("sealed")
    return made


def read(state: StateFolder, manifest: str) -> Seal | None:
    """The seal of a manifest; None if there is none.

    Raises:
        DamagedFile: the file is not one, or of another manifest.
    """
    path = state.seal(manifest)
    try:
        found = Seal.from_dict(json.loads(path.read_bytes()))
    except FileNotFoundError:
        return None
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise DamagedFile(
            "a seal cannot be read", where=str(path), next="restore this file from a backup"
        ) from error
    if found.manifest != manifest:
        raise DamagedFile(
            "a seal is of another manifest than its name says",
            where=str(path),
            next="restore this file from a backup",
        )
    return found


def require_signed(state: StateFolder, manifest: str, which: str) -> None:
    """Make sure that a key which the workspace trusts has signed a manifest, if it names any.

    Args:
        manifest: hex SHA-256.
        which: snapshot it is, for the message.

    Raises:
        DamagedFile: it is not signed, or not by such a key.
    """
    if not state.signers:
        return
    found = read(state, manifest)
    if found is None or not found.key:
        said = f"{which} is not signed, and this workspace names keys that snapshots are signed by"
        mend = "whoever has the private key signs it: `cleanhold log sign`"
    elif found.key not in state.signers:
        said = f"{which} is signed by a key that this workspace does not name"
        mend = f"if {found.key} is to be trusted, add it to public_keys; else ask who signed it"
    elif not signing.is_signature(found.key, found.signature, found.told):
        said = f"{which} has a wrong signature: its manifest or its seal was changed"
        mend = "restore its seal from a backup, and do not read it before"
    else:
        return
    raise DamagedFile(said, where=str(state.seal(manifest)), next=mend)
