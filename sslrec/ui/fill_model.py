"""What the language model is, in figures."""

from __future__ import annotations

from html import escape

from sslrec.serving.language import LanguageReader
from sslrec.ui.digit_parts import block
from sslrec.ui.language import t


def model_facts(reader: LanguageReader) -> str:
    """Size, length, file and command of a model.

    Args:
        reader: of the model.
    """
    size, artifact = reader.config, reader.artifact
    foreign = "_foreign" if artifact.manifest.config.get("foreign") else ""
    facts = (
        (f"{size['n_layers']} × {size['n_heads']}", t("model.layers")),
        (str(size["dim"]), t("model.width")),
        (f"{size['vocab_size']:,}", t("model.vocabulary")),
        (f"{artifact.manifest.metrics.get('weights', 0) / 1e6:.1f} M", t(f"model.weights{foreign}")),
        (f"{artifact.file('fill-in.tflite').stat().st_size / 1e6:.1f} MB", t("model.file")),
    )
    boxes = "".join(f"<div><b>{escape(value)}</b><span>{escape(name)}</span></div>" for value, name in facts)
    command = f"<p>{escape(t(f'model.command{foreign}'))} <code>{escape(artifact.manifest.command)}</code></p>"
    return block(boxes, "figures") + block(command, "note")
