"""The catalogues beside those that come with the app: the visitor's own one, and those that are kept by name.

A visitor's own lives in the visitor's session and nowhere else, so that no other visitor can name it, and goes when the
session goes.
"""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import streamlit as st

from sslrec.config import settings
from sslrec.errors import CatalogueError
from sslrec.serving.kept import KeptCatalogue, kept_catalogues
from sslrec.ui.language import t

if TYPE_CHECKING:
    from sslrec.serving.ingest import Ingested

OWN = "own"
"""What the visitor's own catalogue is called among the choices and in the URL."""
KEPT = "kept:"
"""What goes before the name of a kept one; no catalogue that comes with the app is called so."""
KEY = "catalogue.own"
_FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip")


def own_catalogue() -> Ingested | None:
    """The visitor's own catalogue; None while there is none."""
    return st.session_state.get(KEY)


def set_own(done: Ingested | None) -> None:
    """Put a catalogue in the place of the visitor's own one, or let go of it."""
    st.session_state.pop(KEY, None)
    if done is not None:
        st.session_state[KEY] = done


def may_keep() -> bool:
    """Whether this visitor may keep catalogues by name, and open and remove those that are kept.

    `SSLREC_KEEP_CATALOGUES` says so for everybody. Without it, who sits at this very machine may: the connection comes
    from here, the page's own address is this machine's, and no proxy says that it speaks for somebody else. All three,
    since a proxy on the same machine also connects from here. A browser cannot get past that, but where such a proxy
    says nothing of whom it speaks for, a script can, by sending this machine's address as the page's: behind a proxy
    the variable has to be 0, as the README says. Files on disk are no other visitor's business.
    """
    said = settings().keep_catalogues
    if said is not None:
        return said
    headers = st.context.headers
    # Streamlit says None for a connection from this machine, but not for one by IPv4 to a socket of both kinds.
    if not _is_here(st.context.ip_address or "::1") or any(headers.get(name) for name in _FORWARDED):
        return False
    # A browser gives both with a web socket; neither can be chosen by a page from elsewhere.
    return all(_is_here(_host(headers.get(name) or "")) for name in ("Host", "Origin"))


def kept_for_all() -> bool:
    """Whether every visitor sees the catalogues that are kept here, not only who works at this machine."""
    return settings().keep_catalogues is True


def _is_here(host: str) -> bool:
    """Whether a name or an address is this machine's own."""
    if host == "localhost":
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return (mapped or address).is_loopback


def _host(address: str) -> str:
    try:
        return urlsplit(address if "//" in address else f"//{address}").hostname or ""
    except ValueError:
        return ""


def kept_for_visitor() -> dict[str, KeptCatalogue]:
    """The kept catalogues that this visitor may open, by what they are called among the choices."""
    return {KEPT + kept.name: kept for kept in kept_catalogues()} if may_keep() else {}


def kept_by_choice(choice: str) -> KeptCatalogue:
    """The kept catalogue of a choice.

    Raises:
        CatalogueError: it is not there any more.
    """
    found = kept_for_visitor().get(choice)
    if found is None:
        known = ", ".join(kept.name for kept in kept_for_visitor().values()) or "builtin"
        raise CatalogueError("request_catalogue", name=choice.removeprefix(KEPT), known=known)
    return found


def own_name(choice: str) -> str | None:
    """What a choice is called where it is no catalogue that comes with the app, else None."""
    if choice.startswith(KEPT):
        return choice.removeprefix(KEPT)
    if choice == OWN:
        own = own_catalogue()
        return t("catalog.own") if own is None else own.name
    return None
