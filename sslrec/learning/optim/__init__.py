"""Learning rates that adapt: optimizers and callbacks for any Keras `fit`, and the policies of the training loop."""
