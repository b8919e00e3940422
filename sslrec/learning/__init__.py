"""The Keras wing: models, objectives, the training loop. The only room that imports keras or tensorflow."""

import os

# TensorFlow brings oneDNN and uses it of itself on processors with AVX-512 VNNI and later ones only. Measured on two
# AVX2 cores, a step of the recommender's image tower takes 1.7 to 2 times as long without it.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
