"""Catalogues of anybody's: through bounded channels into the encoders and the index."""

from sslrec.serving.ingest.ingestion import Ingestion
from sslrec.serving.ingest.progress import Ingested, IngestProgress, Rejection

__all__ = ["IngestProgress", "Ingested", "Ingestion", "Rejection"]
