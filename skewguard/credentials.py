"""Takes passwords, keys and tokens out of text that is shown or kept: what a store's client says may quote them."""

from __future__ import annotations

import re

HIDDEN = "***"
# What comes before it in the same word is left as it is, and not looked for: that would take as long as it is, squared.
_NAMES = (
    r"(?:password|passwd|passphrase|\bpwd|secret|credential|private_?key|access_?key(?:_?id)?|account_?key"
    r"|api_?key|auth_?token|access_?token|session_?token|refresh_?token|security-token|sas_?token|signature|\bsig)s?"
)
_VALUE = r"(\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|[^\s,;&'\")}\]]+)"
_RULES = (
    # scheme://user:password@host, the password with any letters; then a user alone, who may be a token.
    (re.compile(r"(\b[a-z][\w+.-]{0,40}://)[^\s:/@'\"]*:[^\s'\"]*@", re.IGNORECASE), rf"\1{HIDDEN}@"),
    (re.compile(r"(\b[a-z][\w+.-]{0,40}://)[^\s/@'\"?#]+@", re.IGNORECASE), rf"\1{HIDDEN}@"),
    (re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL), HIDDEN),
    (re.compile(r"\b((?:Bearer|Basic)\s+)[\w.~+/=-]{8,}", re.IGNORECASE), rf"\1{HIDDEN}"),
    (re.compile(r"\b(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{12,}\b"), HIDDEN),
    # name=value, as in connection strings, query strings and calls.
    (re.compile(rf"({_NAMES}\s*=\s*){_VALUE}", re.IGNORECASE), rf"\1{HIDDEN}"),
    # 'name': value, as in JSON and in what Python prints of a dict.
    (re.compile(rf"((?P<quote>[\"'])[\w.-]{{0,80}}?{_NAMES}(?P=quote)\s*:\s*)[bru]?{_VALUE}", re.IGNORECASE),
     rf"\1{HIDDEN}"),
    # name: value, as in YAML, where nothing before it makes it the end of another name.
    (re.compile(r"((?:^|[\s{,])(?:\w+_)?(?:password|passwd|passphrase|secret|secret_access_key|private_key)\s*:\s+)(\S+)",
                re.IGNORECASE | re.MULTILINE), rf"\1{HIDDEN}"),
)  # fmt: skip


def without_credentials(text: str) -> str:
    """`text` with `***` in the place of what opens doors; hosts, users of databases and paths stay where they can."""
    for rule, shown in _RULES:
        text = rule.sub(shown, text)
    return text
