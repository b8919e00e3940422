"""What does not fit among the rows of a table and the pictures that came with it, said before the start."""

from __future__ import annotations

from sslrec.ui.catalogue_live import reason_of
from sslrec.ui.catalogue_visit import Visit
from sslrec.ui.language import t


def misfits_title(visit: Visit) -> str:
    """What stands above `misfits`: whether rows are left out, or pictures alone are missing."""
    fit = visit.fit()
    return t("found.misfits") if fit.bad else t("found.misfits_pictures") if fit.lacking else ""


def misfits(visit: Visit) -> list[str]:
    """What does not fit among the rows that were looked at, a sentence each."""
    fit = visit.fit()
    said = []
    if fit.lacking:
        sent = "" if visit.pictures else "_all"
        first = t(f"found.lacking_first{sent}", count=fit.lacking, rows=fit.rows)
        said.append(first if fit.is_part else t(f"found.lacking{sent}", count=fit.lacking))
    if fit.bad:
        said.append(t("found.bad_first" if fit.is_part else "found.bad", count=fit.bad, rows=fit.rows))
    if unused := _unused(visit):
        said.append(unused)
    if said:
        said += [f"– {reason_of(error)}" for error in fit.reasons]
    return said


def _unused(visit: Visit) -> str:
    """That pictures were sent of which the rows that were looked at use none; empty where they use some."""
    fit = visit.fit()
    if not visit.archive or fit.uses_pictures:
        return ""
    item_id = next((found.draft.item_id for found in fit.sample), "A1")
    key = "found.unused_first" if fit.is_part else "found.unused"
    return t(key, count=len(visit.archive), name=f"{item_id}.jpg", rows=fit.rows)
