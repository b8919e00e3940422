"""The errors a user can cause.

Each is one sentence that says what came, what is wanted and what to do. An error carries a `code` and
its `params`, so that the screen can say the same sentence in the visitor's language; `str(error)` is
the English one, which the CLI and the API print.
"""

from __future__ import annotations

import re

_LONGEST = 2_000
_UNSEEN = re.compile(r"[\0-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
MESSAGES = {
    "archive_bytes": (
        "The archive '{name}' has {size:,} bytes, more than the {limit:,} allowed; send fewer or smaller pictures."
    ),
    "archive_damaged": "'{name}' cannot be read as a zip archive ({reason}); pack the pictures again.",
    "archive_entries": "'{name}' holds more than the {limit:,} files allowed; send fewer pictures.",
    "archive_unpacked": (
        "'{name}' would unpack to {size:,} bytes, more than the {limit:,} allowed; send fewer or smaller pictures."
    ),
    "artifact_damaged": (
        "The model '{name}' is damaged ({file} does not match its manifest); restore it from the repository "
        "or rebuild it with: {command}"
    ),
    "artifact_missing": (
        "The model '{name}' is not in {folder}; restore the assets folder or rebuild the model with: {command}"
    ),
    "artifact_place": "'{folder}' holds other files than a model; name a new folder, or one that holds a model alone.",
    "catalogue_alike": (
        "The catalogue '{name}' has too few different names to learn on some and measure on others; send one with more."
    ),
    "catalogue_cancelled": "The catalogue '{name}' was cancelled and nothing was kept; start again when it suits.",
    "catalogue_category": ("The catalogue '{name}' has no category '{category}' to show; choose one of: {known}."),
    "catalogue_columns": (
        "The catalogue '{name}' lacks the columns {missing}; build it anew with: python -m sslrec catalog build"
    ),
    "catalogue_drawn": "'{folder}' holds files that 'catalog build' did not leave there; name a new folder.",
    "catalogue_duplicate": "'{name}' has the id '{item}' more than once; give every product an id of its own.",
    "catalogue_empty": "The catalogue '{name}' holds no products; send a table with at least one row.",
    "catalogue_few": (
        "The catalogue '{name}' has {count} products with a name and a picture; to adapt to it at least {limit} are "
        "needed."
    ),
    "catalogue_format": (
        "'{name}' is no Parquet file and so no catalogue; make one of a table with: "
        "python -m sslrec catalog ingest SRC --out DIR"
    ),
    "catalogue_gone": "The catalogue that this training learns from is no longer kept here; bring the catalogue again.",
    "catalogue_guess": (
        "No column of '{name}' looks like a title or a picture ({found}); name one of them 'title' or 'image'."
    ),
    "catalogue_ingested": (
        "'{folder}' holds no ingested catalogue; make one with: python -m sslrec catalog ingest SRC --out {folder}"
    ),
    "catalogue_item": "The catalogue '{name}' has no product '{item}'; choose one that it has.",
    "catalogue_kept": "There is a catalogue '{name}' here already; choose another name, or remove it first.",
    "catalogue_memory": (
        "The products of '{name}' take more than the {limit:,} bytes that a catalogue may take in memory; send "
        "fewer of them."
    ),
    "catalogue_missing": (
        "There is no catalogue '{name}'; name {known}, a Parquet file, or a folder with a catalogue.parquet in it."
    ),
    "catalogue_mount": "'{folder}' is a mount point, which cannot be replaced; name a new folder inside it.",
    "catalogue_name": (
        "'{name}' is no name for a catalogue; use 1 to 60 letters, digits, spaces, dots, dashes or underscores."
    ),
    "catalogue_nothing": (
        "None of the {count:,} rows of '{name}' can be used (the first: {reason}); look at the columns and the "
        "pictures."
    ),
    "catalogue_opening": (
        "The catalogue '{name}' is being made ready ({done:,} of {total:,} products); ask again in a minute."
    ),
    "catalogue_path": "The path '{name}' is not UTF-8, as a catalogue's has to be; rename the folder or the file.",
    "catalogue_picture": "The product '{item}' of the catalogue '{name}' has no picture; choose one that has.",
    "catalogue_pictures": (
        "Once no picture is both learned from and measured on, {count} products of the catalogue are left, too few "
        "different ones; send more with names and pictures of their own."
    ),
    "catalogue_place": (
        "'{folder}' holds other files than a catalogue; name a new folder, or one that holds a catalogue alone."
    ),
    "catalogue_row": "Row {row} of '{name}' has neither a title nor a picture; give it one or leave it out.",
    "catalogue_type": "The column '{column}' of the catalogue '{name}' holds {found}; send it as {wanted}.",
    "catalogue_unbuilt": (
        "The built-in catalogue is not at {path}; restore the assets folder or build it with: python -m "
        "sslrec catalog build"
    ),
    "catalogue_value": "Row {row} of the catalogue '{name}' has no {column}; fill it in or leave the row out.",
    "catalogue_within": "'{folder}' would be replaced while you are in it; go one folder up and name it from there.",
    "data_damaged": "The data set '{name}' at {path} cannot be read ({reason}); fetch it again.",
    "data_download": (
        "The data set '{name}' could not be downloaded ({reason}); check the network and try again, or set "
        "SSLREC_DATA to a folder that holds it."
    ),
    "data_missing": (
        "The data set '{name}' is not on this machine; set SSLREC_DATA to the folder that holds it ({path})."
    ),
    "data_unknown": "There is no data set named '{name}' here; choose one of: {known}.",
    "hub_files": (
        "'{folder}' has no {file}; name a folder with the config.json, model.safetensors and tokenizer.json that "
        "save_pretrained leaves of a model and of its tokenizer."
    ),
    "hub_format": "'{folder}' holds a model that this cannot read ({reason}); name a masked DistilBERT.",
    "hub_missing": "The hub has no '{name}' at revision {revision}; check the name and the revision.",
    "hub_offline": (
        "'{name}' is not on this machine and the hub cannot be reached ({reason}); connect to the network, or name a "
        "folder that holds the model."
    ),
    "hub_revision": "'{revision}' is no full commit hash; name the 40 hexadecimal digits of a revision of '{name}'.",
    "image_blank": "'{name}' shows no ink on its ground; draw or send a picture with one digit on it.",
    "image_empty": "'{name}' is empty (0 bytes); send a PNG, JPEG, WebP, GIF, AVIF, BMP or TIFF picture.",
    "image_format": ("'{name}' is not a picture this reads; send a PNG, JPEG, WebP, GIF, AVIF, BMP or TIFF file."),
    "image_heic": "'{name}' is a HEIC photo, which this does not read; save it as JPEG or PNG and send that.",
    "image_missing": "There is no file '{name}'; check the path.",
    "image_pixels": (
        "'{name}' declares {width} x {height} pixels, more than the {limit:,} allowed; send a smaller picture."
    ),
    "image_too_large": ("'{name}' has {size:,} bytes, more than the {limit:,} allowed; send a smaller picture."),
    "image_too_small": "'{name}' has only {width} x {height} pixels; send at least 4 x 4.",
    "image_truncated": "'{name}' is damaged or cut off; save or send it again.",
    "image_unreadable": "'{name}' cannot be read ({reason}); check its permissions and that it is a file.",
    "language_folder": "'{folder}' holds no model of this app; make one of a DistilBERT's folder with: {command}",
    "language_missing": "'{folder}' is no folder; name one that 'train language' or 'text hub' left.",
    "language_task": "'{name}' is of the task '{task}' and fills no gaps; choose one that 'text hub' left.",
    "picture_ambiguous": "Several pictures are called '{picture}'; write its folder in front of its name.",
    "picture_archive": (
        "'{picture}' is an archive inside the archive, which is not opened; pack the pictures themselves."
    ),
    "picture_bomb": (
        "'{picture}' unpacks to {ratio} times its packed size, more than the {limit:,} allowed; save it again."
    ),
    "picture_damaged": "'{picture}' cannot be unpacked ({reason}); pack it again.",
    "picture_encrypted": "'{picture}' is encrypted; pack it without a password.",
    "picture_link": "'{picture}' is a link to another file, which is not followed; pack the picture itself.",
    "picture_missing": "The picture '{picture}' is not among those sent; send it, or leave the cell empty.",
    "picture_path": "'{picture}' would lie outside the archive's own folder; pack it under a plain name.",
    "picture_suffix": "'{picture}' is not called like a picture; PNG, JPEG, WebP, GIF, AVIF, BMP and TIFF are read.",
    "picture_url": "'{picture}' is an address on the network, and nothing is fetched; send the picture in a zip.",
    "policy_rate": "A learning rate of {rate} trains nothing; choose a positive number, such as 0.001.",
    "policy_unknown": "There is no learning-rate policy named '{name}'; choose one of: {known}.",
    "query_empty": "There is neither a text nor a picture to go by; give at least one of them.",
    "query_left_out": (
        "'{words}' says only what is not wanted or what it may cost; say what is wanted, or add a picture."
    ),
    "query_not_english": (
        "The text model knows English alone and cannot read '{words}'; write it in English, or add a picture."
    ),
    "query_unknown": "The text model knows no word of '{words}'; use other words, or add a picture.",
    "request_busy": "{count} requests are waiting for an answer already; ask again in a few seconds.",
    "request_catalogue": "There is no catalogue '{name}' to ask for here; choose one of: {known}.",
    "request_field": "The form has no file in its field 'image'; send the picture there: curl -F image=@photo.jpg",
    "request_fields": "The form has more than {limit} fields; send 'text', 'k', 'catalog' and a picture as 'image'.",
    "request_files": "The form has more than one file; send one picture, in 'image', and the other fields as text.",
    "request_form": "There is no form that can be read; send multipart/form-data, a picture as a file in 'image'.",
    "request_long": "A field of the form has more than {limit:,} bytes; shorten it, or send a picture as a file.",
    "request_method": "{path} does not take {method}; use {allowed}.",
    "request_number": "The field '{name}' is '{value}'; send a whole number from {low} to {high}.",
    "request_path": "There is no {path} here; use GET /api/health, POST /api/digits or POST /api/recommend.",
    "request_text": "The field '{name}' came as a file; send it as plain text.",
    "row_cells": (
        "Line {line} has {count:,} cells where the header has {wanted}; put cells that hold the separator in quotes."
    ),
    "row_duplicate": "Line {line} has the id '{item}' of an earlier one; give every product an id of its own.",
    "row_json": 'Line {line} is no JSON object; write one object a line, such as {{"title": "Red mug"}}.',
    "row_long": "Line {line} is longer than a product can be; end the line after every product.",
    "row_nothing": "Line {line} has neither a title nor a picture; give it one of them.",
    "row_quote": "In line {line} a quote is opened that is not closed; close it, or take it away.",
    "row_unreadable": "Line {line} cannot be read; look for a quote that is not closed.",
    "row_variant": (
        "Line {line} is another size or picture of '{item}', whose first row counts; to make it a product, give it "
        "an id and a title of its own."
    ),
    "run_busy": (
        "The run '{run}' is {status}, where '{command}' has no effect; look at its page for what it takes now."
    ),
    "run_changed": (
        "The run in {folder} cannot go on, as its data, its length or the model that it starts from has changed since; "
        "start a new one."
    ),
    "run_choice": "The option '{name}' is '{value}'; choose one of: {known}.",
    "run_config": "These settings are no training run ({reason}); name a task and a data set.",
    "run_crashed": "The training process ended by itself ({reason}); resume the run from step {step}.",
    "run_damaged": "The run in {folder} cannot go on, as its checkpoint cannot be read; start a new one.",
    "run_data": "The task '{task}' does not learn from '{name}'; choose one of: {known}.",
    "run_disk_full": "The disk was full at step {step}; free some space, then resume the run.",
    "run_diverged": (
        "The loss rose from {first:.4g} to {loss:.4g} by step {step}; start again with a lower learning rate."
    ),
    "run_ended": "'{folder}' holds a training that is {status}, so there is nothing to resume; start a new one.",
    "run_exited": "The training process ended by itself (exit code {number}); resume the run from step {step}.",
    "run_folder": "'{folder}' holds no training run; name a folder that 'train' left.",
    "run_foreign": "The run in {folder} cannot go on, as its checkpoint belongs to another model; start a new one.",
    "run_full": (
        "At most {limit} runs are kept here, {alive} have not ended, and there is no room for {count} more; "
        "wait for some to end, then start anew."
    ),
    "run_gone": "The run '{run}' is not here any more; press '{back}' to go on without it.",
    "run_interrupted": "The training was interrupted at step {step}; resume it to go on from there.",
    "run_killed": "The training process was ended from outside (signal {signal}); resume the run from step {step}.",
    "run_left": "Nobody watched any more at step {step}; resume the run to go on from there.",
    "run_missing": "There is no run '{run}' here; start a new one.",
    "run_not_finite": "The loss became {loss} at step {step}; start again with a lower learning rate.",
    "run_number": "'{name}' is {value}; choose a whole number from {low} to {high}.",
    "run_option": "The task '{task}' has no option '{name}'; its options: {known}.",
    "run_paused": "The run was paused at step {step} while others waited; resume it to join the queue again.",
    "run_race": "A race has {count} runs; choose 2 to {limit} with the same task, data and seed.",
    "run_room": (
        "At most {limit} runs are kept here (SSLREC_MAX_RUNS), and {count} were to start at once; start fewer of them."
    ),
    "run_size": (
        "The language model that is here is of the size {found}, not {size}; choose {found}, or start from scratch."
    ),
    "run_task": "There is no task named '{name}'; choose one of: {known}.",
    "run_unfinished": "'{folder}' holds a run that is not finished; resume it with: {command}",
    "run_unreadable": "The files of the run '{run}' cannot be read any more; start a new one.",
    "run_unwritten": "Nothing can be written to '{folder}'; free some space or mend its permissions, then try again.",
    "table_bytes": (
        "'{name}' has {size:,} bytes, more than the {limit:,} allowed; send fewer rows, and pictures in a zip."
    ),
    "table_cells": "'{name}' has more cells than are read of a workbook; save it as CSV and send that.",
    "table_column": "'{name}' has no column '{column}'; choose one of: {known}.",
    "table_damaged": "'{name}' cannot be read as {kind} ({reason}); save it again.",
    "table_encoding": "'{name}' is not encoded as {encoding}; leave the encoding open, or name another.",
    "table_field": "A catalogue has no field '{field}'; choose one of: {known}.",
    "table_folder": "'{name}' is a folder, where one file is wanted; name one of the files in it.",
    "table_kind": (
        "'{name}' is no table that is read here; send Excel (.xlsx), CSV, TSV, Parquet, or JSON with one object a line."
    ),
    "table_missing": "There is no file '{name}'; check the path.",
    "table_pipe": "'{name}' is a pipe or a device, which cannot be read twice; save it as a file and name that.",
    "table_rows": (
        "'{name}' has {count:,} rows, more than the {limit:,} allowed; send fewer, or take the first ones alone."
    ),
    "table_unpacked": "'{name}' unpacks to {size:,} bytes, {limit:,} are allowed; save it as CSV or send fewer rows.",
    "table_zip": "'{name}' is a zip, where a table is wanted; send the table itself, and only its pictures as a zip.",
    "text_empty": "There is no text; write a sentence, with [MASK] where a word is missing.",
    "text_encoding": "'{path}' is no UTF-8 text; save it as UTF-8 and send it again.",
    "text_foreign": (
        "The vocabulary is English and cannot spell most of this text ({share} of its pieces are unknown); send an "
        "English one."
    ),
    "text_gap_beyond": "All gaps lie beyond the {limit} pieces that the model reads; shorten the text.",
    "text_long": "The text has {count:,} pieces, more than the {limit:,} that the model reads; shorten it.",
    "text_no_gap": "The text has no gap; write [MASK] where a word is missing.",
    "text_short": (
        "Of the {limit} different sentences that a training needs the text has {count}; send more of it, one a line."
    ),
    "token_ids": (
        "Piece number {id} is not one of the {limit:,} of the vocabulary; use the tokenizer that the "
        "model was trained with."
    ),
    "tokenizer_damaged": "The tokenizer at {path} cannot be read ({reason}); restore it from the repository.",
    "too_many_files": "{count} files came, and the first {limit} are read; send the others separately.",
}
"""The English sentence of each code; the Chinese ones are in `sslrec/ui/texts`."""


class SslrecError(Exception):
    """An error with a sentence for the person who caused it.

    Args:
        code: a key of `MESSAGES`.
        params: what fills the sentence's braces. Names and texts come from anybody: what commands a terminal, breaks a
            line or turns it round becomes a mark, and what is very long is cut off.
    """

    def __init__(self, code: str, **params: object) -> None:
        self.code = code
        self.params = {name: _plain(value) if isinstance(value, str) else value for name, value in params.items()}
        super().__init__(MESSAGES[code].format(**self.params))


def _plain(text: str) -> str:
    return _UNSEEN.sub("�", text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…")


class ArtifactError(SslrecError):
    """A trained model is missing or damaged, or must not be put where it was asked to."""


class CatalogueError(SslrecError):
    """A table is no catalogue, or there is no such catalogue or picture."""


class DataError(SslrecError):
    """A data set is unknown, missing or damaged."""


class HubError(SslrecError):
    """A pretrained model of a folder or of the hub cannot be had."""


class ImageError(SslrecError):
    """A picture cannot be used."""


class PolicyError(SslrecError):
    """A learning-rate policy is unknown or cannot be set up so."""


class QueryError(SslrecError):
    """There is nothing in a query that the recommender could go by."""


class RequestError(SslrecError):
    """An HTTP request is not one that is answered here."""


class RunError(SslrecError):
    """A training run cannot be started, found or told what to do."""


class TextError(SslrecError):
    """A text, its pieces or its tokenizer cannot be used."""
