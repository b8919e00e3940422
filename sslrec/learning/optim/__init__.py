"""Learning rates that adapt: optimizers and callbacks for any Keras `fit`, and the policies of the training loop.

In any `fit`:

    model.compile(Prodigy(use_bias_correction=True), loss="mse")  # finds its rate itself
    model.compile(HypergradientAdam(1e-3, rule="multiplicative", hyper_rate=0.02), loss="mse")
    model.compile(ScheduleFreeAdamW(2.5e-3), loss="mse")
    model.fit(x, y, callbacks=[ScheduleFreeCallback(lambda: [x])])  # measures and saves the averaged weights
    model.fit(x, y, validation_split=0.1, callbacks=[AdaptiveLearningRateCallback("val_loss")])
    keras_range_test(model, next_batch).suggested  # leaves the model as it was

In the training loop a policy brings optimizer and rate together: `make_policy("auto", 1e-3)`. Of the policies `auto`
and `prodigy` need no initial rate.
"""
