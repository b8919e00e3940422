"""Bounded channels between threads, and a pipeline over them.

A channel has a send end and a receive end; both can be cloned, and each clone is closed by whoever uses it. The words
and the rules are those of anyio's memory object streams, for threads:

    send, receive = create_channel(limit=8)
    threading.Thread(target=produce, args=(send,)).start()  # send.send(item), at the end send.close()
    for item in receive:                                    # until the last send end is closed
        ...

A pipeline reads rows, takes each modality of a row through stages of its own, joins the row's parts again and gives
batches. Every buffer is bounded, so the slowest stage sets the pace and memory does not grow with the catalogue:

    rows = (Row(item_id, {"image": data, "text": title}) for item_id, data, title in shop)
    stages = {
        "image": (Stage("decode", decode, workers=2), Stage("encode", image_encoder, batch=32, per_worker=True)),
        "text": (Stage("tokenize", tokenize), Stage("encode", text_encoder, batch=32, per_worker=True)),
    }
    with Pipeline(rows, stages, batch_size=64) as pipeline:
        for batch in pipeline:
            index.add(batch.keys, batch.parts["image"], batch.parts["text"])
    print(pipeline.counts(), pipeline.rejected)

A stage that raises `Reject` or a `SslrecError` rejects the item; any other exception stops the pipeline and comes out
of the loop. `statistics()`, `counts()` and `cancel()` may be called from any thread while it runs.
"""

from anyio import BrokenResourceError, ClosedResourceError, EndOfStream, WouldBlock

from sslrec.channels.channel import ReceiveStream, SendStream, create_channel
from sslrec.channels.join import Policy
from sslrec.channels.pipeline import Pipeline
from sslrec.channels.rows import Batch, Cancelled, Counts, Reject, Rejected, Row, Stage
from sslrec.channels.state import ChannelStatistics

__all__ = [
    "Batch",
    "BrokenResourceError",
    "Cancelled",
    "ChannelStatistics",
    "ClosedResourceError",
    "Counts",
    "EndOfStream",
    "Pipeline",
    "Policy",
    "ReceiveStream",
    "Reject",
    "Rejected",
    "Row",
    "SendStream",
    "Stage",
    "WouldBlock",
    "create_channel",
]
