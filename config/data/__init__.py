"""The Data page: bringing data in, taking it along, and keeping it safe."""
