"""Applications: form, CV checks, status pages and inbox."""
