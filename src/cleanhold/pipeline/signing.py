"""signing: who signs what runs publish, and what was published before anybody signed."""

from __future__ import annotations

from collections.abc import Sequence

from cleanhold.core.seal import Signer
from cleanhold.core.snapshot import Snapshot
from cleanhold.errors import DamagedFile, StateError, WorkspaceError
from cleanhold.pipeline.person import who_acts
from cleanhold.pipeline.stores import Stores
from cleanhold.pipeline.verify_log import verify_log
from cleanhold.store import seals
from cleanhold.store.signing import VARIABLE, find_key
from cleanhold.store.tables import utc_text

#: The act of the audit log.
SIGNED = "signed"


def signer_of(stores: Stores) -> Signer | None:
    """Who signs here; None where nobody does, and nobody asks for it.

    Raises:
        WorkspaceError: readers ask for a signature, and the key that would satisfy them is not
            here: what is published could not be read.
    """
    if not stores.private_key and not stores.state.signers:
        return None  # a key of another workspace may be in the environment
    key = find_key(stores.private_key)
    if key is None:
        raise WorkspaceError(
            "readers ask for signed snapshots, and no private key is here to sign with",
            where="[tool.cleanhold.signing]",
            next=f"set {VARIABLE}, or private_key, to the file of the private key",
        )
    if stores.state.signers and key.public not in stores.state.signers:
        raise WorkspaceError(
            f"readers do not trust the private key that is here: its public key is {key.public}",
            where="[tool.cleanhold.signing]",
            next="use the key that belongs to public_keys, or add this one to them",
        )
    return key


def sign_all(stores: Stores) -> Sequence[Snapshot]:
    """Sign the manifest of every snapshot that has no right signature; returns those.

    What is signed is that they are what the ledger has now, so the audit log is verified first.

    Raises:
        WorkspaceError: there is no key to sign with.
        StateError: the audit log, a manifest or a seal is not as it was; nothing was signed.
    """
    signer = signer_of(stores)
    if signer is None:
        raise WorkspaceError(
            "there is no key to sign with",
            where="[tool.cleanhold.signing]",
            next="make one with `cleanhold log key`",
        )
    if problems := verify_log(stores, signatures=False).problems:
        raise StateError(
            f"nothing was signed: {problems[0].what}",
            where=problems[0].where,
            next="`cleanhold log verify` tells all that is wrong; mend that first",
        )
    wanted = [s for s in stores.ledger.snapshots() if not _is_signed(stores, s)]
    for snapshot in wanted:
        stores.manifest(snapshot)  # its hash is right
    hashes = stores.ledger.audit_hashes()
    for snapshot in wanted:
        before = seals.read(stores.state, snapshot.manifest)
        entries = before.entries if before else len(hashes)
        head = before.hash if before else hashes[-1]
        seals.seal(stores.state, snapshot.manifest, entries=entries, hash=head, signer=signer)
    if wanted:
        told = [[s.dataset, s.number] for s in wanted]
        at = utc_text(stores.ledger.now())
        said = {"who": who_acts(), "key": signer.public, "snapshots": told, "at": at}
        stores.ledger.record_act(SIGNED, said)
    return wanted


def _is_signed(stores: Stores, snapshot: Snapshot) -> bool:
    found = seals.read(stores.state, snapshot.manifest)
    if found is None or not found.key:
        return False
    if not stores.state.signers:
        return True
    try:
        seals.require_signed(stores.state, snapshot.manifest, "it")
    except DamagedFile:
        return False
    return True
