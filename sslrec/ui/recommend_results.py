"""What the Recommend page shows of an answer: products as cards, the query as a sum, three rankings side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from html import escape
from pathlib import Path

from sslrec.data.catalogue import Product
from sslrec.serving.catalogues import CatalogueIndex
from sslrec.serving.recommendation import FUSED, Answer, Note, Ranked, Reason
from sslrec.ui.digit_parts import block
from sslrec.ui.language import current_language, has_text, t
from sslrec.ui.recommend_examples import title_at, title_of
from sslrec.ui.recommend_facts import category_fact, fact
from sslrec.ui.recommend_pictures import product_uri
from sslrec.ui.recommend_widgets import Card

MODALITIES = ("text", "image")
_UNSAID = ("kind", "shade", "title_zh", "masterCategory", "year")
"""Attributes that a card does not repeat."""

FACTS = 6
"""Facts on a card, at most."""


@cache
def style() -> str:
    """The page's style sheet."""
    return f"<style>{(Path(__file__).parent / 'recommend.css').read_text('utf-8')}</style>"


def price_of(product: Product) -> str:
    """A product's price; empty where it has none."""
    if product.price is None:
        return ""
    return f"{product.price:.3g}" if 0 < product.price < 0.01 else f"{product.price:,.2f}"


def facts_of(product: Product) -> str:
    """Category and attributes on one line, less what the title says; in Chinese what there is a word for."""
    title = product.title.casefold()
    said = [category_fact(product.category or "")]
    said += [fact(value) for name, value in product.attributes.items() if name not in _UNSAID]
    known = [value for value in said if value and value.casefold() not in title]
    if current_language() != "en" and "title_zh" in product.attributes:
        known = [value for value in known if has_text(f"value.{value}")]
    return " · ".join(list(dict.fromkeys(value_name(value) for value in known))[:FACTS])


def value_name(value: str) -> str:
    """A category or attribute in the visitor's language, where there is a word for it."""
    return t(f"value.{value}") if has_text(f"value.{value}") else value


def plain_card(index: CatalogueIndex, row: int, opinion: str = "") -> Card:
    """A product that nothing was asked about."""
    product = index.catalogue.product(row)
    return Card(
        product.item_id,
        product_uri(index.catalogue, row),
        title_of(product),
        price_of(product),
        facts_of(product),
        opinion=opinion,
    )


def card(index: CatalogueIndex, item: Ranked, reasons: Sequence[Reason], opinion: str = "") -> Card:
    """A product of an answer."""
    plain = plain_card(index, item.row, opinion)
    shares = shares_of(item.contributions)
    return Card(
        plain.id,
        plain.picture,
        plain.title,
        plain.price,
        plain.facts,
        "" if item.score is None else score_of(item.score),
        str(item.place),
        shares,
        tuple((t(f"grid.share_{name}"), share) for name, share in said_shares(shares).items()) if shares else (),
        _alone(item) if len(item.contributions) > 1 else "",
        reason_of(index, reasons),
        opinion,
    )


def said_shares(shares: Mapping[str, float]) -> dict[str, str]:
    """Two shares of a whole as per cent that sum to 100; what plays a part at all is never said to play none."""
    return {name: f"{min(max(round(100 * share), share > 0), 100 - (share < 1)):d} %" for name, share in shares.items()}


def _alone(item: Ranked) -> str:
    """What each modality would make of a product without the other: its place, and what its score would be."""
    said = [t("grid.ranks", text=item.ranks["text"], image=item.ranks["image"])]
    if item.score is not None and item.falls:
        left = {name: score_of(item.score - fall) for name, fall in item.falls.items()}
        said.append(t("grid.falls", text=left["text"], image=left["image"]))
    return "\n".join(said)


def score_of(score: float) -> str:
    """A probability with two digits; never rounded up to 1."""
    return f"{min(score, 0.99):.2f}" if score < 1 else "1.00"


def shares_of(contributions: Mapping[str, float]) -> dict[str, float] | None:
    """The part of each modality in a score, which sum to 1; a part below zero counts as none.

    Args:
        contributions: each modality's part of the cosine.

    Returns:
        The shares of text and picture; None where there is only one of them, or neither speaks for the product.
    """
    parts = {name: max(0.0, contributions[name]) for name in MODALITIES if name in contributions}
    total = sum(parts.values())
    return {name: part / total for name, part in parts.items()} if len(parts) > 1 and total > 0 else None


def reason_of(index: CatalogueIndex, reasons: Sequence[Reason]) -> str:
    """Why a product is there, a line for each reason."""
    said = []
    for reason in reasons:
        if reason.row is not None:
            said.append(t("reason.like", title=title_at(index.catalogue, reason.row)))
        else:
            said.append(t("reason.word", word=reason.value) if reason.kind == "word" else t("reason.picture"))
    return "\n".join(said)


def slider_ends(left: str, right: str) -> str:
    """What the two ends of a slider mean."""
    return block(f"<span>{escape(left)}</span><span>{escape(right)}</span>", "sides")


def welcome(compared: int, asked: bool) -> str:
    """What stands in the answer's place while there is nothing to go by.

    Args:
        compared: how many products the catalogue shows.
        asked: whether something was asked that nothing could be made of.
    """
    title = t("welcome.anyway" if asked else "welcome.title")
    return block(f"<h3>{escape(title)}</h3><p>{escape(t('welcome.how', count=compared))}</p>", "equation")


def summary(answer: Answer, picture: str, alt: str, likes: int, compared: int) -> str:
    """The query as an equation, what each part counts, and how long the answer took.

    Args:
        answer: of the recommender.
        picture: the query's picture as a data URI; empty where there is none.
        alt: what the picture shows.
        likes: how many products the visitor likes.
        compared: how many products the catalogue shows.
    """
    terms = []
    if picture and "image" in answer.gates:
        terms.append(f'<img src="{picture}" alt="{escape(alt)}">')
    if answer.query.text:
        text = answer.query.text if len(answer.query.text) <= 60 else answer.query.text[:59] + "…"
        terms.append(f"<q>{escape(text)}</q>")
    if likes:
        terms.append(f"<span>♥ {escape(t('likes.count', count=likes))}</span>")
    # Dislikes alone are a query without a term.
    equation = f'<div class="sx-terms">{"<b>+</b>".join(terms)}</div>' if terms else ""
    bar = ""
    if len(answer.gates) > 1:
        shares = said_shares(answer.gates)
        said = [t(f"summary.gate_{name}", share=shares[name]) for name in MODALITIES]
        widths = "".join(f'<i class="sx-{name}" style="flex-grow:{answer.gates[name]:.3f}"></i>' for name in MODALITIES)
        bar = (
            f'<div class="sx-gates"><span>{escape(said[0])}</span>'
            f'<div role="img" aria-label="{escape("; ".join(said))}">{widths}</div><span>{escape(said[1])}</span></div>'
        )
    found = t("summary.found", count=answer.total, compared=compared, milliseconds=f"{answer.milliseconds:.1f}")
    return block(f'{equation}{bar}<p role="status">{escape(found)}</p>', "equation")


def said_notes(notes: Sequence[Note], has_picture: bool) -> list[str]:
    """What the visitor should know about how the text was read, a sentence each."""
    sentences = []
    for note in notes:
        words = ", ".join(note.words)
        ending = "_picture" if has_picture and note.code in ("text_unknown", "text_not_english") else ""
        sentences.append(t(f"said.{note.code}{ending}", words=words))
    return sentences


def rankings(index: CatalogueIndex, lists: Mapping[str, Sequence[Ranked]]) -> str:
    """Rankings side by side; each product with its rank in all of them.

    Args:
        index: the catalogue.
        lists: the best of each ranking, by `text`, `fused` and `image`; one that the query lacks is not there, and one
            of which the filters leave no product is empty.
    """
    columns = []
    for name in ("text", FUSED, "image"):
        rows = "".join(_ranked(index, item, name, lists) for item in lists.get(name, ()))
        body = f"<ol>{rows}</ol>" if name in lists else f"<p>{escape(t(f'compare.no_{name}'))}</p>"
        columns.append(
            f'<section class="sx-{name}"><h3>{escape(t(f"compare.{name}"))}</h3>'
            f"<small>{escape(t(f'compare.{name}_how'))}</small>{body}</section>"
        )
    return block("".join(columns), "compare")


def _ranked(index: CatalogueIndex, item: Ranked, by: str, lists: Mapping[str, Sequence[Ranked]]) -> str:
    product = index.catalogue.product(item.row)
    ranks = {**item.ranks, FUSED: item.rank}
    scores = {"text": item.text_score, "image": item.image_score, FUSED: item.score}
    others = ""
    for name in ("text", FUSED, "image"):
        if name != by and name in ranks and lists.get(name):
            near = " sx-near" if ranks[name] <= len(lists[name]) else ""
            spoken = escape(t(f"compare.rank_{name}", rank=ranks[name]))
            short = escape(t(f"compare.short_{name}"))
            others += f'<span class="sx-{name}{near}" title="{spoken}">{short} {ranks[name]}</span>'
    score, title = scores[by], escape(title_of(product))
    return (
        f'<li><img src="{product_uri(index.catalogue, item.row)}" alt="" loading="lazy"><div title="{title}">'
        f'<p>{title}</p><p class="sx-ranks">'
        f"<b>{'' if score is None else score_of(score)}</b>{others}</p></div></li>"
    )
