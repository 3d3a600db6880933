"""The pretrained multilingual encoder: where it comes from, and its vocabulary pruned to what is served."""
