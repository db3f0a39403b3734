"""Makes the sample extracts, one module per delivery, and the truth about them.

Everything is drawn from seeded generators of the standard library, so that the same code
writes the same bytes on every machine.
"""
