"""How good a released model is, measured through the engine that serves it."""
