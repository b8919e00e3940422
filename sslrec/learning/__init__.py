"""The Keras wing: models, objectives, the training loop. The only room that imports keras or tensorflow."""
