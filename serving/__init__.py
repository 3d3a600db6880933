"""What answers, fast; never imports torch."""
