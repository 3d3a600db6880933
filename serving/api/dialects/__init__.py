"""Others' protocols over the same service, one a module."""
