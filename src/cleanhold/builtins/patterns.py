"""Patterns to give to `field(matches=…)`; a match covers the whole text.

All are plain ASCII classes, so that every regular-expression engine agrees on them.
"""

#: An e-mail address as people write it: local part, @, a domain with a dot.
EMAIL = r"[A-Za-z0-9._%+'-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}"

#: A telephone number with optional +, blanks, dots, brackets and dashes; 7 to 20 characters.
PHONE = r"\+?[0-9(][0-9 ().-]{5,18}"

#: RFC 9562 UUID, any version.
UUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
