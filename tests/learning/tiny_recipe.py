"""A recipe that is traced in no time: two dense layers and a BatchNormalization rebuild digits with holes."""

from functools import cache

import keras
import tensorflow as tf

from sslrec.data.digits import DigitData, load
from sslrec.learning.loop import Schedule
from sslrec.learning.objectives.reconstruction import binary_cross_entropy
from sslrec.learning.recipes.exhibits import exhibit, png, ten_digits, to_uint8
from sslrec.learning.tasks.autoencoder import to_float
from sslrec.runs.events import Item
from sslrec.runs.tasks import TaskSpec

SPEC = TaskSpec("tests.learning.tiny_recipe", ("digits",), "Two layers.", lambda options: "tiny", {})


@cache
def digits() -> DigitData:
    """Read once: that takes longer than a training."""
    return load("digits")


class TinyTask:
    def __init__(self, data):
        layers = keras.layers
        self.model = keras.Sequential(
            [
                keras.Input((28, 28, 1)),
                layers.Flatten(),
                layers.Dense(8, use_bias=False),
                layers.BatchNormalization(),
                layers.Dense(784),
                layers.Reshape((28, 28, 1)),
            ]
        )
        self.size = 360
        self.images = tf.constant(to_float(data.x_fit[: self.size]))
        self.held_out = tf.constant(to_float(data.x_validation[:50]))

    def loss(self, indices, seed):
        images = tf.gather(self.images, indices)
        whole = tf.random.stateless_uniform(tf.shape(images), seed) < 0.7
        return binary_cross_entropy(images, self.model(images * tf.cast(whole, tf.float32), training=True)), {}

    def validate(self):
        return {"validation_loss": float(binary_cross_entropy(self.held_out, self.model(self.held_out)))}


class TinyRecipe:
    def __init__(self, config):
        data = digits()
        self.task = TinyTask(data)
        self.schedule = Schedule(
            config.epochs or 2, config.batch_size or 60, config.learning_rate or 1e-2, policy=config.policy
        )
        self.source = (data.name, data.sha256)
        self.built_on = {"another": "0" * 64}
        images = data.x_validation[ten_digits(data)]
        self.shown = tf.constant(to_float(images))
        self.inputs = [Item((png(image),)) for image in images]

    def show(self, step, epoch):
        rebuilt = tf.sigmoid(self.task.model(self.shown))[..., 0].numpy()
        return exhibit(step, epoch, "reconstruction", self.inputs, [Item((png(to_uint8(one)),)) for one in rebuilt])

    def export(self, folder):
        (folder / "model.txt").write_text(str(float(tf.reduce_sum(self.task.model.trainable_variables[0]))))

    def finish(self, folder, on_event):
        self.export(folder)
        return self.task.validate()


def build(config):
    return TinyRecipe(config)
