"""Speed, as ratios within one run: the machines that run this are shared and noisy."""
