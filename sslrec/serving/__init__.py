"""The LiteRT wing: answers without TensorFlow."""
