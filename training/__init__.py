"""What makes models: sources, corpus, encoder, fine-tuning, export, evaluation."""
