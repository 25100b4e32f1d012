# Guards that keep the shape of the tree, and the full conformance run.
