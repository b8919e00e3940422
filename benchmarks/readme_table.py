"""Write the measured figures into the README, between its two `figures` markers.

Reads what `python -m sslrec evaluate ...` and the other benchmarks keep in `assets/results`, as far as it is there.
"""

from __future__ import annotations

import json
from typing import Any

from benchmarks.readme_speed import RESULTS, speed_figures
from benchmarks.support import ROOT

README = ROOT / "README.md"
BEGIN, END = "<!-- figures -->", "<!-- /figures -->"

BUDGETS = {"1": "10 labels", "10": "100 labels", "100": "1,000 labels", "all": "all labels"}
METHODS = {
    "scratch": "from scratch",
    "frozen": "pretrained, frozen, linear head",
    "finetuned": "pretrained, fine-tuned",
}


def table(head: list[str], rows: list[list[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def percent(share: float) -> str:
    """A share in per cent, with two digits."""
    return f"{share * 100:.2f} %"


def interval(figure: dict[str, Any]) -> str:
    """A mean, with its 95 % interval where it has a width."""
    if figure["low"] == figure["high"]:
        return percent(figure["mean"])
    return f"{percent(figure['mean'])} ({figure['low'] * 100:.2f}–{figure['high'] * 100:.2f})"


def digit_figures(results: dict[str, Any]) -> str:
    """The figures of the digit models as Markdown."""
    budgets = results["label_budgets"]
    accuracy = table(
        ["accuracy on the 10,000 MNIST test digits", *BUDGETS.values()],
        [[words, *(interval(budgets[method][budget]) for budget in BUDGETS)] for method, words in METHODS.items()],
    )
    rebuilt = table(
        ["autoencoder", "BCE above the entropy floor", "MSE", "MSE of PCA with as many numbers"],
        [
            [f"code of {code} numbers", f"{found['excess']:.4f}", f"{found['mse']:.5f}", f"{found['pca_mse']:.5f}"]
            for code, found in results["reconstruction"].items()
        ],
    )
    novelty, restored = results["novelty"], results["restoration"]
    others = table(
        ["task", "figure"],
        [
            ["digits of any place, size and pen on a 56x56 canvas", f"{interval(results['canvas'])} right"],
            [
                "MNIST told from Fashion-MNIST",
                f"AUROC {novelty['auroc']:.5f}; {percent(novelty['digits_turned_away'])} of the digits turned away, "
                f"{percent(novelty['others_let_in'])} of the others let in",
            ],
            [
                "digits with two holes and noise, rebuilt",
                f"MSE {restored['damaged_mse']:.4f} damaged, {restored['denoiser']['mse']:.4f} rebuilt",
            ],
        ],
    )
    return "\n\n".join([accuracy, rebuilt, others])


RETRIEVAL = {"text_to_image": "a name, to its picture", "image_to_text": "a picture, to its name"}
SYSTEMS = {
    "image": "picture alone",
    "text": "text alone",
    "sum": "plain sum",
    "fused": "fusion head",
    "tfidf": "TF-IDF alone",
    "hand_made": "colours and edges alone",
    "rank_fusion": "TF-IDF and colours and edges, ranks fused",
}
WORDS = {
    "pictures": "by their pictures alone",
    "products": "by pictures and names",
    "baseline": "by TF-IDF and hand-made features of the pictures",
}
PROBES = {
    "encoder": "picture tower",
    "random_encoder": "picture tower, random weights",
    "raw_pixels": "pixels",
    "colour_histogram": "colour histogram",
}


def recommender_figures(results: dict[str, Any]) -> str:
    """The figures of the recommender as Markdown."""
    retrieval = table(
        ["fashion products, names never seen", "R@1", "R@5", "R@10"],
        [
            [
                f"{words} among {results['retrieval'][gallery]['items']:,}"
                f"{'' if system == 'towers' else ': TF-IDF and hand-made features'}",
                *_recalls(figures),
            ]
            for gallery in ("1000", "all")
            for direction, words in RETRIEVAL.items()
            for system, figures in results["retrieval"][gallery][direction].items()
        ],
    )
    composed, half = results["composed"], results["half_query"]
    queries = table(
        [
            f"among {results['data']['held_out']:,} products",
            '"this, but in ...": NDCG@10',
            "P@10",
            "half a name and a crop: R@1",
            "R@10",
        ],
        [
            [
                words,
                *(interval(composed[system][figure]) for figure in ("ndcg@10", "p@10")),
                *(interval(half[system][figure]) for figure in ("r@1", "r@10")),
            ]
            for system, words in SYSTEMS.items()
        ],
    )
    asked = results["words"]
    found = ", ".join(f"{interval(asked[system]['p@10'])} {meant}" for system, meant in WORDS.items())
    single = (
        f"Of the 10 products found for a single word (each of {asked['queries']} that 10 names or more have), so many "
        f"have it in their name: {found}."
    )
    more, over = composed["fused_over_best_single"], composed["fused_less_sum"]
    verdict = (
        f'For "this, but in ..." the fusion head\'s NDCG@10 is {more["mean"]:.1f} times '
        f"({more['low']:.1f}–{more['high']:.1f}) that of the better single modality, and {over['mean']:.2f} "
        f"({over['low']:.2f}–{over['high']:.2f}) above the plain sum's."
    )
    probes = results["probes"]
    kinds = table(
        [f"kind of product ({probes['classes']}) from a frozen picture", "linear", "nearest neighbours"],
        [[words, *(interval(probes[name][how]) for how in ("linear", "knn"))] for name, words in PROBES.items()],
    )
    errors = results["calibration"]["expected_calibration_error"]
    calibrated = ", ".join(f"{errors[name]:.3f} {words}" for name, words in CALIBRATED.items())
    scores = f"Expected calibration error of the scores: {calibrated}."
    note = "The intervals are over queries (bootstrap), of one model, seed 0."
    return "\n\n".join([retrieval, single, queries, verdict, kinds, f"{scores} {note}"])


CORPORA = {
    "film_abstracts": "film abstracts",
    "gutenberg": "books",
    "wikitext2": "WikiText-2",
    "product_names": "product names",
}
GUESSERS = ("model", "trigram", "unigram")
PROBED = {
    "pretrained": "words that the pretrained model expects",
    "scratch": "the same of random weights",
    "pretrained_states": "mean of the pretrained model's states",
    "scratch_states": "the same of random weights",
    "tfidf": "TF-IDF",
}


def language_figures(results: dict[str, Any]) -> str:
    """The figures of the language model as Markdown."""
    rows = [
        [
            f"{CORPORA.get(name, name)}: {who}",
            *(interval(found[who][f"top_{k}"]) for k in (1, 5)),
            f"{found[who]['pseudo_perplexity']:.0f}",
            f"{found['times_trigram']:.2f}" if who == "model" else "",
        ]
        for name, found in results["corpora"].items()
        for who in GUESSERS
    ]
    head = ["hidden words of held-out lines", "first guess right", "among five", "pseudo-perplexity", "times trigram"]
    parts = [table(head, rows)]
    if "genres" in results:
        genres = results["genres"]
        budgets = [budget for budget in genres if budget.isdigit()]
        parts.append(
            table(
                ["genre of a film from its abstract, linear probe", *(f"{budget} labels each" for budget in budgets)],
                [
                    [words, *(interval(genres[budget][method]["test"]) for budget in budgets)]
                    for method, words in PROBED.items()
                ],
            )
        )
        unseen = " and ".join(interval(genres[budget]["pretrained"]["unseen"]) for budget in budgets)
        parts.append(
            "Pretraining has read most of these abstracts, never a genre. Of the "
            f"{genres['unseen_films']} films whose abstracts it has not read, the words that it expects tell {unseen}."
        )
    late = results["latency"]
    parts.append(f"Filling one gap among {late['pieces']} pieces takes {late['median_ms']:.1f} ms at the median.")
    return "\n\n".join(parts)


def pretraining_figures(results: dict[str, Any]) -> str:
    """What the pretrained text tower buys the recommender, as Markdown."""
    found = results["figures"]
    rows = {"pretrained": "text tower pretrained", "scratch": "from scratch"}
    said = (
        f"A recommender that learns for {found['epochs']} epochs from {found['items']:,} fashion products, "
        f"{found['seeds']} seeds; the difference, seed by seed, of R@10 is {interval(found['gain']['r@10'])}."
    )
    head = [f"a name, to its picture among {found['gallery']:,}", "R@1", "R@10"]
    return (
        table(head, [[words, *map(interval, found[start].values())] for start, words in rows.items()]) + "\n\n" + said
    )


CALIBRATED = {"fused": "fused", "text": "by text alone", "image": "by picture alone"}


def _recalls(figures: dict[str, Any]) -> list[str]:
    return [interval(figures[f"r@{k}"]) for k in (1, 5, 10)]


LEARNED = {"autoencoder": "MNIST autoencoder", "contrastive": "contrastive digits", "language": "masked words"}


def learning_rate_figures(results: dict[str, Any]) -> str:
    """How much the initial learning rate matters under each policy, as Markdown."""
    tasks = {name: task for name, task in results["figures"]["tasks"].items() if name in LEARNED}
    policies = next(iter(tasks.values()))["policies"]
    rows = []
    for policy in policies:
        found = [task["policies"][policy] for task in tasks.values()]
        cells = [
            f"{_loss(row['best'])} to {_loss(row['worst'])}; {round(row['area'], 2) + 0.0:.2f}; "
            f"{row['within']} of {row['rates']}; {row['time']:.2f}"
            for row in found
        ]
        rows.append([f"`{policy}`", *cells])
    budgets = ", ".join(f"{LEARNED[name]} {task['steps']} steps" for name, task in tasks.items())
    first = next(iter(tasks.values()))
    rates = next(iter(first["policies"].values()))["rates"]
    steps = ", ".join(f"{1000 * task['seconds']['constant']:.0f}" for task in tasks.values())
    said = (
        f"From which of {rates} initial rates between 1e-5 and 1 does a training end well? {budgets}; seeds each: "
        f"{first['seeds']}. In each cell: the loss from the best rate to that from the worst; how far it is above the "
        "best of tuned constant and cosine Adam, on average over the rates, as a share of that (at most 1); from how "
        f"many of the rates it is within 5 % of it; the time of a step, that of constant Adam ({steps} ms) being 1."
    )
    pictures = " ".join(f"![{LEARNED[name]}](assets/results/learning_rates_{name}.svg)" for name in tasks)
    return "\n\n".join([said, table(["policy", *(LEARNED[name] for name in tasks)], rows), pictures])


def _loss(loss: float | None) -> str:
    return "diverged" if loss is None else f"{loss:.3g}" if loss < 1 else f"{loss:.2f}"


FIGURES = {
    "digits": digit_figures,
    "recommender": recommender_figures,
    "language": language_figures,
    "pretraining": pretraining_figures,
    "learning_rates": learning_rate_figures,
}
"""What writes which file of `assets/results`, other than a row of the speed figures."""


def with_figures(readme: str) -> str:
    """The README's text with the figures of `assets/results` between its markers."""
    before, rest = readme.split(BEGIN)
    _, after = rest.split(END)
    found = {name: RESULTS / f"{name}.json" for name in FIGURES}
    parts = [FIGURES[name](json.loads(path.read_text("utf-8"))) for name, path in found.items() if path.is_file()]
    parts = [part for part in (*parts, speed_figures()) if part]
    return before + BEGIN + "\n\n" + "\n\n".join(parts) + "\n\n" + END + after


def main() -> None:
    """Bring the README up to date."""
    README.write_text(with_figures(README.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
